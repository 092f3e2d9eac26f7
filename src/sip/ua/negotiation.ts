import { effectOf } from '../dialog/effects.ts'
import { cseq } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Alarm, Rung } from '../transaction/alarms.ts'
import type { ServerTransaction, ServerUser } from '../transaction/server.ts'
import type { Flow } from '../transport/flow.ts'
import { Acceptance } from './acceptance.ts'
import { acknowledge } from './acknowledge.ts'
import { Ask, type Asker, type AskFailure } from './ask.ts'
import { allow, sdpOf, sdpType, withBody } from './compose.ts'
import type { HeaderLines, Reoffer } from './facts.ts'
import { compose, reply, replyLater } from './reply.ts'
import type { Session } from './session.ts'
import { refusedAsTooShort } from './session-timer.ts'

/** Whoever had an offer sent. */
export interface Offerer {
  offerSettled(response: SipResponse | undefined): void
}

/**
 * Offers after the answer, both ways: re-INVITE (RFC 3261 §14) and UPDATE (RFC 3311). One at a time, each way; what crosses is
 * answered 491 and tried again (§14.1).
 */
export class Negotiation implements Asker, Rung {
  readonly #session: Session
  #theirs: PendingOffer | undefined
  #ours: Ask | undefined
  /** What our pending re-INVITE offers, and on whose behalf. */
  #offer: Readonly<{ sdp: string; lines: HeaderLines; offerer: Offerer | undefined }> | undefined
  #retry: Alarm | undefined
  /** The ACK of our last re-INVITE, for when its 2xx comes again. */
  #ack: Readonly<{ seq: number; bytes: Uint8Array; flow: Flow }> | undefined

  constructor(session: Session) {
    this.#session = session
  }

  // ------------------------------------------------------------------ theirs

  arrived(transaction: ServerTransaction, request: SipRequest): void {
    const session = this.#session
    const { host, dialog } = session
    const sdp = sdpOf(request)
    if (refusedAsTooShort(host, transaction, request)) return
    if (request.method === 'UPDATE' && sdp === undefined) return this.#refreshed(transaction, request)
    // §14.2: a second INVITE before we answered the first
    if (dialog.state === 'preparative' || dialog.state === 'early' || this.#theirs !== undefined) {
      return replyLater(host, transaction, request)
    }
    // §14.2, RFC 3311 §5.2: our own offer is out, in a re-INVITE or (RFC 5407 §3.1.5) in a 2xx that was not acknowledged yet
    if (this.#ours !== undefined || session.acceptances.some((each) => each.offered)) {
      return reply(host, transaction, request, 491)
    }
    const offer = new PendingOffer(this, transaction, request, sdp)
    this.#theirs = offer
    transaction.user = offer
    if (session.listener.reoffered === undefined) return offer.refuse(488)
    host.guard(() => session.listener.reoffered?.(offer))
    // Still pending: the peer shall stop repeating itself.
    if (this.#theirs === offer && request.method === 'INVITE') reply(host, transaction, request, 100)
  }

  /** For the pending offer. */
  accept(offer: PendingOffer, sdp: string): void {
    if (this.#theirs !== offer) return
    this.#theirs = undefined
    const session = this.#session
    const { host, dialog } = session
    const { transaction, request } = offer
    dialog.retarget(request)
    session.localSdp = sdp
    const lines: HeaderLines = [
      ['Contact', host.contact(transaction.flow)],
      ['Allow', allow],
      ...session.timer.accept(request),
    ]
    const bytes = transaction.respond(withBody(compose(host, request, 200, undefined, lines), sdp))
    if (bytes === undefined || request.method !== 'INVITE') return
    const seq = cseq(request)?.seq ?? 0
    session.awaitAck(new Acceptance(host.layer, transaction, bytes, seq, offer.sdp === undefined, session))
  }

  refuse(offer: PendingOffer, status: number): void {
    if (this.#theirs !== offer) return
    this.#theirs = undefined
    reply(this.#session.host, offer.transaction, offer.request, status)
  }

  /** UPDATE without a session description: a sign of life, and perhaps a new Contact (RFC 4028 §7.4). */
  #refreshed(transaction: ServerTransaction, request: SipRequest): void {
    const { host, dialog, timer } = this.#session
    dialog.retarget(request)
    reply(host, transaction, request, 200, [['Contact', host.contact(transaction.flow)], ...timer.accept(request)])
  }

  // ------------------------------------------------------------------ ours

  /** Sends a re-INVITE, after the one that is under way if there is one. `offerer` undefined: the session's listener. */
  offer(sdp: string, lines: HeaderLines = [], offerer?: Offerer): void {
    this.#offer = { sdp, lines, offerer }
    if (this.#ours === undefined && this.#retry === undefined) this.#send()
  }

  get busy(): boolean {
    return this.#ours !== undefined || this.#theirs !== undefined
  }

  rang(): void {
    this.#retry = undefined
    this.#send()
  }

  replied(ask: Ask, response: SipResponse): void {
    const { status } = response
    if (status < 300) return this.#accepted(ask, response)
    if (ask !== this.#ours) return
    this.#ours = undefined
    const session = this.#session
    if (!session.alive || !session.answered) return
    if (status === 491) return this.#later()
    const offer = this.#offer
    this.#offer = undefined
    // RFC 3261 §14.1, RFC 5057 §5.1: not only the re-INVITE has failed
    if (effectOf(status) !== 'transaction') return session.lose('dialog-gone')
    if (offer?.offerer !== undefined) offer.offerer.offerSettled(response)
    else session.listener.reofferSettled?.({ kind: 'refused', status })
  }

  unreplied(ask: Ask, _failure: AskFailure): void {
    if (ask !== this.#ours) return
    this.#ours = undefined
    this.#offer = undefined
    this.#session.lose('dialog-gone')
  }

  /** The session is over: what is pending gets its 487 (§15.1.2), what was to be tried again is dropped. */
  stop(): void {
    const theirs = this.#theirs
    if (theirs !== undefined) this.refuse(theirs, 487)
    this.#ours?.abandon()
    this.#offer = undefined
    this.#session.host.layer.wheel.disarm(this.#retry)
    this.#retry = undefined
  }

  #send(): void {
    const session = this.#session
    const offer = this.#offer
    if (offer === undefined || session.dialog.state !== 'established') return
    // An offer of theirs, or a 2xx of ours without its ACK, goes first.
    if (this.#theirs !== undefined || session.acceptances.length > 0) return this.#later()
    session.localSdp = offer.sdp
    const lines: HeaderLines = [['Allow', allow], ...offer.lines]
    this.#ours = new Ask(session.host, session.dialog, this, 'INVITE', lines, { type: sdpType, text: offer.sdp }, true)
    this.#ours.send()
  }

  /** §14.1: the owner of the Call-ID waits 2.1 to 4.0 s, the other side 0 to 2.0 s, in steps of 10 ms. */
  #later(): void {
    const { host, dialog } = this.#session
    const { ids, wheel } = host.layer
    const wait = dialog.side === 'uac' ? 2100 + ids.below(191) * 10 : ids.below(201) * 10
    wheel.disarm(this.#retry)
    this.#retry = wheel.arm(wait, this, 'retry')
  }

  /** The ACK goes out every time the 2xx comes, also after the end (RFC 5407 §3.2.3). */
  #accepted(ask: Ask, response: SipResponse): void {
    const session = this.#session
    const { host, dialog } = session
    const seq = cseq(response)?.seq ?? 0
    if (this.#ack?.seq === seq) {
      host.layer.put(this.#ack.flow, this.#ack.bytes)
      return
    }
    dialog.retarget(response)
    acknowledge(host, dialog, seq, ask.authorization, (flow, bytes) => {
      this.#ack = { seq, flow, bytes }
    })
    if (ask !== this.#ours) return
    this.#ours = undefined
    const offer = this.#offer
    this.#offer = undefined
    if (!session.alive) return
    if (offer?.offerer !== undefined) offer.offerer.offerSettled(response)
    else session.listener.reofferSettled?.({ kind: 'accepted', sdp: sdpOf(response) })
  }
}

/** A re-INVITE or UPDATE with an offer (or asking for one) that our side has not answered yet. */
class PendingOffer implements Reoffer, ServerUser {
  readonly method: 'INVITE' | 'UPDATE'
  readonly sdp: string | undefined
  readonly request: SipRequest
  readonly transaction: ServerTransaction
  readonly #owner: Negotiation

  constructor(owner: Negotiation, transaction: ServerTransaction, request: SipRequest, sdp: string | undefined) {
    this.#owner = owner
    this.transaction = transaction
    this.request = request
    this.method = request.method === 'UPDATE' ? 'UPDATE' : 'INVITE'
    this.sdp = sdp
  }

  accept(sdp: string): void {
    this.#owner.accept(this, sdp)
  }

  refuse(status = 488): void {
    this.#owner.refuse(this, status)
  }

  /** A CANCEL of a re-INVITE ends the re-INVITE, not the call. */
  cancelled(): void {
    this.refuse(487)
  }

  refusalAcknowledged(): void {}

  refusalUnacknowledged(): void {}
}
