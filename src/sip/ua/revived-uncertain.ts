import type { Dialog } from '../dialog/dialog.ts'
import type { SipResponse } from '../message/message.ts'
import type { Alarm, Rung } from '../transaction/alarms.ts'
import type { Flow } from '../transport/flow.ts'
import { Ask, type Asker } from './ask.ts'
import { type EndOrder, type Farewell, nothingSent, type Sent, type Told } from './facts.ts'
import type { SessionHost } from './host.ts'
import { RestoredInvite, type RestoredUser } from './restored-invite.ts'
import type { Ending, Survivor } from './revived-answer.ts'
import { reasonLines, sentAs } from './sent.ts'
import type { IncomingSnapshot } from './snapshot.ts'

/**
 * An incoming call of which nobody knows whether its 2xx had left. The final response comes first: a caller that still waits
 * acknowledges it, and one that was answered is past its INVITE and does not hear it (RFC 6026 §7.2). Only the latter has a dialog
 * that a BYE may end (RFC 3261 §15), so that goes out when T1 has passed without an ACK.
 */
export class RevivedUncertain implements Ending, RestoredUser, Asker, Rung {
  readonly #host: SessionHost
  readonly #dialog: Dialog
  readonly #survivor: Survivor
  readonly #invite: RestoredInvite | undefined
  #order: EndOrder | undefined
  #waiting: Alarm | undefined
  #refusal: 'awaited' | Told = 'awaited'
  #bye: 'unsent' | 'awaited' | 'unheard' = 'unsent'

  constructor(
    host: SessionHost,
    dialog: Dialog,
    snapshot: IncomingSnapshot,
    flow: Flow | undefined,
    survivor: Survivor,
  ) {
    this.#host = host
    this.#dialog = dialog
    this.#survivor = survivor
    this.#invite = RestoredInvite.from(host, snapshot.invite, snapshot.dialog.localTag, flow, this)
  }

  end(order: EndOrder): Sent {
    this.#order = order
    if (this.#invite?.refuse(order.refuse) === true) {
      const { wheel, timing } = this.#host.layer
      this.#waiting = wheel.arm(timing.t1, this, 'bye')
      return { message: String(order.refuse.status), queued: false }
    }
    if (this.#invite !== undefined) return nothingSent
    this.#refusal = 'local-only'
    this.#sendBye()
    return sentAs('BYE', false, order.bye)
  }

  release(): void {
    this.#stopWaiting()
    this.#invite?.forget()
  }

  rang(): void {
    this.#waiting = undefined
    this.#sendBye()
  }

  cancelled(cancel: Farewell): void {
    this.#stopWaiting()
    this.#survivor.peerEnded(cancel)
  }

  refusalSettled(outcome: Told): void {
    this.#refusal = outcome
    if (outcome === 'delivered') this.#stopWaiting()
    if (outcome === 'delivered' || this.#bye === 'unheard') this.#survivor.settle(outcome)
  }

  /** The response is repeated all the same: a caller that has not heard of it yet may answer a BYE, and go on waiting. */
  replied(_ask: Ask, response: SipResponse): void {
    this.#dialog.move('bye-done')
    if (response.status === 481) this.#byeUnheard()
    else this.#survivor.settle('delivered')
  }

  unreplied(): void {
    this.#dialog.move('bye-done')
    this.#byeUnheard()
  }

  #byeUnheard(): void {
    this.#bye = 'unheard'
    if (this.#refusal !== 'awaited') this.#survivor.settle(this.#refusal)
  }

  #sendBye(): void {
    this.#bye = 'awaited'
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
