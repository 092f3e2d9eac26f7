import type { Dialog } from '../dialog/dialog.ts'
import { callId, contentType, cseq, from } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { ReasonToSend } from '../message/reason.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import type { Acceptance, AcceptanceOwner } from './acceptance.ts'
import { Ask, type Asker, type AskFailure } from './ask.ts'
import { sdpOf, textOf } from './compose.ts'
import { type EndOrder, type Loss, nothingSent, type Sent, type SessionListener, type Told } from './facts.ts'
import type { DialogOwner, SessionHost } from './host.ts'
import { Negotiation } from './negotiation.ts'
import { referred } from './referral.ts'
import { farewell, reply, replyOptions } from './reply.ts'
import { reasonLines, sentAs } from './sent.ts'
import { SessionTimer } from './session-timer.ts'

/** Reasons of the BYE that follows a loss, if the listener does not choose. */
const lossReasons: Readonly<Record<Loss, readonly ReasonToSend[]>> = {
  'no-ack': [{ protocol: 'SIP', cause: 408, text: 'ACK timeout' }],
  'session-expired': [
    { protocol: 'SIP', cause: 408 },
    { protocol: 'Q.850', cause: 102 },
  ],
  'dialog-gone': [{ protocol: 'Q.850', cause: 41 }],
}

/**
 * One call with one peer: what incoming and outgoing sessions have in common, which is everything after the answer.
 *
 * The protocol's work is done before the listener hears of it. The state is that of the dialog (`dialog.state`), plus what our own end
 * put on the wire (`sent`).
 */
export abstract class Session implements DialogOwner, Asker, AcceptanceOwner {
  readonly host: SessionHost
  abstract readonly listener: SessionListener
  dialog: Dialog
  /** The last session description that we sent: what a refreshing re-INVITE repeats. */
  localSdp: string | undefined
  /** 2xx of ours that wait for their ACK: the answer, and those to re-INVITEs. */
  acceptances: readonly Acceptance[] = none
  /** Undefined while nobody here has ended the session. */
  protected sent: Sent | undefined
  #settled = false
  #bye: Ask | undefined
  #queuedBye: readonly ReasonToSend[] | undefined
  #negotiation: Negotiation | undefined
  #timer: SessionTimer | undefined

  constructor(host: SessionHost, dialog: Dialog) {
    this.host = host
    this.dialog = dialog
  }

  get callId(): string {
    return this.dialog.callId
  }

  get localTag(): string {
    return this.dialog.localTag
  }

  /** True from the answer to the end. */
  get answered(): boolean {
    const { state } = this.dialog
    return state === 'moratorium' || state === 'established'
  }

  /** False once a BYE was sent or came, or the session failed. Wire clean-up may go on after that. */
  get alive(): boolean {
    const { state } = this.dialog
    return state !== 'mortal' && state !== 'morgue'
  }

  /**
   * Ends the session, whatever state it is in, by what the state allows (RFC 3261 §9.1, §15; RFC 5407):
   *
   *     incoming, not answered           final response   `order.refuse`
   *     outgoing, no response yet        CANCEL, queued   `order.cancel`
   *     outgoing, 1xx received           CANCEL           `order.cancel`
   *     our 2xx not acknowledged yet     BYE, queued      `order.bye`
   *     answered                         BYE              `order.bye`
   *     over                             nothing
   *
   * Idempotent: a second end, of any kind, returns what the first one did. `told` follows (now, if nothing can be sent) unless the peer
   * ended it first.
   */
  abstract end(order: EndOrder): Sent

  /** BYE, at once or as soon as our 2xx is acknowledged. Nothing if the session is not answered. */
  bye(reasons: readonly ReasonToSend[]): Sent {
    if (this.sent !== undefined) return this.sent
    if (!this.answered) return nothingSent
    const queued = this.dialog.state === 'moratorium' && this.acceptances.length > 0
    this.sent = sentAs('BYE', queued, reasons)
    if (queued) this.#queuedBye = reasons
    else this.sendBye(reasons)
    return this.sent
  }

  /** Offers a new session description (hold, resume). Only while established. A 491 is tried again by itself. */
  reinvite(sdp: string): void {
    if (this.sent === undefined && this.dialog.state === 'established') this.negotiation.offer(sdp)
  }

  /** An INFO inside the dialog. Nobody is told what became of it. */
  info(type: string, body: string): void {
    if (this.sent !== undefined || !this.answered) return
    new Ask(this.host, this.dialog, this, 'INFO', [], { type, text: body }).send()
  }

  get negotiation(): Negotiation {
    this.#negotiation ??= new Negotiation(this)
    return this.#negotiation
  }

  get timer(): SessionTimer {
    this.#timer ??= new SessionTimer(this)
    return this.#timer
  }

  /** The call cannot live on: the listener may end it in its own words; if it does not, we do. */
  lose(why: Loss): void {
    if (!this.answered || this.sent !== undefined) return
    this.host.guard(() => this.listener.lost(why))
    this.bye(lossReasons[why])
  }

  // ------------------------------------------------------------------ from the peer

  receive(transaction: ServerTransaction, request: SipRequest): void {
    const { host } = this
    const dialog = this.dialogOf(request)
    if (dialog === undefined) return reply(host, transaction, request, 481)
    // RFC 3261 §12.2.2
    if (dialog.arrived(cseq(request)?.seq ?? 0) === 'old') return reply(host, transaction, request, 500)
    if (dialog.sticky) dialog.flow = transaction.flow
    if (request.method === 'BYE') return this.byeArrived(transaction, request, dialog)
    // RFC 5407 §3.2.2, §3.3.3: in Mortal nothing new begins
    if (!this.alive || dialog.state === 'mortal' || dialog.state === 'morgue') {
      return reply(host, transaction, request, 481)
    }
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE':
        // In the early dialog of a fork our own offer still waits for its answer (RFC 3311 §5.2).
        if (dialog !== this.dialog && sdpOf(request) !== undefined) return reply(host, transaction, request, 491)
        return this.negotiation.arrived(transaction, request)
      case 'INFO':
        reply(host, transaction, request, 200)
        this.listener.info?.(contentType(request) ?? '', textOf(request.body))
        return
      case 'REFER':
        return referred(this, transaction, request)
      case 'OPTIONS':
        return replyOptions(host, transaction, request)
      default: // NOTIFY and PRACK for what we never asked
        return reply(host, transaction, request, 481)
    }
  }

  /** The ACK to one of our 2xx. A repeated one, or that of a dead dialog, means nothing (RFC 5407 §3.1.6, §3.2.4). */
  acknowledged(ack: SipRequest): void {
    if (this.dialogOf(ack) !== this.dialog) return
    const seq = cseq(ack)?.seq
    const acceptance = this.acceptances.find((each) => each.seq === seq)
    if (acceptance === undefined) return
    this.#drop(acceptance)
    if (acceptance.seq === this.dialog.inviteSeq) this.dialog.move('ack')
    const queued = this.#queuedBye
    if (queued !== undefined && this.dialog.state === 'established') this.sendBye(queued)
    this.ackArrived(acceptance, ack)
  }

  /** Which of our dialogs a request belongs to. */
  protected dialogOf(request: SipRequest): Dialog | undefined {
    const same = (from(request)?.tag ?? '') === this.dialog.remoteTag && callId(request) === this.dialog.callId
    return same ? this.dialog : undefined
  }

  /** What an ACK means beyond the end of the 2xx's retransmission: the answer, if our 2xx to a re-INVITE made the offer. */
  protected ackArrived(acceptance: Acceptance, ack: SipRequest): void {
    if (acceptance.offered) this.listener.reofferSettled?.({ kind: 'accepted', sdp: sdpOf(ack) })
  }

  /** RFC 3261 §15.1.2, RFC 5407 §3.1.6, §3.2.1: always 200, always one end. */
  protected byeArrived(transaction: ServerTransaction, request: SipRequest, dialog: Dialog): void {
    reply(this.host, transaction, request, 200)
    const crossing = dialog.state === 'mortal'
    dialog.move('bye')
    if (dialog !== this.dialog) return
    this.quiet()
    if (!crossing) {
      dialog.move('bye-done')
      this.host.release(dialog.localTag)
      // A BYE of ours that was still queued has nobody to go to: the peer is gone already.
      if (this.sent !== undefined) this.settle('delivered')
    }
    this.listener.byeReceived(farewell(request))
  }

  // ------------------------------------------------------------------ to the peer

  awaitAck(acceptance: Acceptance): void {
    this.acceptances = this.acceptances === none ? [acceptance] : [...this.acceptances, acceptance]
  }

  neverAcknowledged(acceptance: Acceptance): void {
    this.#drop(acceptance)
    const queued = this.#queuedBye
    if (queued === undefined) this.lose('no-ack')
    else this.sendBye(queued)
  }

  protected sendBye(reasons: readonly ReasonToSend[]): void {
    this.#queuedBye = undefined
    this.dialog.move('bye')
    this.quiet()
    this.#bye = new Ask(this.host, this.dialog, this, 'BYE', reasonLines(reasons))
    this.#bye.send()
  }

  /** Whatever a BYE is answered, the dialog is gone (RFC 3261 §15.1.1, RFC 5057 §5.1). */
  replied(ask: Ask, _response: SipResponse): void {
    if (ask === this.#bye) this.#byeDone('delivered')
  }

  unreplied(ask: Ask, failure: AskFailure): void {
    if (ask === this.#bye) this.#byeDone(failure === 'unsent' ? 'local-only' : 'unconfirmed')
  }

  #byeDone(outcome: Told): void {
    this.dialog.move('bye-done')
    this.host.release(this.dialog.localTag)
    this.settle(outcome)
  }

  /** Reports, once, what became of our end. */
  protected settle(outcome: Told): void {
    if (this.#settled) return
    this.#settled = true
    this.listener.told(outcome)
  }

  /** Nothing of this session rings, retransmits or waits any more but its BYE. */
  protected quiet(): void {
    for (const acceptance of this.acceptances) acceptance.stop()
    this.acceptances = none
    this.#queuedBye = undefined
    this.#negotiation?.stop()
    this.#timer?.stop()
  }

  #drop(acceptance: Acceptance): void {
    acceptance.stop()
    this.acceptances = this.acceptances.length === 1 ? none : this.acceptances.filter((each) => each !== acceptance)
  }
}

const none: readonly Acceptance[] = Object.freeze([])
