import type { Dialog } from '../dialog/dialog.ts'
import { callId, from, reasons, to } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { ReasonToSend } from '../message/reason.ts'
import type { ClientFailure, ClientTransaction, ClientUser } from '../transaction/client.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import type { Flow, FlowFailure } from '../transport/flow.ts'
import { acknowledge } from './acknowledge.ts'
import { Attempts } from './attempts.ts'
import { sdpOf } from './compose.ts'
import { type EndOrder, type Failure, nothingSent, type Provisional, type Sent, type UacListener } from './facts.ts'
import { Forks } from './forks.ts'
import type { SessionHost } from './host.ts'
import { dialogToBe, type InviteSpec } from './invite.ts'
import { whenLocated } from './reach.ts'
import { refusalOf } from './refusal.ts'
import { SecondTry } from './second-try.ts'
import { sentAs } from './sent.ts'
import { Session } from './session.ts'
import type { OutgoingSnapshot } from './snapshot.ts'
import { UnwantedAnswer } from './unwanted.ts'
import { Withdrawal } from './withdrawal.ts'

/**
 * How far the INVITE has come.
 *
 *     prepared ─send→ locating ─address found→ calling ─1xx→ proceeding ─2xx→ answered
 *                                              any ─300–699, timeout, no way→ over
 */
type Progress = 'prepared' | 'locating' | 'calling' | 'proceeding' | 'answered' | 'over'

/** A call that we place: one INVITE to one target, its forks, and what becomes of it. */
export class UacSession extends Session implements ClientUser {
  readonly listener: UacListener
  readonly #spec: InviteSpec
  readonly #attempts: Attempts
  #progress: Progress = 'prepared'
  readonly #forks: Forks
  readonly #taught = new SecondTry()
  #ack: Readonly<{ flow: Flow; bytes: Uint8Array }> | undefined
  #withdrawal: Withdrawal | undefined

  constructor(host: SessionHost, spec: InviteSpec, listener: UacListener) {
    super(host, dialogToBe(host, spec))
    this.#spec = spec
    this.listener = listener
    this.#attempts = new Attempts(host, spec)
    this.#forks = new Forks(spec.flow !== undefined)
    this.localSdp = spec.sdp
    host.adopt(this.localTag, this)
  }

  /** Sends the INVITE, with this offer or that of the spec. Store `snapshot()` first. Nothing the second time, or after an end. */
  send(sdp?: string): void {
    if (this.#progress !== 'prepared') return
    if (sdp !== undefined) this.localSdp = sdp
    this.#progress = 'locating'
    const { flow, routes, target } = this.#spec
    if (flow?.open === true) return this.#call(flow)
    whenLocated(this.host, routes?.[0] ?? target, (targets, missing) => {
      this.#attempts.found(targets)
      this.#callNext(missing)
    })
  }

  /** CANCEL, now or after the first 1xx. Nothing once there was a final response: then use `bye`, or better `end` always. */
  cancel(reasons: readonly ReasonToSend[], bye: readonly ReasonToSend[] = []): Sent {
    if (this.sent !== undefined) return this.sent
    switch (this.#progress) {
      case 'answered':
      case 'over':
        return nothingSent
      case 'prepared':
        this.sent = nothingSent
        this.#over()
        this.settle('local-only')
        return this.sent
      case 'locating':
      case 'calling':
      case 'proceeding': {
        const queued = this.#progress !== 'proceeding'
        this.sent = sentAs('CANCEL', queued, reasons)
        this.#withdrawal = new Withdrawal(reasons, bye)
        if (!queued) this.#withdrawal.send(this.host.layer, this.#attempts.invite)
        return this.sent
      }
    }
  }

  /** Sends the ACK that `InviteSpec.ack` held back. Nothing if it was sent, or there is nothing to acknowledge. */
  acknowledge(): void {
    const { host, dialog } = this
    if (this.#progress !== 'answered' || dialog.state !== 'moratorium') return
    acknowledge(host, dialog, dialog.inviteSeq, this.#taught.authorization, (way, bytes) => {
      this.#ack = { flow: way, bytes }
    })
    dialog.move('ack')
  }

  override bye(reasons: readonly ReasonToSend[]): Sent {
    this.acknowledge()
    return super.bye(reasons)
  }

  override end(order: EndOrder): Sent {
    return this.#progress === 'answered' ? this.bye(order.bye) : this.cancel(order.cancel, order.bye)
  }

  /** What is needed to end this session after a crash, as JSON. Store it before `send`, and again when it is answered or `changed`. */
  snapshot(): OutgoingSnapshot {
    return this.#attempts.snapshot(this.dialog)
  }

  // ------------------------------------------------------------------ the INVITE on its way

  /** RFC 3261 §8.1.2, RFC 3263 §4.3: the next address, or the end of it. */
  #callNext(failure: Failure): void {
    if (this.#withdrawal !== undefined) return this.#withdrawn('local-only')
    const flow = this.#attempts.nextWay()
    if (flow === undefined) return this.#fail(failure)
    this.#call(flow)
  }

  #call(flow: Flow): void {
    this.#progress = 'calling'
    const again = this.#attempts.send(flow, this.dialog, this.localSdp, this.timer, this.#taught, this)
    if (again) this.listener.changed?.()
  }

  responded(transaction: ClientTransaction, response: SipResponse): void {
    const { request } = transaction
    if (request === undefined) return
    const { status } = response
    if (status >= 200 && status < 300) this.#accepted(request, transaction.flow, response)
    else if (transaction !== this.#attempts.invite) return
    else if (status < 200) this.#provisional(request, transaction.flow, response)
    else this.#refused(request, transaction.flow, response)
  }

  failed(transaction: ClientTransaction, failure: ClientFailure, detail: FlowFailure | undefined): void {
    if (transaction !== this.#attempts.invite || this.#progress === 'over' || this.#progress === 'answered') return
    if (this.#withdrawal !== undefined) {
      this.#withdrawn(this.#withdrawal.outcome(failure))
    } else if (failure === 'transport') this.#callNext({ kind: 'transport', detail })
    else this.#fail({ kind: 'timeout', detail })
  }

  #provisional(request: SipRequest, flow: Flow, response: SipResponse): void {
    if (this.#progress === 'calling') {
      this.#progress = 'proceeding'
      this.#withdrawal?.send(this.host.layer, this.#attempts.invite)
    }
    const { status } = response
    if (this.#withdrawal !== undefined || status === 100) return
    const tag = to(response)?.tag ?? ''
    const sdp = sdpOf(response)
    const progress: Provisional = { status, phrase: response.reason, tag, sdp, response }
    if (status === 199) {
      this.#forks.over(tag)
      this.listener.forkEnded?.(progress, reasons(response))
      return
    }
    if (tag !== '') {
      this.dialog.move('provisional')
      this.#forks.rang(request, response, flow)
    }
    if (status === 180) this.listener.ringing?.(progress)
    else if (sdp === undefined) this.listener.progressed?.(progress)
    if (sdp !== undefined) this.listener.early?.(progress)
  }

  /** RFC 3261 §13.2.2.4: every 2xx is acknowledged, every time; only the first is wanted, and only if we still want one. */
  #accepted(request: SipRequest, flow: Flow, response: SipResponse): void {
    const tag = to(response)?.tag ?? ''
    if (this.#progress === 'answered' && tag === this.dialog.remoteTag) {
      if (this.#ack !== undefined) this.host.layer.put(this.#ack.flow, this.#ack.bytes)
      return
    }
    const known = this.#forks.unwanted(tag)
    if (known !== undefined) return known.again()
    const dialog = this.#forks.answered(request, response, flow)
    if (this.#progress === 'answered' || this.#withdrawal !== undefined) return this.#refuseAnswer(tag, dialog)
    this.#progress = 'answered'
    this.#forks.allOver()
    this.dialog = dialog
    dialog.move('success')
    if (this.#spec.ack !== 'held') this.acknowledge()
    if (response.headers.has('session-expires')) this.timer.answered(response)
    this.listener.answered({ sdp: sdpOf(response), tag, response })
    this.listener.changed?.()
  }

  #refuseAnswer(tag: string, dialog: Dialog): void {
    const late = this.#progress !== 'answered'
    if (late) {
      this.#progress = 'over'
      this.dialog.move('failure')
    }
    const { authorization } = this.#taught
    const answer = new UnwantedAnswer(this.host, dialog, authorization, this.#withdrawal?.bye ?? [], (outcome) => {
      if (!late) return
      this.host.release(this.localTag)
      this.settle(outcome)
    })
    this.#forks.refuse(tag, answer)
  }

  #refused(request: SipRequest, flow: Flow, response: SipResponse): void {
    if (this.#withdrawal !== undefined) return this.#withdrawn('delivered')
    const { status } = response
    if (this.#taught.learn(this.host, request, response)) return this.#call(flow)
    if (status === 503 && this.#attempts.more) {
      return this.#callNext({ kind: 'transport', detail: undefined })
    }
    this.#over()
    this.listener.refused(refusalOf(response))
  }

  // ------------------------------------------------------------------ the end of it

  #withdrawn(outcome: 'delivered' | 'unconfirmed' | 'local-only'): void {
    this.#over()
    this.settle(outcome)
  }

  #fail(failure: Failure): void {
    this.#over()
    this.listener.failed(failure)
  }

  #over(): void {
    this.#progress = 'over'
    this.#forks.allOver()
    this.dialog.move('failure')
    this.quiet()
    this.host.release(this.localTag)
  }

  /** A held ACK goes out all the same: every 2xx is acknowledged (RFC 3261 §13.2.2.4). */
  protected override byeArrived(transaction: ServerTransaction, request: SipRequest, dialog: Dialog): void {
    if (dialog === this.dialog) this.acknowledge()
    super.byeArrived(transaction, request, dialog)
  }

  protected override dialogOf(request: SipRequest): Dialog | undefined {
    if (callId(request) !== this.callId) return undefined
    const tag = from(request)?.tag ?? ''
    if (this.#progress === 'answered' && tag === this.dialog.remoteTag) return this.dialog
    return this.#forks.dialog(tag)
  }
}
