/** Something that sends at a steady pace. */
export interface Paced {
  /**
   * Send what is due.
   * @param due the moment it is due, in monotonic milliseconds: exact, however late it is called.
   * @returns slots until the next beat, 1 to `horizon`; 0 to leave the ticker.
   */
  beat(due: number): number
}

/** Milliseconds. */
export const slotLength = 5
/** Slots ahead that can be asked for: 80 ms. */
export const horizon = 16
/** Later than this is not caught up with: a burst would only overflow the far end's buffer. Milliseconds. */
const hopeless = 100
/** Timers have whole milliseconds; a slot this near is due. */
const nearness = 0.5

export type TickerClock = Readonly<{
  /** Monotonic milliseconds, with fractions. */
  now(): number
  /** Calls once after that many milliseconds. */
  after(milliseconds: number, ring: () => void): void
}>

/**
 * One timer for everybody who sends. Deadlines are absolute (slot number × 5 ms), so a late timer makes one packet late
 * but never the stream slow; the senders are spread over the slots.
 */
export class Ticker {
  readonly #clock: TickerClock
  readonly #wheel: Paced[][] = Array.from({ length: horizon }, () => [])
  readonly #members = new Set<Paced>()
  /** The time of slot 0, and the next slot to run. */
  #origin = 0
  #slot = 0
  #running = false

  constructor(clock: TickerClock) {
    this.#clock = clock
  }

  /** The first beat comes within 20 ms, in the emptiest slot. Nothing if it is a member already. */
  join(sender: Paced): void {
    if (this.#members.has(sender)) return
    this.#members.add(sender)
    if (!this.#running) this.#start()
    let best = this.#slot
    for (let slot = this.#slot; slot < this.#slot + 4; slot++) {
      if (this.#at(slot).length < this.#at(best).length) best = slot
    }
    this.#at(best).push(sender)
  }

  get size(): number {
    return this.#members.size
  }

  #at(slot: number): Paced[] {
    return this.#wheel[slot % horizon]!
  }

  #start(): void {
    this.#running = true
    this.#origin = this.#clock.now() - this.#slot * slotLength
    this.#clock.after(0, this.#run)
  }

  readonly #run = (): void => {
    const now = this.#clock.now()
    const behind = now - (this.#origin + this.#slot * slotLength)
    if (behind > hopeless) this.#origin += behind
    while (this.#members.size > 0 && this.#origin + this.#slot * slotLength <= now + nearness) this.#beat()
    if (this.#members.size === 0) this.#running = false
    else {
      const wait = this.#origin + this.#slot * slotLength - this.#clock.now()
      this.#clock.after(Math.max(0, Math.round(wait)), this.#run)
    }
  }

  #beat(): void {
    const due = this.#origin + this.#slot * slotLength
    const senders = this.#at(this.#slot)
    this.#wheel[this.#slot % horizon] = []
    for (const sender of senders) {
      const next = sender.beat(due)
      if (next === 0) this.#members.delete(sender)
      else this.#at(this.#slot + next).push(sender)
    }
    this.#slot++
  }
}
