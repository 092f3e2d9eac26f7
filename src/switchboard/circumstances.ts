import type { CallId } from '../call/call.ts'
import type { Books } from './books.ts'
import type { Feed } from './feed.ts'
import type { Clock } from './ports.ts'

/** What a live call needs of the house around it. */
export interface Circumstances {
  readonly clock: Clock
  readonly feed: Feed
  readonly books: Books
  /** The call's record is being written: from now on its far ends are awaited, and not for ever. */
  settling(call: CallId): void
  forget(call: CallId): void
  /** Whether a leg that had not confirmed what it was told is told again by the next process. */
  retells(network: string): boolean
  /** Runs somebody else's code; what it throws is reported and stops nothing. */
  readonly guard: (code: () => void) => void
}
