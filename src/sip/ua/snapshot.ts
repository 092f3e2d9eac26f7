import type { Dialog } from '../dialog/dialog.ts'
import { type DialogSnapshot, type FlowSnapshot, snapshotDialog, snapshotFlow } from '../dialog/snapshot.ts'
import type { SipRequest } from '../message/message.ts'
import type { Flow } from '../transport/flow.ts'
import type { HeaderLines } from './facts.ts'

/** An incoming session as JSON. With `invite`, a final response can still be sent: what a response copies. */
export type IncomingSnapshot = Readonly<{
  kind: 'incoming'
  dialog: DialogSnapshot
  /** Present while nobody has answered it: whether a 2xx may leave after this was stored. */
  answer?: 'none' | 'perhaps'
  invite: Readonly<{ uri: string; lines: HeaderLines }> | null
}>

/** An outgoing session as JSON. With `invite` it was not answered: what a CANCEL copies. */
export type OutgoingSnapshot = Readonly<{
  kind: 'outgoing'
  dialog: DialogSnapshot
  invite: Readonly<{
    uri: string
    routes: readonly string[]
    /** Of the first attempt; attempt n > 1 has `.n` behind it. */
    branch: string
    attempt: number
    /** The Via value of that attempt; null before an address was found. */
    via: string | null
    flow: FlowSnapshot | null
  }> | null
}>

export type SessionSnapshot = IncomingSnapshot | OutgoingSnapshot

const copied = ['via', 'from', 'to', 'call-id', 'cseq'] as const
const spelling = { via: 'Via', from: 'From', to: 'To', 'call-id': 'Call-ID', cseq: 'CSeq' } as const

export function snapshotIncoming(dialog: Dialog, invite: SipRequest | undefined, answering: boolean): IncomingSnapshot {
  const unanswered = dialog.state === 'preparative' || dialog.state === 'early'
  return {
    kind: 'incoming',
    dialog: snapshotDialog(dialog),
    ...(unanswered ? ({ answer: answering ? 'perhaps' : 'none' } as const) : {}),
    invite: invite === undefined ? null : { uri: invite.uri, lines: linesOf(invite) },
  }
}

/**
 * As it is to be revived if it is known from elsewhere that the 2xx which was to leave did: with a BYE, and no final response before it;
 * with none at all if that was acknowledged.
 */
export function sinceAnswered(snapshot: SessionSnapshot, ack: 'awaited' | 'seen'): SessionSnapshot {
  if (snapshot.kind !== 'incoming') return snapshot
  const { answer, ...rest } = snapshot
  const invite = ack === 'seen' ? null : snapshot.invite
  const dialog = answer === 'perhaps' ? ({ ...snapshot.dialog, state: 'moratorium' } as const) : snapshot.dialog
  return { ...rest, dialog, invite }
}

function linesOf(invite: SipRequest): HeaderLines {
  const lines: (readonly [string, string])[] = []
  for (const name of copied) for (const value of invite.headers.all(name)) lines.push([spelling[name], value])
  return lines
}

export function snapshotOutgoing(
  dialog: Dialog,
  invite: Readonly<{
    uri: string
    routes: readonly string[]
    branch: string
    attempt: number
    via: string | undefined
    flow: Flow | undefined
  }>,
): OutgoingSnapshot {
  const { uri, routes, branch, attempt, via, flow } = invite
  const answered = dialog.state !== 'preparative' && dialog.state !== 'early'
  return {
    kind: 'outgoing',
    dialog: snapshotDialog(dialog),
    invite: answered ? null : { uri, routes, branch, attempt, via: via ?? null, flow: snapshotFlow(flow) },
  }
}

/** Attempts of one INVITE (another address, credentials, a longer timer) have branches that a restarted process can work out. */
export function attemptBranch(branch: string, attempt: number): string {
  return attempt === 1 ? branch : `${branch}.${attempt}`
}
