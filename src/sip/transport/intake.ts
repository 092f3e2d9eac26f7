import { parse } from '../message/parse.ts'
import type { TransportCounters } from './counters.ts'
import type { Flow, TransportUser } from './flow.ts'
import { stampVia } from './symmetric.ts'

/** What every transport does with the bytes of one message: read it, note where it came from, hand it up. Never throws. */
export class Intake {
  readonly #user: TransportUser
  readonly #counters: TransportCounters

  constructor(user: TransportUser, counters: TransportCounters) {
    this.#user = user
    this.#counters = counters
  }

  accept(bytes: Uint8Array, flow: Flow): void {
    this.#counters.received++
    const message = parse(bytes)
    if (message.kind === 'fault') {
      this.#counters.garbage++
      return
    }
    if (message.kind === 'request') stampVia(message, flow.remote)
    try {
      this.#user.message(message, flow)
    } catch {
      this.#counters.userFaults++
    }
  }
}
