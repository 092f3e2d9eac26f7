import type { Call, CallId } from '../../call/call.ts'
import type { Annex } from '../../call/effect.ts'
import type { Instant } from '../../call/ending.ts'
import type { LegId } from '../../call/leg.ts'
import type { CallRecord } from '../../call/record.ts'
import type { Attempt, Delivery, DeliveryState } from './delivery.ts'

/**
 * The durable store. Writes made in one turn of the event loop are committed as one group; each resolves once it is
 * on disk. Writes of one call are applied in the order they were made.
 */
export interface Ledger {
  open(): Promise<void>
  /** Insert or replace a live call. `later`: within a second, unless more is written of the call before. */
  store(row: LiveRow, when?: 'now' | 'later'): Promise<void>
  /**
   * In one transaction: drop the live row and its timers, insert record and deliveries. A second one of the same call changes nothing.
   *
   * @param keeps asked when it leaves for the disk: whether the row stays, as it was stored last, until `release`
   */
  settle(record: CallRecord, deliveries: readonly Delivery[], keeps?: () => boolean): Promise<void>
  /** Drop the row that `settle` kept: every far end has confirmed what it was told, or never will. */
  release(call: CallId): Promise<void>
  annex(call: CallId, at: Instant, entry: Annex): Promise<void>
  /** Deliveries of a call that still lives. */
  enqueue(deliveries: readonly Delivery[]): Promise<void>
  attempted(delivery: string, attempt: Attempt, state: DeliveryState, next: Instant | null): Promise<void>
  /** Another body, as long as it is pending. */
  amend(delivery: string, body: string): Promise<void>
  live(): Promise<readonly LiveRow[]>
  record(call: CallId): Promise<RecordView | undefined>
  records(filter: RecordFilter, page: { limit: number; cursor?: string }): Promise<Page<RecordView>>
  due(before: Instant, limit: number): Promise<readonly Delivery[]>
  delivery(id: string): Promise<Delivery | undefined>
  deliveries(
    filter: { call?: CallId; state?: DeliveryState },
    page: { limit: number; cursor?: string },
  ): Promise<Page<Delivery>>
  /** Make a delivery due again, by hand. */
  replay(id: string, at: Instant): Promise<Delivery | undefined>
  close(): Promise<void>
}

/** A call as it is stored while it lives, and until its far ends have confirmed its end. */
export type LiveRow = Readonly<{
  call: Call
  wires: readonly Wire[]
  /** Read only: it has ended, and some of its far ends may not have heard. */
  record?: RecordView
}>

/** What a network must remember of one leg that lives, or has not confirmed its end: `LegHandle.wire()`. */
export type Wire = Readonly<{ leg: LegId; wire: unknown }>

export type RecordFilter = Readonly<{
  cause?: string
  actor?: string
  phase?: string
  network?: string
  platform?: string
  from?: string
  to?: string
  /** Ended at or after / before. */
  since?: Instant
  until?: Instant
}>

export type RecordView = CallRecord & Readonly<{ annex: readonly (Annex & { at: Instant })[] }>

export type Page<T> = Readonly<{ items: readonly T[]; next: string | null }>
