import type { Dialog } from '../dialog/dialog.ts'
import type { SipResponse } from '../message/message.ts'
import type { ReasonToSend } from '../message/reason.ts'
import type { Flow } from '../transport/flow.ts'
import { acknowledge } from './acknowledge.ts'
import { Ask, type Asker, type AskFailure } from './ask.ts'
import type { Told } from './facts.ts'
import type { SessionHost } from './host.ts'
import { reasonLines } from './sent.ts'

/**
 * A 2xx that nobody wants: it came after we gave up, or from another fork (RFC 3261 §13.2.2.4, RFC 5407 §3.1.2). It is acknowledged,
 * since its sender repeats it until then, and ended by BYE, by its own tag and route set.
 */
export class UnwantedAnswer implements Asker {
  readonly dialog: Dialog
  readonly #host: SessionHost
  readonly #done: (outcome: Told) => void
  #flow: Flow | undefined
  #ack: Uint8Array | undefined

  constructor(
    host: SessionHost,
    dialog: Dialog,
    authorization: readonly [string, string] | undefined,
    reasons: readonly ReasonToSend[],
    done: (outcome: Told) => void,
  ) {
    this.#host = host
    this.dialog = dialog
    this.#done = done
    dialog.move('success')
    dialog.move('ack')
    acknowledge(host, dialog, dialog.inviteSeq, authorization, (flow, bytes) => {
      this.#flow = flow
      this.#ack = bytes
    })
    dialog.move('bye')
    new Ask(host, dialog, this, 'BYE', reasonLines(reasons)).send()
  }

  /** Its 2xx came again. */
  again(): void {
    if (this.#flow !== undefined && this.#ack !== undefined) this.#host.layer.put(this.#flow, this.#ack)
  }

  replied(_ask: Ask, _response: SipResponse): void {
    this.dialog.move('bye-done')
    this.#done('delivered')
  }

  unreplied(_ask: Ask, failure: AskFailure): void {
    this.dialog.move('bye-done')
    this.#done(failure === 'unsent' ? 'local-only' : 'unconfirmed')
  }
}
