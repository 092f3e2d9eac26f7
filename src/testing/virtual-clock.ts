import type { Clock, Disarm } from '../switchboard/ports.ts'

/** Time that moves only when a test says so. Alarms ring in order of their due time, ties in order of arming. */
export class VirtualClock implements Clock {
  #now: number
  #alarms: { due: number; ring: () => void }[] = []

  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  alarm(due: number, ring: () => void): Disarm {
    const entry = { due, ring }
    const later = this.#alarms.findIndex((other) => other.due > due)
    this.#alarms.splice(later === -1 ? this.#alarms.length : later, 0, entry)
    return () => {
      const at = this.#alarms.indexOf(entry)
      if (at !== -1) this.#alarms.splice(at, 1)
    }
  }

  /** Alarms that are still armed. After everything has ended, there is none. */
  get armed(): number {
    return this.#alarms.length
  }

  /** Moves time on and rings what falls due on the way, each at its own moment. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds
    for (let next = this.#alarms[0]; next !== undefined && next.due <= end; next = this.#alarms[0]) {
      this.#alarms.shift()
      this.#now = Math.max(this.#now, next.due)
      next.ring()
    }
    this.#now = end
  }

  /** The same, letting promises settle between alarms. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds
    await settle()
    for (let next = this.#alarms[0]; next !== undefined && next.due <= end; next = this.#alarms[0]) {
      this.advance(Math.max(0, next.due - this.#now))
      await settle()
    }
    this.advance(end - this.#now)
    await settle()
  }
}

async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}
