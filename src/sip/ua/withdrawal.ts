import type { ReasonToSend } from '../message/reason.ts'
import type { ClientFailure, ClientTransaction } from '../transaction/client.ts'
import type { TransactionLayer } from '../transaction/layer.ts'
import type { Told } from './facts.ts'
import { sentAs } from './sent.ts'

/** The end of an outgoing call that was ordered before its answer: a CANCEL, now or after the first 1xx. */
export class Withdrawal {
  readonly #cancel: readonly ReasonToSend[]
  /** Reasons of the BYE, should a 2xx come all the same. */
  readonly bye: readonly ReasonToSend[]
  #state: 'queued' | 'sent' | 'answered' = 'queued'

  constructor(cancel: readonly ReasonToSend[], bye: readonly ReasonToSend[]) {
    this.#cancel = cancel
    this.bye = bye
  }

  send(layer: TransactionLayer, invite: ClientTransaction | undefined): void {
    if (invite === undefined) return
    layer.cancel(invite, sentAs('', false, this.#cancel).reason, {
      // Whatever it says concerns the CANCEL only (RFC 5057 §5.2): the INVITE's own response decides.
      responded: (_transaction, response) => {
        if (response.status >= 200 && response.status !== 481) this.#state = 'answered'
      },
      failed: () => {},
    })
    this.#state = 'sent'
  }

  /** §9.1: the INVITE is destroyed 64·T1 after the CANCEL. Its 200 alone tells that the peer has heard. */
  outcome(failure: ClientFailure): Told {
    if (this.#state === 'answered') return 'delivered'
    return failure === 'transport' && this.#state === 'queued' ? 'local-only' : 'unconfirmed'
  }
}
