import type { SipRequest } from '../message/message.ts'
import type { SipUri } from '../message/uri.ts'
import type { TransactionLayer } from '../transaction/layer.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import type { Address, Flow } from '../transport/flow.ts'
import type { Resolution, Target } from '../transport/resolve.ts'
import type { CredentialStore } from './credentials.ts'

/** Whoever owns the dialogs of one local tag: a session, or what is left of one after a crash. */
export interface DialogOwner {
  /** A request with our tag in To. */
  receive(transaction: ServerTransaction, request: SipRequest): void
  /** An ACK to a 2xx, with our tag in To. */
  acknowledged(ack: SipRequest): void
}

/** Seconds (RFC 4028). `expires` is what we ask for, `minimum` what we accept (at least 90). */
export type SessionTimerSettings = Readonly<{ expires: number; minimum: number }>

/** What a session may use of its user agent. */
export interface SessionHost {
  readonly layer: TransactionLayer
  readonly credentials: CredentialStore
  /** Undefined: no session timers are asked for (a peer's are honoured). */
  readonly sessionTimer: SessionTimerSettings | undefined
  /** Milliseconds that the user has to answer an INVITE before a 100 goes out. */
  readonly tryingAfter: number
  /** The value of User-Agent and Server; '' for none. */
  readonly product: string
  /** The value of Contact for messages on that flow. */
  contact(flow: Flow): string
  /** A complete Via value. */
  via(flow: Flow, branch: string): string
  /** Where a URI leads, best first; a promise only for names. Empty: nowhere. Never rejects. */
  locate(uri: SipUri): readonly Target[] | Promise<Resolution>
  /** From the listener at `near`, if it leads there. Undefined if there is no transport of that name. */
  flowTo(target: Target, near?: Address): Flow | undefined
  adopt(localTag: string, owner: DialogOwner): void
  release(localTag: string): void
  /** Runs a listener: what it throws is reported, and goes no further. */
  guard(run: () => void): void
}

/** Whoever needs a flow for a request inside a dialog. */
export interface Seeker {
  /** Undefined: there is none. May be called before `reach` returns. */
  reached(flow: Flow | undefined): void
}
