import type { Instant } from '../call/ending.ts'

/** A token bucket that holds one second's worth: bursts pass up to the rate, a flood is held to it. */
export class Pace {
  readonly #perSecond: number
  #left: number
  #at: Instant = 0

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
  }

  admits(now: Instant): boolean {
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) * this.#perSecond) / 1000)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
