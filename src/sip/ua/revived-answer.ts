import type { Dialog } from '../dialog/dialog.ts'
import { acknowledge } from './acknowledge.ts'
import { Ask, type Asker, type AskFailure } from './ask.ts'
import type { EndOrder, Farewell, Refuse, Sent, Told } from './facts.ts'
import type { SessionHost } from './host.ts'
import type { RestoredInvite } from './restored-invite.ts'
import { reasonLines, sentAs } from './sent.ts'

/** One of the ways in which a revived session ends. */
export interface Ending {
  end(order: EndOrder): Sent
  /** Nobody will end it any more: drop what would wait for ever. */
  release(): void
}

/** The revived session, as its ending sees it. */
export interface Survivor {
  settle(outcome: Told): void
  peerEnded(farewell: Farewell): void
}

/**
 * A dialog that was answered: BYE. `invite` is there if our 2xx was never seen acknowledged: it may not have left after all. A caller that
 * still waits may have an early dialog, and answer the BYE; so its INVITE gets a final response then. One that was answered is past its
 * INVITE, and does not hear that (RFC 6026 §7.2).
 */
export class RevivedAnswer implements Ending, Asker {
  readonly #host: SessionHost
  readonly #dialog: Dialog
  #invite: RestoredInvite | undefined
  readonly #survivor: Survivor
  #refuse: Refuse | undefined

  constructor(host: SessionHost, dialog: Dialog, invite: RestoredInvite | undefined, survivor: Survivor) {
    this.#host = host
    this.#dialog = dialog
    this.#invite = invite
    this.#survivor = survivor
  }

  end(order: EndOrder): Sent {
    this.#refuse = order.refuse
    // As the caller: the answer was stored before it was acknowledged. Once more does no harm.
    if (this.#dialog.side === 'uac' && this.#dialog.state === 'moratorium') {
      acknowledge(this.#host, this.#dialog, this.#dialog.inviteSeq, undefined, () => {})
    }
    // No waiting for an ACK (§15): whoever got the 2xx has a dialog to end, and this process cannot repeat the 2xx to get its ACK.
    this.#dialog.move('ack')
    this.#dialog.move('bye')
    new Ask(this.#host, this.#dialog, this, 'BYE', reasonLines(order.bye)).send()
    return sentAs('BYE', false, order.bye)
  }

  release(): void {
    this.#invite?.forget()
  }

  replied(): void {
    this.#dialog.move('bye-done')
    if (this.#refuse !== undefined) this.#invite?.refuse(this.#refuse)
    // It repeats that by itself until it is acknowledged, whoever forgets this.
    this.#invite = undefined
    this.#survivor.settle('delivered')
  }

  unreplied(_ask: Ask, failure: AskFailure): void {
    this.#dialog.move('bye-done')
    this.#invite?.forget()
    this.#survivor.settle(failure === 'unsent' ? 'local-only' : 'unconfirmed')
  }
}
