/** Cancels an alarm; calling it twice, or after it rang, does nothing. */
export type Disarm = () => void

/** The only source of time in this library. Milliseconds; `now` never steps back, `ring` is never called synchronously. */
export interface Clock {
  now(): number
  alarm(due: number, ring: () => void): Disarm
}

/** Fills the view with random bytes: `crypto.getRandomValues`, or a seeded generator in tests. */
export type FillRandom = (view: Uint8Array) => void
