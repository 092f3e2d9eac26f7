import { callId, contacts, cseq, from, routes, to } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Flow } from '../transport/flow.ts'
import { type DialogInput, type DialogState, dialogState } from './state.ts'

export type DialogSide = 'uac' | 'uas'

/**
 * One dialog (RFC 3261 §12) and the state of its INVITE usage (RFC 5407). It builds nothing and sends nothing: it knows what a
 * request inside it must carry, and whether one that came in is in order.
 */
export class Dialog {
  readonly side: DialogSide
  readonly callId: string
  readonly localTag: string
  /** '' until a response brings it. */
  readonly remoteTag: string
  /** What goes into From, tag included. */
  readonly local: string
  /** What goes into To, tag included. */
  readonly remote: string
  /** §12.1: top first, as they go into Route. */
  readonly routes: readonly string[]
  /** CSeq of the INVITE that began it; one more for each time it had to be sent anew. */
  inviteSeq: number
  state: DialogState
  /** The peer's Contact URI; target refreshes change it. */
  target: string
  localSeq: number
  /** Highest CSeq seen from the peer; -1 before the first. */
  remoteSeq: number
  /** Where the peer was last heard. Undefined once restored after a crash without a usable transport. */
  flow: Flow | undefined
  /** True if requests go back on `flow` whatever the target says: the peer itself is at its other end. */
  sticky: boolean

  constructor(parts: DialogParts) {
    this.side = parts.side
    this.callId = parts.callId
    this.localTag = parts.localTag
    this.remoteTag = parts.remoteTag
    this.local = parts.local
    this.remote = parts.remote
    this.routes = parts.routes
    this.inviteSeq = parts.inviteSeq
    this.state = parts.state
    this.target = parts.target
    this.localSeq = parts.localSeq
    this.remoteSeq = parts.remoteSeq
    this.flow = parts.flow
    this.sticky = parts.sticky
  }

  move(input: DialogInput): void {
    this.state = dialogState(this.state, input)
  }

  /** §12.2.1.1: strictly increasing, one step each. ACK and CANCEL do not take one. */
  nextSeq(): number {
    this.localSeq += 1
    return this.localSeq
  }

  /** §12.2.2. A request that is `old` is answered 500; `fresh` ones count from now on. */
  arrived(seq: number): 'fresh' | 'old' {
    if (seq < this.remoteSeq) return 'old'
    this.remoteSeq = seq
    return 'fresh'
  }

  /** §12.2.1.2, §12.2.2: a target refresh request, or its 2xx, may move the peer's Contact. */
  retarget(message: SipRequest | SipResponse): void {
    const contact = contacts(message)[0]
    if (contact !== undefined) this.target = contact.uri
  }
}

export type DialogParts = Readonly<{
  side: DialogSide
  state: DialogState
  callId: string
  localTag: string
  remoteTag: string
  local: string
  remote: string
  routes: readonly string[]
  target: string
  inviteSeq: number
  localSeq: number
  remoteSeq: number
  flow: Flow | undefined
  sticky: boolean
}>

/**
 * The callee's half, made as soon as the INVITE is here (§12.1.1). Undefined if the request lacks what a dialog needs: a Contact,
 * a From, a Call-ID. A missing From tag is a peer of RFC 2543 (§12.1.1): its tag is ''.
 */
export function calleeDialog(invite: SipRequest, localTag: string, flow: Flow): Dialog | undefined {
  const id = callId(invite)
  const caller = from(invite)
  const callee = to(invite)
  const contact = contacts(invite)[0]
  const seq = cseq(invite)
  if (id === undefined || caller === undefined || callee === undefined || contact === undefined || seq === undefined) {
    return undefined
  }
  const path = rawRoutes(invite, false)
  return new Dialog({
    side: 'uas',
    state: 'preparative',
    callId: id,
    localTag,
    remoteTag: caller.tag ?? '',
    local: `${callee.raw};tag=${localTag}`,
    remote: caller.raw,
    routes: path,
    target: contact.uri,
    inviteSeq: seq.seq,
    localSeq: 0,
    remoteSeq: seq.seq,
    flow,
    // One Via: the flow ends at the caller itself, and what its Contact says may lie behind a NAT.
    sticky: path.length === 0 && invite.headers.all('via').length === 1,
  })
}

/**
 * The caller's half, from a response with a To tag (§12.1.2). `flow` is the one the INVITE went out on; `sticky` if it leads to the
 * peer itself (a registered phone).
 */
export function callerDialog(invite: SipRequest, response: SipResponse, flow: Flow, sticky: boolean): Dialog {
  const caller = from(invite)
  const callee = to(response)
  const seq = cseq(invite)?.seq ?? 0
  const path = rawRoutes(response, true)
  return new Dialog({
    side: 'uac',
    state: 'preparative',
    callId: callId(invite) ?? '',
    localTag: caller?.tag ?? '',
    remoteTag: callee?.tag ?? '',
    local: caller?.raw ?? '',
    remote: callee?.raw ?? '',
    routes: path,
    // A provisional response may lack a Contact; then the request's own target stands in for it.
    target: contacts(response)[0]?.uri ?? invite.uri,
    inviteSeq: seq,
    localSeq: seq,
    remoteSeq: -1,
    flow,
    sticky: sticky && path.length === 0,
  })
}

const noRoutes: readonly string[] = Object.freeze([])

function rawRoutes(message: SipRequest | SipResponse, reversed: boolean): readonly string[] {
  const list = routes(message, 'record-route')
  if (list.length === 0) return noRoutes
  const raw = list.map((route) => route.raw)
  return reversed ? raw.reverse() : raw
}
