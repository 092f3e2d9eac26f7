import { callerDialog, Dialog } from '../dialog/dialog.ts'
import { callId, contacts, from, minSessionExpires, reasons, to } from '../message/accessors.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import { formatNameAddr } from '../message/name-addr.ts'
import type { ReasonToSend } from '../message/reason.ts'
import type { ClientFailure, ClientTransaction, ClientUser } from '../transaction/client.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import type { Flow, FlowFailure } from '../transport/flow.ts'
import type { Target } from '../transport/resolve.ts'
import { acknowledge } from './acknowledge.ts'
import { sdpOf } from './compose.ts'
import { answerChallenge } from './credentials.ts'
import {
  type EndOrder,
  type Failure,
  nothingSent,
  type Provisional,
  type Refusal,
  type Sent,
  type UacListener,
} from './facts.ts'
import type { SessionHost } from './host.ts'
import { composeInvite, type InviteSpec } from './invite.ts'
import { whenLocated } from './reach.ts'
import { sentAs } from './sent.ts'
import { Session } from './session.ts'
import { attemptBranch, type OutgoingSnapshot, snapshotOutgoing } from './snapshot.ts'
import { UnwantedAnswer } from './unwanted.ts'

/**
 * How far the INVITE has come.
 *
 *     prepared ─send→ locating ─address found→ calling ─1xx→ proceeding ─2xx→ answered
 *                                              any ─300–699, timeout, no way→ over
 */
type Progress = 'prepared' | 'locating' | 'calling' | 'proceeding' | 'answered' | 'over'

/** A flood of provisional responses with new tags must not fill the memory. */
const maxForks = 32

/** A call that we place: one INVITE to one target, its forks, and what becomes of it. */
export class UacSession extends Session implements ClientUser {
  readonly listener: UacListener
  readonly #spec: InviteSpec
  readonly #branch: string
  #progress: Progress = 'prepared'
  #attempt = 0
  #targets: Target[] = []
  #flow: Flow | undefined
  #via: string | undefined
  #invite: ClientTransaction | undefined
  #authorization: readonly [string, string] | undefined
  /** Seconds, from a 422. */
  #minimumInterval = 0
  /** Early dialogs by their To tag. */
  #forks: Map<string, Dialog> | undefined
  #unwanted: Map<string, UnwantedAnswer> | undefined
  #ack: Readonly<{ flow: Flow; bytes: Uint8Array }> | undefined
  /** The end that was ordered before the answer: Reasons of a CANCEL, and of the BYE if a 2xx comes all the same. */
  #withdrawal: Readonly<{ cancel: readonly ReasonToSend[]; bye: readonly ReasonToSend[] }> | undefined
  #cancel: 'none' | 'sent' | 'answered' = 'none'

  constructor(host: SessionHost, spec: InviteSpec, listener: UacListener) {
    const { ids } = host.layer
    const localTag = ids.tag()
    const callee = spec.to ?? { uri: spec.target }
    super(
      host,
      new Dialog({
        side: 'uac',
        state: 'preparative',
        callId: spec.callId ?? ids.callId(),
        localTag,
        remoteTag: '',
        local: formatNameAddr({ ...spec.from, params: new Map([['tag', localTag]]) }),
        remote: formatNameAddr(callee),
        routes: [],
        target: spec.target,
        inviteSeq: 1,
        localSeq: 1,
        remoteSeq: -1,
        flow: spec.flow,
        sticky: false,
      }),
    )
    this.#spec = spec
    this.listener = listener
    this.#branch = ids.branch()
    this.localSdp = spec.sdp
    host.adopt(localTag, this)
  }

  /** Sends the INVITE, with this offer or that of the spec. Store `snapshot()` first. Nothing the second time, or after an end. */
  send(sdp?: string): void {
    if (this.#progress !== 'prepared') return
    if (sdp !== undefined) this.localSdp = sdp
    this.#progress = 'locating'
    const { flow, routes, target } = this.#spec
    if (flow?.open === true) return this.#call(flow)
    whenLocated(this.host, routes?.[0] ?? target, (targets, missing) => {
      this.#targets = [...targets]
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
        this.#withdrawal = { cancel: reasons, bye }
        if (!queued) this.#sendCancel()
        return this.sent
      }
    }
  }

  /** Sends the ACK that `InviteSpec.ack` held back. Nothing if it was sent, or there is nothing to acknowledge. */
  acknowledge(): void {
    const { host, dialog } = this
    if (this.#progress !== 'answered' || dialog.state !== 'moratorium') return
    acknowledge(host, dialog, dialog.inviteSeq, this.#authorization, (way, bytes) => {
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
    const { target, routes } = this.#spec
    return snapshotOutgoing(this.dialog, {
      uri: target,
      routes: routes ?? [],
      branch: this.#branch,
      attempt: Math.max(1, this.#attempt),
      via: this.#via,
      flow: this.#flow,
    })
  }

  // ------------------------------------------------------------------ the INVITE on its way

  /** RFC 3261 §8.1.2, RFC 3263 §4.3: the next address, or the end of it. */
  #callNext(failure: Failure): void {
    const target = this.#targets.shift()
    if (this.#withdrawal !== undefined) return this.#withdrawn('local-only')
    if (target === undefined) return this.#fail(failure)
    const flow = this.host.flowTo(target)
    if (flow === undefined) return this.#callNext(failure)
    this.#call(flow)
  }

  #call(flow: Flow): void {
    const { host, dialog } = this
    this.#attempt += 1
    this.#progress = 'calling'
    this.#flow = flow
    dialog.flow = flow
    if (this.#attempt > 1) dialog.inviteSeq = dialog.nextSeq()
    const branch = attemptBranch(this.#branch, this.#attempt)
    this.#via = host.via(flow, branch)
    const timer = this.timer.ask(this.#minimumInterval)
    const authorization = this.#authorization === undefined ? [] : [this.#authorization]
    const request = composeInvite(host, dialog, this.#spec, flow, this.#via, this.localSdp, [
      ...timer,
      ...authorization,
    ])
    this.#invite = host.layer.start(request, branch, flow, this)
    if (this.#attempt > 1) this.listener.changed?.()
  }

  responded(transaction: ClientTransaction, response: SipResponse): void {
    const { request } = transaction
    if (request === undefined) return
    const { status } = response
    if (status >= 200 && status < 300) this.#accepted(request, transaction.flow, response)
    else if (transaction !== this.#invite) return
    else if (status < 200) this.#provisional(request, transaction.flow, response)
    else this.#refused(request, transaction.flow, response)
  }

  failed(transaction: ClientTransaction, failure: ClientFailure, detail: FlowFailure | undefined): void {
    if (transaction !== this.#invite || this.#progress === 'over' || this.#progress === 'answered') return
    if (this.#withdrawal !== undefined) {
      // §9.1: the INVITE is destroyed 64·T1 after the CANCEL. Its 200 alone tells that the peer has heard.
      if (this.#cancel === 'answered') this.#withdrawn('delivered')
      else this.#withdrawn(failure === 'transport' && this.#cancel === 'none' ? 'local-only' : 'unconfirmed')
    } else if (failure === 'transport') this.#callNext({ kind: 'transport', detail })
    else this.#fail({ kind: 'timeout', detail })
  }

  #provisional(request: SipRequest, flow: Flow, response: SipResponse): void {
    if (this.#progress === 'calling') {
      this.#progress = 'proceeding'
      if (this.#withdrawal !== undefined) this.#sendCancel()
    }
    const { status } = response
    if (this.#withdrawal !== undefined || status === 100) return
    const tag = to(response)?.tag ?? ''
    const sdp = sdpOf(response)
    const progress: Provisional = { status, phrase: response.reason, tag, sdp, response }
    if (status === 199) {
      // RFC 6228 §4: this fork is done; the INVITE is not
      this.#forks?.delete(tag)
      this.listener.forkEnded?.(progress, reasons(response))
      return
    }
    if (tag !== '') this.#fork(tag, request, flow, response)
    if (status === 180) this.listener.ringing?.(progress)
    else if (sdp === undefined) this.listener.progressed?.(progress)
    if (sdp !== undefined) this.listener.early?.(progress)
  }

  #fork(tag: string, request: SipRequest, flow: Flow, response: SipResponse): void {
    this.dialog.move('provisional')
    this.#forks ??= new Map()
    if (this.#forks.has(tag) || this.#forks.size >= maxForks) return
    const dialog = callerDialog(request, response, flow, this.#spec.flow !== undefined)
    dialog.move('provisional')
    this.#forks.set(tag, dialog)
  }

  /** RFC 3261 §13.2.2.4: every 2xx is acknowledged, every time; only the first is wanted, and only if we still want one. */
  #accepted(request: SipRequest, flow: Flow, response: SipResponse): void {
    const tag = to(response)?.tag ?? ''
    if (this.#progress === 'answered' && tag === this.dialog.remoteTag) {
      if (this.#ack !== undefined) this.host.layer.put(this.#ack.flow, this.#ack.bytes)
      return
    }
    const known = this.#unwanted?.get(tag)
    if (known !== undefined) return known.again()
    const dialog = callerDialog(request, response, flow, this.#spec.flow !== undefined)
    // A fork may have sent us requests before its 2xx.
    dialog.remoteSeq = Math.max(dialog.remoteSeq, this.#forks?.get(tag)?.remoteSeq ?? -1)
    if (this.#progress === 'answered' || this.#withdrawal !== undefined) return this.#refuseAnswer(tag, dialog)
    this.#progress = 'answered'
    this.#forks = undefined
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
    this.#unwanted ??= new Map()
    const answer = new UnwantedAnswer(
      this.host,
      dialog,
      this.#authorization,
      this.#withdrawal?.bye ?? [],
      (outcome) => {
        if (!late) return
        this.host.release(this.localTag)
        this.settle(outcome)
      },
    )
    this.#unwanted.set(tag, answer)
  }

  #refused(request: SipRequest, flow: Flow, response: SipResponse): void {
    if (this.#withdrawal !== undefined) return this.#withdrawn('delivered')
    const { status } = response
    if (this.#tryAgain(request, flow, response)) return
    if (status === 503 && this.#targets.length > 0) {
      return this.#callNext({ kind: 'transport', detail: undefined })
    }
    this.#over()
    this.listener.refused(refusalOf(response))
  }

  /** A response that tells what to do better (§8.1.3.5): credentials once, a longer session timer. */
  #tryAgain(request: SipRequest, flow: Flow, response: SipResponse): boolean {
    const { status } = response
    const { credentials, layer } = this.host
    if ((status === 401 || status === 407) && this.#authorization === undefined) {
      const { uri, body } = request
      this.#authorization = answerChallenge(response, 'INVITE', uri, body, credentials, layer.ids.tag())
      if (this.#authorization === undefined) return false
    } else if (status === 422) {
      const least = minSessionExpires(response) ?? 0
      if (least <= this.#minimumInterval) return false
      this.#minimumInterval = least
    } else {
      return false
    }
    this.#call(flow)
    return true
  }

  // ------------------------------------------------------------------ the end of it

  #sendCancel(): void {
    if (this.#invite === undefined || this.#withdrawal === undefined) return
    this.host.layer.cancel(this.#invite, sentAs('', false, this.#withdrawal.cancel).reason, {
      // Whatever it says concerns the CANCEL only (RFC 5057 §5.2): the INVITE's own response decides.
      responded: (_transaction, response) => {
        if (response.status >= 200 && response.status !== 481) this.#cancel = 'answered'
      },
      failed: () => {},
    })
    this.#cancel = 'sent'
  }

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
    this.#forks = undefined
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
    return this.#forks?.get(tag) ?? this.#unwanted?.get(tag)?.dialog
  }
}

function refusalOf(response: SipResponse): Refusal {
  const { status } = response
  const after = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  return {
    status,
    phrase: response.reason,
    reasons: reasons(response),
    raw: response.headers.all('reason'),
    contacts: status < 400 ? byPreference(response) : [],
    retryAfter: Number.isFinite(after) && after >= 0 ? after : undefined,
    response,
  }
}

function byPreference(response: SipResponse): string[] {
  const q = (value: string | undefined) => (value === undefined ? 1 : Number.parseFloat(value) || 0)
  return [...contacts(response)].sort((a, b) => q(b.param('q')) - q(a.param('q'))).map(({ uri }) => uri)
}
