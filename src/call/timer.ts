import type { Cause } from './causes.ts'
import type { Codes, Instant } from './ending.ts'
import type { LegId } from './leg.ts'

/** Unique within its call. Arming the same id again replaces the timer. */
export type TimerId = string

/**
 * A promise that something ends at a moment. It is a stored row, and the process's alarm is only its bell.
 * It says itself what its firing means, so a new kind of limit needs no new code in the heart.
 */
export type Timer = Readonly<{
  id: TimerId
  due: Instant
  /** The leg that it ends; absent: the whole call. */
  leg?: LegId
  cause: Cause
  detail?: string
  codes?: Codes
  /** `ringing`: the answer of its leg disarms it (a ring limit). `any`: only the end of its leg or call does. */
  until: 'ringing' | 'any'
}>
