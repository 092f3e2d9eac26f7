import type { Dialog } from '../dialog/dialog.ts'
import type { SipResponse } from '../message/message.ts'
import type { Alarm, Rung } from '../transaction/alarms.ts'
import type { Flow } from '../transport/flow.ts'
import { Ask, type Asker, type AskFailure } from './ask.ts'
import { type EndOrder, type Farewell, nothingSent, type Sent, type Told } from './facts.ts'
import type { SessionHost } from './host.ts'
import { RestoredInvite, type RestoredUser } from './restored-invite.ts'
import type { Ending, Survivor } from './revived-answer.ts'
import { reasonLines, sentAs } from './sent.ts'
import type { IncomingSnapshot } from './snapshot.ts'

/** What is said first: a final response to the INVITE, or the BYE. */
export type First = 'refusal' | 'bye'

/**
 * An incoming call of which nobody knows whether its 2xx has left, or has been heard. It is told both ways. A caller that still waits
 * acknowledges the final response; one that was answered is past its INVITE and does not hear it (RFC 6026 §7.2). The latter has a dialog that
 * a BYE may end (RFC 3261 §15); the former may answer that too, for its early dialog, and go on waiting. What is more likely heard goes first,
 * the other when that has brought no certainty within T1.
 */
export class RevivedUncertain implements Ending, RestoredUser, Asker, Rung {
  readonly #host: SessionHost
  readonly #dialog: Dialog
  readonly #survivor: Survivor
  readonly #first: First
  /** Undefined where there is none to answer, or nobody is to forget it any more. */
  #invite: RestoredInvite | undefined
  #order: EndOrder | undefined
  #waiting: Alarm | undefined
  /** Of our 2xx. Once seen, there is a dialog, or there was one; `late`: since the BYE left, which may have come before there was. */
  #ack: 'awaited' | 'seen' | 'late' = 'awaited'
  #refusal: 'unsent' | 'awaited' | Told = 'unsent'
  #bye: 'unsent' | 'awaited' | 'unheard' = 'unsent'

  constructor(
    host: SessionHost,
    dialog: Dialog,
    snapshot: IncomingSnapshot,
    flow: Flow | undefined,
    survivor: Survivor,
    first: First,
  ) {
    this.#host = host
    this.#dialog = dialog
    this.#survivor = survivor
    this.#first = first
    this.#invite = RestoredInvite.from(host, snapshot.invite, snapshot.dialog.localTag, flow, this)
  }

  end(order: EndOrder): Sent {
    this.#order = order
    const { wheel, timing } = this.#host.layer
    if (this.#invite !== undefined) this.#waiting = wheel.arm(timing.t1, this, 'other way')
    if (this.#first === 'refusal' && this.#invite !== undefined) {
      if (this.#refuse()) return { message: String(order.refuse.status), queued: false }
      this.#stopWaiting()
      return nothingSent
    }
    this.#sendBye()
    return sentAs('BYE', false, order.bye)
  }

  release(): void {
    this.#stopWaiting()
    this.#invite?.forget()
    this.#invite = undefined
    this.#refusal = 'unsent'
  }

  rang(): void {
    this.#waiting = undefined
    this.#otherWay()
  }

  // -------------------------------------------------------------- the INVITE

  /** Its 487 is repeated until it is acknowledged, whoever releases this session. */
  cancelled(cancel: Farewell): void {
    this.#stopWaiting()
    this.#invite = undefined
    this.#refusal = 'awaited'
    this.#survivor.peerEnded(cancel)
  }

  refusalSettled(outcome: Told): void {
    this.#refusal = outcome
    this.#invite = undefined
    if (outcome === 'delivered') this.#stopWaiting()
    const byeMayTell = this.#bye === 'awaited' || this.#waiting !== undefined
    if (outcome === 'delivered' || !byeMayTell) this.#survivor.settle(outcome)
  }

  /** Our 2xx was heard: the INVITE is over. */
  acknowledged(): void {
    this.#stopWaiting()
    this.#invite?.over()
    this.#invite = undefined
    this.#refusal = 'unsent'
    if (this.#ack === 'awaited') this.#ack = this.#bye === 'unsent' ? 'seen' : 'late'
    if (this.#order !== undefined && this.#bye !== 'awaited') this.#sendBye()
  }

  // -------------------------------------------------------------- the BYE

  replied(_ask: Ask, response: SipResponse): void {
    this.#dialog.move('bye-done')
    if (response.status === 481 && this.#ack === 'awaited') return this.#byeUnheard('unconfirmed')
    if (response.status === 481 && this.#ack === 'late') return this.#sendBye()
    this.#otherWay()
    // The final response is repeated until it is acknowledged, whoever releases this session.
    this.#invite = undefined
    this.#survivor.settle('delivered')
  }

  unreplied(_ask: Ask, failure: AskFailure): void {
    this.#dialog.move('bye-done')
    this.#byeUnheard(failure === 'unsent' ? 'local-only' : 'unconfirmed')
  }

  #byeUnheard(outcome: Told): void {
    this.#bye = 'unheard'
    this.#otherWay()
    if (this.#refusal === 'unsent') this.#survivor.settle(outcome)
    else if (this.#refusal !== 'awaited') this.#survivor.settle(this.#refusal)
  }

  /** Its BYE for an early dialog leaves its INVITE to be answered (RFC 3261 §15.1.2). */
  peerLeft(): void {
    this.#stopWaiting()
    if (this.#refusal === 'unsent') this.#refuse()
    this.#invite = undefined
    this.#survivor.settle('delivered')
  }

  // -------------------------------------------------------------- both

  #otherWay(): void {
    this.#stopWaiting()
    if (this.#refusal === 'unsent') this.#refuse()
    if (this.#bye === 'unsent') this.#sendBye()
  }

  /** False if there was a final response already, or there is nothing to answer. */
  #refuse(): boolean {
    if (this.#order === undefined || this.#invite === undefined) return false
    this.#refusal = 'awaited'
    return this.#invite.refuse(this.#order.refuse)
  }

  #sendBye(): void {
    this.#bye = 'awaited'
    if (this.#ack === 'late') this.#ack = 'seen'
    // No waiting for an ACK (§15): whoever got the 2xx has a dialog to end, and this process cannot repeat the 2xx to get its ACK.
    this.#dialog.move('success')
    this.#dialog.move('ack')
    this.#dialog.move('bye')
    new Ask(this.#host, this.#dialog, this, 'BYE', reasonLines(this.#order?.bye ?? [])).send()
  }

  #stopWaiting(): void {
    this.#host.layer.wheel.disarm(this.#waiting)
    this.#waiting = undefined
  }
}
