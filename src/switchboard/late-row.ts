import type { Call } from '../call/call.ts'
import type { LiveRow, Wire } from './ports.ts'

/**
 * A call as the ledger stores it: read when the group that it is in leaves for the disk, so that what changes meanwhile
 * is stored too, and what is settled meanwhile is never spelled.
 */
export class LateRow implements LiveRow {
  readonly #live: Readonly<{ call: Call; wires(): readonly Wire[] }>

  constructor(live: Readonly<{ call: Call; wires(): readonly Wire[] }>) {
    this.#live = live
  }

  get call(): Call {
    return this.#live.call
  }

  get wires(): readonly Wire[] {
    return this.#live.wires()
  }

  toJSON(): LiveRow {
    return { call: this.call, wires: this.wires }
  }
}
