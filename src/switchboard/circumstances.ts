import type { Call, CallId } from '../call/call.ts'
import type { Annex, Notice } from '../call/effect.ts'
import type { Instant } from '../call/ending.ts'
import type { CallRecord } from '../call/record.ts'
import type { Feed } from './feed.ts'
import type { Clock, Delivery, LiveRow } from './ports.ts'

/** What a live call needs of the house around it. The switchboard is this; tests of one call bring their own. */
export interface Circumstances {
  readonly clock: Clock
  readonly feed: Feed
  /** Rejects only when the store cannot hold the row: that has been reported, and a rejection nobody waits for is harmless. */
  store(row: LiveRow): Promise<void>
  /** Tries until the record is durable, then calls `done`. */
  settle(record: CallRecord, deliveries: readonly Delivery[], done: () => void): void
  enqueue(deliveries: readonly Delivery[]): void
  annex(call: CallId, at: Instant, entry: Annex): void
  deliveriesFor(notice: Notice, call: Call, record: CallRecord | undefined): readonly Delivery[]
  forget(call: CallId): void
  /** Runs somebody else's code; what it throws is reported and stops nothing. */
  guard(code: () => void): void
}
