import type { Dialog } from '../dialog/dialog.ts'
import { expires } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Alarm, Rung } from '../transaction/alarms.ts'
import type { ServerTransaction, ServerUser } from '../transaction/server.ts'
import { Acceptance } from './acceptance.ts'
import { allow, sdpOf, withBody } from './compose.ts'
import { type EndOrder, type HeaderLines, nothingSent, type Refuse, type Sent, type UasListener } from './facts.ts'
import type { SessionHost } from './host.ts'
import { compose, farewell } from './reply.ts'
import { reasonLines } from './sent.ts'
import { Session } from './session.ts'
import { type IncomingSnapshot, snapshotIncoming } from './snapshot.ts'

/** RFC 3261 §13.3.1.1: a caller that waits must hear something every minute, or proxies give up. */
const provisionalEvery = 60_000

const noLines: HeaderLines = []

/** A call that came to us. Its 100 needs nobody's word (`UserAgentOptions.tryingAfter`); what follows is for the listener to decide. */
export class UasSession extends Session implements ServerUser, Rung {
  listener: UasListener = silent
  readonly #transaction: ServerTransaction
  /** Undefined once it is of no more use: when the final response is acknowledged, or never will be. */
  #request: SipRequest | undefined
  #progress: SipResponse | undefined
  #again: Alarm | undefined
  #expiry: Alarm | undefined

  constructor(host: SessionHost, dialog: Dialog, transaction: ServerTransaction, request: SipRequest) {
    super(host, dialog)
    this.#transaction = transaction
    this.#request = request
    transaction.localTag = dialog.localTag
    transaction.user = this
    const seconds = expires(request)
    // An hour and more is what no caller waits for.
    if (seconds !== undefined && seconds < 3600) this.#expiry = host.layer.wheel.arm(seconds * 1000, this, 'expires')
  }

  /** False once a final response was sent, by whatever cause. */
  get offered(): boolean {
    const { state } = this.dialog
    return state === 'preparative' || state === 'early'
  }

  /** 100, at once or after the agent's grace. Nothing if anything was sent, or it was asked for before. */
  trying(): void {
    if (this.dialog.state !== 'preparative' || this.#again !== undefined) return
    const { tryingAfter, layer } = this.host
    if (tryingAfter > 0) this.#again = layer.wheel.arm(tryingAfter, this, 'trying')
    else this.#sendTrying()
  }

  #sendTrying(): void {
    const request = this.#request
    if (request !== undefined && this.offered)
      this.#transaction.respond(compose(this.host, request, 100, undefined, []))
  }

  /** 101–199, with media before the answer if `sdp` is given. Nothing once the session is answered or over. */
  progress(status: number, sdp?: string, lines: HeaderLines = noLines): void {
    const request = this.#request
    if (!this.offered || request === undefined) return
    if (sdp !== undefined) this.localSdp = sdp
    const response = withBody(this.#compose(request, status, [['Allow', allow], ...lines]), sdp)
    this.#transaction.respond(response)
    this.dialog.move('provisional')
    this.#progress = response
    const { wheel } = this.host.layer
    wheel.disarm(this.#again)
    this.#again = wheel.arm(provisionalEvery, this, 'provisional')
  }

  /** 200 with our session description, repeated until it is acknowledged. False if it is too late. */
  accept(sdp: string, lines: HeaderLines = noLines): boolean {
    const request = this.#request
    if (!this.offered || request === undefined) return false
    const { host, dialog } = this
    this.localSdp = sdp
    const timed = host.sessionTimer !== undefined || request.headers.has('session-expires')
    const answer = this.#compose(request, 200, [
      ['Allow', allow],
      ['Supported', 'timer'],
      ...(timed ? this.timer.accept(request) : noLines),
      ...lines,
    ])
    const bytes = this.#transaction.respond(withBody(answer, sdp))
    if (bytes === undefined) return false
    dialog.move('success')
    this.#settleDown()
    const offered = sdpOf(request) === undefined
    this.awaitAck(new Acceptance(host.layer, this.#transaction, bytes, dialog.inviteSeq, offered, this))
    return true
  }

  /** A final response 300–699. Nothing once the session is answered or over: then use `bye`, or better `end` always. */
  reject(refuse: Refuse): Sent {
    if (this.sent !== undefined) return this.sent
    if (!this.offered) return nothingSent
    const lines = [...reasonLines(refuse.reasons ?? []), ...(refuse.headers ?? noLines)]
    this.sent = { message: String(refuse.status), queued: false }
    const reason = lines.find(([name]) => name === 'Reason')?.[1]
    if (reason !== undefined) this.sent = { ...this.sent, reason }
    this.#refuse(refuse.status, refuse.phrase, lines)
    return this.sent
  }

  override end(order: EndOrder): Sent {
    if (this.sent !== undefined) return this.sent
    return this.offered ? this.reject(order.refuse) : this.bye(order.bye)
  }

  /**
   * What is needed to end this session after a crash, as JSON. Store it before the first `progress`, and again, with `answering` set,
   * before `accept`: a restarted process must know that a 2xx may have left.
   */
  snapshot(answering?: 'answering'): IncomingSnapshot {
    return snapshotIncoming(this.dialog, this.#request, answering !== undefined && this.offered)
  }

  // ------------------------------------------------------------------ from the transaction

  /** RFC 3261 §9.2: its 200 is out, the INVITE gets its 487. */
  cancelled(_transaction: ServerTransaction, cancel: SipRequest): void {
    if (!this.offered) return
    this.#refuse(487, undefined, noLines)
    this.listener.cancelled(farewell(cancel))
  }

  refusalAcknowledged(): void {
    this.#refusalSettled('delivered')
  }

  refusalUnacknowledged(): void {
    this.#refusalSettled('unconfirmed')
  }

  #refusalSettled(outcome: 'delivered' | 'unconfirmed'): void {
    this.#request = undefined
    if (this.sent !== undefined) this.settle(outcome)
  }

  rang(name: string): void {
    if (name === 'trying') return this.#sendTrying()
    if (name === 'provisional') {
      if (!this.offered || this.#progress === undefined) return
      this.#transaction.respond(this.#progress)
      this.#again = this.host.layer.wheel.arm(provisionalEvery, this, 'provisional')
      return
    }
    // RFC 3261 §13.3.1
    if (!this.offered) return
    this.#refuse(487, undefined, noLines)
    this.listener.expired()
  }

  // ------------------------------------------------------------------ from the dialog

  protected override ackArrived(acceptance: Acceptance, ack: SipRequest): void {
    if (acceptance.seq !== this.dialog.inviteSeq) return super.ackArrived(acceptance, ack)
    this.#request = undefined
    this.listener.acknowledged(acceptance.offered ? sdpOf(ack) : undefined)
  }

  /** RFC 5407 §3.1.3: the caller may end its early dialog by BYE; the INVITE then gets its 487. */
  protected override byeArrived(transaction: ServerTransaction, request: SipRequest, dialog: Dialog): void {
    if (this.offered) {
      const invite = this.#request
      this.#settleDown()
      if (invite !== undefined) this.#transaction.respond(this.#compose(invite, 487, noLines))
      this.#request = undefined
    }
    super.byeArrived(transaction, request, dialog)
  }

  #refuse(status: number, phrase: string | undefined, lines: HeaderLines): void {
    const request = this.#request
    this.#settleDown()
    this.dialog.move('failure')
    this.quiet()
    this.host.release(this.dialog.localTag)
    if (request !== undefined) this.#transaction.respond(this.#compose(request, status, lines, phrase))
  }

  #compose(request: SipRequest, status: number, lines: HeaderLines, phrase?: string): SipResponse {
    const { host, dialog } = this
    const response = compose(host, request, status, dialog.localTag, lines, phrase)
    if (status < 300) response.headers.append('Contact', host.contact(this.#transaction.flow))
    return response
  }

  /** A final response is about to go: nothing of the waiting is left. */
  #settleDown(): void {
    const { wheel } = this.host.layer
    wheel.disarm(this.#again)
    wheel.disarm(this.#expiry)
    this.#again = undefined
    this.#expiry = undefined
    this.#progress = undefined
  }
}

/** Until the user agent's listener has given its own. */
const silent: UasListener = {
  byeReceived() {},
  lost() {},
  told() {},
  cancelled() {},
  expired() {},
  acknowledged() {},
}
