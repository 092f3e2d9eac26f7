import type { CallId } from '../call/call.ts'
import type { Instant } from '../call/ending.ts'
import type { Clock } from './ports.ts'

/** Milliseconds. Far ends that have not answered what they were told by then are given up; SIP's own limit is 64*T1 = 32 s, twice. */
const tellingLimit = 70_000

/** Waits for the far ends of settled calls, and not for ever: one alarm for all of them, not one each. */
export class Patience {
  readonly #clock: Clock
  readonly #giveUp: (call: CallId) => void
  /** Settled calls whose far ends have not all answered, oldest first. */
  readonly #telling = new Map<CallId, Instant>()
  #sweep: 'none' | 'armed' = 'none'

  constructor(clock: Clock, giveUp: (call: CallId) => void) {
    this.#clock = clock
    this.#giveUp = giveUp
  }

  await(call: CallId): void {
    this.#telling.set(call, this.#clock.now() + tellingLimit)
    if (this.#sweep === 'none') this.#sweepLater()
  }

  forget(call: CallId): void {
    this.#telling.delete(call)
  }

  #sweepLater(): void {
    this.#sweep = 'armed'
    this.#clock.alarm(this.#clock.now() + tellingLimit / 7, () => {
      const now = this.#clock.now()
      for (const [id, limit] of this.#telling) {
        if (limit > now) break
        this.#telling.delete(id)
        this.#giveUp(id)
      }
      this.#sweep = 'none'
      if (this.#telling.size > 0) this.#sweepLater()
    })
  }
}
