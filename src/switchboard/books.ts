import type { Call, CallId } from '../call/call.ts'
import type { Annex, Notice } from '../call/effect.ts'
import type { Instant } from '../call/ending.ts'
import type { CallRecord } from '../call/record.ts'
import type { Clock, Delivery, DeliverySeed, Ids, Ledger, LiveRow, Platform, Slate } from './ports.ts'

export type BooksOptions = Readonly<{
  clock: Clock
  ids: Ids
  ledger: Ledger
  slate?: Pick<Slate, 'works'>
  platforms: ReadonlyMap<string, Platform>
  /** Deliveries that have just become durable. */
  deliver(deliveries: readonly Delivery[]): void
  onFault(fault: unknown, context: string): void
}>

/** A record on its way to the disk. */
type Settling = Readonly<{
  record: CallRecord
  deliveries: readonly Delivery[]
  /** Whether far ends have not confirmed what they were told. Asked as late as can be. */
  keeps(): boolean
  done(): void
}>

const none: readonly never[] = Object.freeze([])

/** Milliseconds until a record that the disk refused is tried again. */
const settleRetry = 1_000

/** What is written down of calls: rows, records, deliveries, what comes late. A fault of the disk is reported, and loses nothing. */
export class Books {
  readonly #options: BooksOptions

  constructor(options: BooksOptions) {
    this.#options = options
  }

  deliveriesFor(notice: Notice, call: Call, record: CallRecord | undefined): readonly Delivery[] {
    const { platforms, clock, ids, onFault } = this.#options
    const platform = platforms.get(call.app.platform)
    if (platform === undefined) return none
    const at = clock.now()
    try {
      const seeds = platform.deliveries(notice, call, record, ids)
      if (seeds.length === 0) return none
      return seeds.map((seed) => this.#fresh(seed, call.id, platform.name, at))
    } catch (fault) {
      onFault(fault, `the webhooks of platform ${platform.name}`)
      return none
    }
  }

  #fresh(seed: DeliverySeed, call: CallId, platform: string, at: Instant): Delivery {
    const { onFault } = this.#options
    const { id, kind, url, method, headers, policy, after = 0 } = seed
    return {
      id,
      kind,
      url,
      method,
      headers,
      get body() {
        try {
          return seed.body
        } catch (fault) {
          // Thrown, it would keep the record from the disk for ever. Whoever gets this can read it at least.
          onFault(fault, `the body of a webhook of platform ${platform}`)
          return 'null'
        }
      },
      policy,
      call,
      platform,
      state: 'pending',
      created: at,
      next: at + after,
      attempts: [],
    }
  }

  store(row: LiveRow, when: 'now' | 'later'): Promise<void> {
    const { ledger, slate } = this.#options
    // What may come to the disk later is what the slate knows.
    const stored = ledger.store(row, slate?.works === true ? when : 'now')
    stored.catch(this.#unstored)
    return stored
  }

  readonly #unstored = (fault: unknown) => this.#options.onFault(fault, 'storing a live call')

  settle(settling: Settling, attempt = 1): void {
    const { ledger, clock, deliver, onFault } = this.#options
    const { record, deliveries, keeps, done } = settling
    ledger.settle(record, deliveries, keeps).then(
      () => {
        if (deliveries.length > 0) deliver(deliveries)
        done()
      },
      (fault: unknown) => {
        // A record is never given up while the process lives: the disk may come back. It is said once, not every second.
        if (attempt === 1) onFault(fault, `writing the record of call ${record.id}; it is tried until it is written`)
        clock.alarm(clock.now() + settleRetry, () => this.settle(settling, attempt + 1))
      },
    )
  }

  release(call: CallId): void {
    const { ledger, onFault } = this.#options
    ledger.release(call).catch((fault: unknown) => onFault(fault, 'dropping the row of a call that is over'))
  }

  enqueue(deliveries: readonly Delivery[]): void {
    const { ledger, deliver, onFault } = this.#options
    ledger.enqueue(deliveries).then(
      () => deliver(deliveries),
      (fault: unknown) => onFault(fault, 'storing deliveries'),
    )
  }

  annex(call: CallId, at: Instant, entry: Annex): void {
    const { ledger, onFault } = this.#options
    ledger.annex(call, at, entry).catch((fault: unknown) => onFault(fault, 'storing what came late'))
  }
}
