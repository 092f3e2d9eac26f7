import type { Instant } from '../../call/ending.ts'

/** Cancels an alarm; calling it twice, or after it rang, does nothing. */
export type Disarm = () => void

/** The only source of time. Injected everywhere, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch; never steps back. */
  now(): Instant
  /** Rings once, at or after `due`, never synchronously. */
  alarm(due: Instant, ring: () => void): Disarm
}
