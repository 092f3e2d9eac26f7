import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Reason, ReasonToSend } from '../message/reason.ts'
import type { FlowFailure } from '../transport/flow.ts'

/** The peer's BYE or CANCEL. */
export type Farewell = Readonly<{
  /** Every Reason value of every line, in order (RFC 3326). */
  reasons: readonly Reason[]
  /** The same, each as received. */
  raw: readonly string[]
  request: SipRequest
}>

/** A 101–199 to our INVITE. */
export type Provisional = Readonly<{
  status: number
  phrase: string
  /** Which fork says so: its To tag, or ''. */
  tag: string
  sdp: string | undefined
  response: SipResponse
}>

/** The first 2xx to our INVITE. Its ACK is on the wire, unless it is held (`InviteSpec.ack`). */
export type Answer = Readonly<{ sdp: string | undefined; tag: string; response: SipResponse }>

/** A 300–699 to our INVITE. */
export type Refusal = Readonly<{
  status: number
  phrase: string
  reasons: readonly Reason[]
  raw: readonly string[]
  /** Contact URIs of a 3xx, best first; nobody follows them but you. */
  contacts: readonly string[]
  /** Seconds. */
  retryAfter: number | undefined
  response: SipResponse
}>

/**
 * No final response to our INVITE. `timeout` is like 408, `transport` like 503 (RFC 3261 §8.1.3.1): no address of the target could be
 * reached. `unresolved`: the target has no address; that it could not be asked for one is `transport`.
 */
export type Failure = Readonly<{ kind: 'timeout' | 'transport' | 'unresolved'; detail: FlowFailure | undefined }>

/**
 * Why an answered call cannot live on. A BYE follows at once, with the reasons of the last column unless the listener ends the
 * session itself in this very callback.
 *
 *     no-ack            our 2xx was never acknowledged           SIP;cause=408;text="ACK timeout"
 *     session-expired   no refresh came, or ours went unanswered SIP;cause=408, Q.850;cause=102
 *     dialog-gone       481 and its kin to a request of ours     Q.850;cause=41
 */
export type Loss = 'no-ack' | 'session-expired' | 'dialog-gone'

/**
 * What became of our own BYE, CANCEL or refusal. `delivered`: the peer answered (whatever it said) or acknowledged.
 * `unconfirmed`: it was sent, and 64·T1 passed. `local-only`: nothing could be sent.
 */
export type Told = 'delivered' | 'unconfirmed' | 'local-only'

/** A final response to an INVITE, and what it carries. */
export type Refuse = Readonly<{
  /** 300–699. */
  status: number
  phrase?: string
  /** RFC 6432: only Q.850 is defined in responses. */
  reasons?: readonly ReasonToSend[]
  headers?: HeaderLines
}>

export type HeaderLines = readonly (readonly [name: string, value: string])[]

/** How to end a session, whatever state it is in: which part is used depends on it (table of `Session.end`). */
export type EndOrder = Readonly<{
  /** For an incoming INVITE that was not answered. */
  refuse: Refuse
  /** Reason of the CANCEL, for an outgoing INVITE that was not answered. */
  cancel: readonly ReasonToSend[]
  /** Reason of the BYE. */
  bye: readonly ReasonToSend[]
}>

/**
 * What an end put on the wire: `BYE`, `CANCEL`, or the status (`486`); null if there was nothing to say or nobody to say it to.
 * `queued`: it will be sent as soon as the protocol allows it (a CANCEL before any 1xx, a BYE before the ACK).
 */
export type Sent = Readonly<{ message: string | null; queued: boolean; reason?: string }>

export const nothingSent: Sent = Object.freeze({ message: null, queued: false })

/** A re-INVITE or UPDATE of the peer. Answer it once, now or later; the caller of a re-INVITE waits for it. */
export interface Reoffer {
  readonly method: 'INVITE' | 'UPDATE'
  /** The new offer; undefined if the peer asks for one of ours. */
  readonly sdp: string | undefined
  readonly request: SipRequest
  /** 200 with our answer (or our offer, if `sdp` is undefined). No effect the second time, or once the session is over. */
  accept(sdp: string): void
  /** 300–699; 488 if not said. */
  refuse(status?: number): void
}

/** A REFER of the peer (RFC 3515). It ends nothing by itself. Unanswered by the listener's return, it is declined with 603. */
export interface Referral {
  /** The Refer-To URI, and its Replaces header if it has one, unescaped. */
  readonly target: string
  readonly replaces: string | undefined
  readonly referredBy: string | undefined
  readonly request: SipRequest
  /** 202, and a NOTIFY that says `100 Trying`. */
  accept(): void
  /** A NOTIFY with that status line; a final one (≥ 200) ends the subscription. Only after `accept`. */
  notify(status: number, phrase?: string): void
  refuse(status?: number): void
}

/** What became of our own re-INVITE. */
export type ReofferOutcome =
  | Readonly<{ kind: 'accepted'; sdp: string | undefined }>
  /** 491s are tried again by themselves (RFC 3261 §14.1) and not reported. */
  | Readonly<{ kind: 'refused'; status: number }>

/** What both kinds of session report. Callbacks may call any verb of the session. */
export interface SessionListener {
  /** The peer ended the answered session (or, as a caller, the early one). Its BYE has its 200. */
  byeReceived(bye: Farewell): void
  lost(why: Loss): void
  /** Once, after `end`, `bye`, `cancel` or `reject`. */
  told(outcome: Told): void
  /** What `snapshot()` returns has changed: store it. */
  changed?(): void
  /** Absent: 488. */
  reoffered?(offer: Reoffer): void
  reofferSettled?(outcome: ReofferOutcome): void
  /** An INFO (it has its 200): `application/dtmf-relay` and kin. */
  info?(type: string, body: string): void
  /** Absent: 603. */
  referred?(referral: Referral): void
}

export interface UasListener extends SessionListener {
  /** The caller withdrew before the answer. It has its 200 and its 487. */
  cancelled(cancel: Farewell): void
  /** The INVITE's Expires passed before the answer. It has its 487. */
  expired(): void
  /** Our 2xx was acknowledged. `sdp` is the caller's answer if the offer was in our 2xx. */
  acknowledged(sdp: string | undefined): void
}

export interface UacListener extends SessionListener {
  /** 180. */
  ringing?(progress: Provisional): void
  /** A 101–199 with SDP. Comes after `ringing` if a 180 has it. */
  early?(progress: Provisional): void
  /** 181, 182, 183 … without SDP. */
  progressed?(progress: Provisional): void
  /** 199 (RFC 6228): one fork gave up; the call goes on. */
  forkEnded?(progress: Provisional, reasons: readonly Reason[]): void
  answered(answer: Answer): void
  /** Never after `end`: then it is part of `told`. */
  refused(refusal: Refusal): void
  failed(failure: Failure): void
}
