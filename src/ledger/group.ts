import type { CallId } from '../call/call.ts'
import type { CallRecord } from '../call/record.ts'
import type { Delivery, LiveRow } from '../switchboard/ports.ts'
import { errorOf, LedgerError, type LedgerFault } from './errors.ts'
import { type RowAfterwards, rowBody, settleWrite, storeWrite, type Write } from './write.ts'
import type { CommitResult } from './writer.ts'

/** The newest state of one call in this group. It is spelled as JSON only when the group leaves, so only once. */
type Latest =
  | Readonly<{ type: 'store'; row: LiveRow }>
  | Readonly<{
      type: 'settle'
      record: CallRecord
      deliveries: readonly Delivery[]
      keeps: () => boolean
      /** It was to be stored in this group, or later. */
      row?: LiveRow
    }>

type Content = Latest | Readonly<{ type: 'write'; write: Write }>

type Entry = { content: Content | Readonly<{ type: 'superseded' }>; waiter: PromiseWithResolvers<void> }

function afterwards({ keeps, row }: Extract<Latest, { type: 'settle' }>): RowAfterwards {
  if (!keeps()) return 'dropped'
  return row === undefined ? 'kept' : { body: rowBody(row) }
}

const never = (): boolean => false

function spell(content: Content): Write {
  switch (content.type) {
    case 'store':
      return storeWrite(content.row)
    case 'settle':
      return settleWrite(content.record, content.deliveries, afterwards(content))
    case 'write':
      return content.write
  }
}

/**
 * The writes that will be one transaction. A call's store is superseded by a later store or settle of the same call:
 * whoever stored it then waits for what came instead, which says more.
 */
export class Group {
  readonly #entries: Entry[] = []
  readonly #calls = new Map<CallId, Entry>()
  #hurries = false

  get empty(): boolean {
    return this.#entries.length === 0
  }

  /** Whether webhooks wait for it. */
  get hurries(): boolean {
    return this.#hurries
  }

  add(write: Write): Promise<void> {
    if (write[0] === 'enqueue') this.#hurries = true
    return this.#append({ type: 'write', write }, Promise.withResolvers()).waiter.promise
  }

  has(call: CallId): boolean {
    return this.#calls.has(call)
  }

  store(row: LiveRow): Promise<void> {
    return this.#supersede(row.call.id, { type: 'store', row })
  }

  /** @param row what was to be stored of the call later. */
  settle(record: CallRecord, deliveries: readonly Delivery[], keeps = never, row?: LiveRow): Promise<void> {
    if (deliveries.length > 0) this.#hurries = true
    const earlier = this.#calls.get(record.id)?.content
    const unstored = earlier?.type === 'store' ? earlier.row : row
    const kept = unstored === undefined ? {} : { row: unstored }
    return this.#supersede(record.id, { type: 'settle', record, deliveries, keeps, ...kept })
  }

  /** The group's writes. What cannot be spelled as JSON is rejected here and left out. */
  spell(): readonly Write[] {
    const writes: Write[] = []
    let kept = 0
    for (const entry of this.#entries) {
      if (entry.content.type === 'superseded') continue
      try {
        writes.push(spell(entry.content))
        this.#entries[kept++] = entry
      } catch (error) {
        entry.waiter.reject(new LedgerError('ledger.write', String(error)))
      }
    }
    this.#entries.length = kept
    return writes
  }

  /** Answers everybody who waits for this group. Returns the first fault, if there was one. */
  conclude(result: CommitResult): LedgerFault | null {
    let first: LedgerFault | null = null
    for (const [index, { waiter }] of this.#entries.entries()) {
      const fault = result === null ? null : (result[index] ?? null)
      first ??= fault
      if (fault === null) waiter.resolve()
      else waiter.reject(errorOf(fault))
    }
    return first
  }

  #append(content: Content, waiter: PromiseWithResolvers<void>): Entry {
    const entry: Entry = { content, waiter }
    this.#entries.push(entry)
    return entry
  }

  #supersede(call: CallId, content: Latest): Promise<void> {
    const earlier = this.#calls.get(call)
    // Once settled, a call is over: neither a late store nor a second settle changes anything.
    if (earlier?.content.type === 'settle') return earlier.waiter.promise
    if (earlier !== undefined) earlier.content = { type: 'superseded' }
    // At the newer one's place: the writes of a group keep their order across calls too.
    const entry = this.#append(content, earlier?.waiter ?? Promise.withResolvers())
    this.#calls.set(call, entry)
    return entry.waiter.promise
  }
}
