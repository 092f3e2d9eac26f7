import type { CallId } from '../../call/call.ts'
import type { Instant } from '../../call/ending.ts'
import type { LegId } from '../../call/leg.ts'

export type Marked = Readonly<{ answering: Instant; acknowledged?: Instant }>

/**
 * What must outlive the process and cannot wait for the disk: which legs it was about to answer, and which of them have acknowledged
 * that. The commit that says so comes some time after the answer has left; a process that dies between leaves its word here.
 */
export interface Slate {
  /** Synchronous, within microseconds; never throws. */
  answering(leg: LegId, at: Instant): void
  /** Soon after, for a far end that is known to have the answer: it waits for nothing any more. */
  acknowledged(leg: LegId, at: Instant): void
  /** Whether what is marked can be found again. */
  readonly works: boolean
  /** What was written before this process began, by leg. */
  readonly found: ReadonlyMap<LegId, Marked>
}

/** The same for a platform whose events are numbered: which number it has told last of a call, before the disk knows. */
export interface Numbers {
  /** Synchronous, within microseconds; never throws. */
  numbered(call: CallId, number: number, at: Instant): void
  /** The highest number of each call that was written before this process began. */
  readonly numbers: ReadonlyMap<CallId, number>
}
