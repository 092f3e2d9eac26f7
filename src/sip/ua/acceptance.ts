import type { Alarm, Rung } from '../transaction/alarms.ts'
import type { TransactionLayer } from '../transaction/layer.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import { backoff } from '../transaction/timing.ts'

export interface AcceptanceOwner {
  /** 64·T1 without an ACK. */
  neverAcknowledged(acceptance: Acceptance): void
}

/**
 * A 2xx of ours that waits for its ACK (RFC 3261 §13.3.1.4): repeated end to end, over every transport, at T1, 2·T1 … T2, until the ACK
 * comes or 64·T1 are over.
 */
export class Acceptance implements Rung {
  /** CSeq of the INVITE, which is that of its ACK. */
  readonly seq: number
  /** True if our 2xx carried the offer, so that the ACK brings the answer. */
  readonly offered: boolean
  readonly #layer: TransactionLayer
  readonly #transaction: ServerTransaction
  readonly #owner: AcceptanceOwner
  #bytes: Uint8Array | undefined
  #fired = 0
  #again: Alarm
  readonly #end: Alarm

  constructor(
    layer: TransactionLayer,
    transaction: ServerTransaction,
    bytes: Uint8Array,
    seq: number,
    offered: boolean,
    owner: AcceptanceOwner,
  ) {
    this.#layer = layer
    this.#transaction = transaction
    this.#bytes = bytes
    this.seq = seq
    this.offered = offered
    this.#owner = owner
    this.#again = layer.wheel.arm(layer.timing.t1, this, 'again')
    this.#end = layer.wheel.arm(64 * layer.timing.t1, this, 'end')
  }

  rang(name: string): void {
    if (name === 'end') {
      this.stop()
      this.#owner.neverAcknowledged(this)
      return
    }
    if (this.#bytes === undefined) return
    this.#transaction.repeat(this.#bytes)
    this.#fired++
    this.#again = this.#layer.wheel.arm(backoff(this.#fired, this.#layer.timing), this, 'again')
  }

  /** The ACK came, or the dialog is over. */
  stop(): void {
    this.#bytes = undefined
    this.#layer.wheel.disarm(this.#again)
    this.#layer.wheel.disarm(this.#end)
  }
}
