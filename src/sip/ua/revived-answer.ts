import type { Dialog } from '../dialog/dialog.ts'
import { acknowledge } from './acknowledge.ts'
import { Ask, type Asker, type AskFailure } from './ask.ts'
import type { EndOrder, Farewell, Sent, Told } from './facts.ts'
import type { SessionHost } from './host.ts'
import { reasonLines, sentAs } from './sent.ts'

/** One of the ways in which a revived session ends. */
export interface Ending {
  end(order: EndOrder): Sent
  /** Nobody will end it any more: drop what would wait for ever. */
  release(): void
  /** The peer acknowledges a 2xx of the life before. */
  acknowledged?(): void
  /** The peer says BYE after our `end`: it is gone, whatever comes of what we said. */
  peerLeft?(): void
}

/** The revived session, as its ending sees it. */
export interface Survivor {
  settle(outcome: Told): void
  peerEnded(farewell: Farewell): void
}

/** A dialog that both sides know: BYE. */
export class RevivedAnswer implements Ending, Asker {
  readonly #host: SessionHost
  readonly #dialog: Dialog
  readonly #survivor: Survivor

  constructor(host: SessionHost, dialog: Dialog, survivor: Survivor) {
    this.#host = host
    this.#dialog = dialog
    this.#survivor = survivor
  }

  end(order: EndOrder): Sent {
    // As the caller: the answer was stored before it was acknowledged. Once more does no harm.
    if (this.#dialog.side === 'uac' && this.#dialog.state === 'moratorium') {
      acknowledge(this.#host, this.#dialog, this.#dialog.inviteSeq, undefined, () => {})
    }
    this.#dialog.move('ack')
    this.#dialog.move('bye')
    new Ask(this.#host, this.#dialog, this, 'BYE', reasonLines(order.bye)).send()
    return sentAs('BYE', false, order.bye)
  }

  release(): void {}

  replied(): void {
    this.#dialog.move('bye-done')
    this.#survivor.settle('delivered')
  }

  unreplied(_ask: Ask, failure: AskFailure): void {
    this.#dialog.move('bye-done')
    this.#survivor.settle(failure === 'unsent' ? 'local-only' : 'unconfirmed')
  }
}
