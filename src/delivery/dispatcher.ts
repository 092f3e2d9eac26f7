import { setMaxListeners } from 'node:events'
import type { Instant } from '../call/ending.ts'
import type { Attempt, Clock, Delivery, Disarm, Ledger, WebClient, WebRequest } from '../switchboard/ports.ts'
import { HostQueue, type Limits } from './queue.ts'
import type { WebhookSigner } from './standard-webhooks.ts'
import { attemptOf, type Verdict, verdictOn } from './verdict.ts'

export type Outcome = Readonly<{ delivery: Delivery; attempt: Attempt } & Verdict>

export type DispatcherOptions = Readonly<{
  ledger: Pick<Ledger, 'attempted' | 'delivery' | 'deliveries'>
  web: WebClient
  clock: Clock
  /** A platform's headers that are made anew for each attempt, and for each hop of a redirect (then `url` is the hop's). */
  sign?: (delivery: Delivery) => Readonly<Record<string, string>>
  /** Our own headers, beside the platform's. */
  webhooks: WebhookSigner
  /** After each attempt, once it is written down. */
  onOutcome?: (outcome: Outcome) => void
  /** What kept a delivery from being read or written down. */
  onFault: (fault: unknown, doing: string) => void
  limits?: Partial<Limits>
}>

export type Backlog = Readonly<{
  /** Wait for a slot. */
  waiting: number
  /** Are being attempted. */
  active: number
  /** Wait for the time of their next attempt. */
  resting: number
}>

const defaults: Limits = { perHost: 64, total: 512 }

/** Nobody reads what a webhook is answered with; more than this is a mistake at the other end. */
const answerBytes = 1024 * 1024
const redirectsFollowed = 3
/** Between two tries at what the disk refused. */
const diskRest = 1000
/** Up to so many (some 40 MB) wait with their bodies in memory; beyond, as after a start, a body is read when its turn comes. */
const bodiesKept = 20_000
const pageSize = 500

/** A pending delivery. Every one is known here, so the order of turns and the alarms need no reading of the ledger. */
type Entry = { readonly id: string; readonly host: string; delivery: Delivery | null; state: EntryState }

type EntryState =
  | { name: 'waiting' }
  | { name: 'active' }
  | { name: 'resting'; disarm: Disarm }
  /** Attempted, and not written down yet. */
  | { name: 'noting' }

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : ''
}

/**
 * Brings deliveries to where they must go: at once when they are poked, and again as their policies say. What is
 * pending when the process ends is found by `start` in the next. A delivery may arrive more than once, always under one id.
 *
 * Deliveries of one call start in the order they were made and do not wait for each other: vendors promise no order, and
 * one that is retried for minutes must not hold up the last word about its call.
 */
export interface DeliveryDispatcher {
  /** Takes up what earlier processes left pending. Resolves to how many those are, when all are known. */
  start(): Promise<number>
  /** Attempts deliveries that have just become durable, or due by hand. Nothing is read from the ledger for them. */
  poke(deliveries: readonly Delivery[]): void
  backlog(): Backlog
  /**
   * Starts nothing more, waits up to `limit` milliseconds for what is under way, and gives up the rest: all that is not
   * delivered stays pending in the ledger. Resolves when everything is written down.
   */
  stop(limit: number): Promise<void>
}

export function createDispatcher(options: DispatcherOptions): DeliveryDispatcher {
  return new Dispatcher(options)
}

class Dispatcher implements DeliveryDispatcher {
  readonly #options: DispatcherOptions
  readonly #queue: HostQueue<Entry>
  readonly #entries = new Map<string, Entry>()
  readonly #givingUp = new AbortController()
  readonly #began: Instant
  #state: 'running' | 'stopping' = 'running'
  #idle: (() => void)[] = []
  #busy = 0

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#began = options.clock.now()
    // One listener for each attempt under way is no leak.
    setMaxListeners(0, this.#givingUp.signal)
    this.#queue = new HostQueue({ ...defaults, ...options.limits })
  }

  async start(): Promise<number> {
    const found: { entry: Entry; due: Instant }[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<Ledger['deliveries']>> = await this.#options.ledger.deliveries(
        { state: 'pending' },
        cursor === null ? { limit: pageSize } : { limit: pageSize, cursor },
      )
      for (const delivery of page.items) {
        if (this.#entries.has(delivery.id)) continue
        found.push({ entry: this.#enter(delivery), due: this.#dueAtStart(delivery) })
      }
      cursor = page.next
    } while (cursor !== null)
    found.sort((a, b) => a.due - b.due)
    for (const { entry, due } of found) this.#schedule(entry, due)
    this.#startNext()
    return found.length
  }

  poke(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      if (delivery.state !== 'pending') continue
      const known = this.#entries.get(delivery.id)
      if (known !== undefined && known.state.name !== 'resting') continue
      if (known?.state.name === 'resting') known.state.disarm()
      const entry = known ?? this.#enter(delivery)
      if (this.#queue.waiting < bodiesKept) entry.delivery = delivery
      this.#schedule(entry, delivery.next ?? 0)
    }
    this.#startNext()
  }

  backlog(): Backlog {
    const { waiting, active } = this.#queue
    return { waiting, active, resting: this.#entries.size - waiting - active }
  }

  async stop(limit: number): Promise<void> {
    this.#state = 'stopping'
    for (const { state } of this.#entries.values()) if (state.name === 'resting') state.disarm()
    const disarm = this.#options.clock.alarm(this.#options.clock.now() + limit, () => this.#givingUp.abort())
    if (this.#busy > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    disarm()
  }

  #dueAtStart(delivery: Delivery): Instant {
    const { created, attempts, next } = delivery
    // Whoever wrote that in our future had a clock that was set back since; its due may be years away.
    const clockWasSetBack = (attempts.at(-1)?.at ?? created) > this.#options.clock.now()
    return clockWasSetBack || this.#orphaned(delivery) ? 0 : (next ?? 0)
  }

  /** Not tried, and left to a script (`DeliverySeed.after`) that has died with its process: nobody else will bring it. */
  #orphaned({ attempts, created }: Delivery): boolean {
    return attempts.length === 0 && created < this.#began
  }

  #enter(delivery: Delivery): Entry {
    const entry: Entry = { id: delivery.id, host: hostOf(delivery.url), delivery: null, state: { name: 'waiting' } }
    this.#entries.set(entry.id, entry)
    return entry
  }

  #schedule(entry: Entry, due: Instant): void {
    const { clock } = this.#options
    if (due <= clock.now()) {
      entry.state = { name: 'waiting' }
      this.#queue.add(entry.host, entry)
      return
    }
    entry.delivery = null
    const ring = () => {
      entry.state = { name: 'waiting' }
      this.#queue.add(entry.host, entry)
      this.#startNext()
    }
    entry.state = { name: 'resting', disarm: this.#state === 'running' ? clock.alarm(due, ring) : () => {} }
  }

  #startNext(): void {
    while (this.#state === 'running') {
      const entry = this.#queue.take()
      if (entry === undefined) return
      entry.state = { name: 'active' }
      this.#busy++
      this.#attempt(entry).then(
        () => this.#done(),
        (fault: unknown) => {
          this.#options.onFault(fault, `delivery ${entry.id}`)
          this.#done()
        },
      )
    }
  }

  #done(): void {
    this.#busy--
    if (this.#busy === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #attempt(entry: Entry): Promise<void> {
    const delivery = await this.#read(entry)
    if (delivery === 'unreadable') {
      this.#queue.release(entry.host)
      this.#schedule(entry, this.#options.clock.now() + diskRest)
    } else if (delivery?.state !== 'pending') {
      this.#queue.release(entry.host)
      this.#entries.delete(entry.id)
    } else {
      const tried = await this.#try(delivery)
      this.#queue.release(entry.host)
      entry.state = { name: 'noting' }
      // The slot is free now, whatever the disk does.
      this.#startNext()
      await this.#note(entry, tried)
    }
    this.#startNext()
  }

  async #read(entry: Entry): Promise<Delivery | undefined | 'unreadable'> {
    const kept = entry.delivery
    entry.delivery = null
    if (kept !== null) return kept
    try {
      return await this.#options.ledger.delivery(entry.id)
    } catch (fault) {
      this.#options.onFault(fault, `reading delivery ${entry.id}`)
      return 'unreadable'
    }
  }

  async #try(delivery: Delivery): Promise<Outcome> {
    const { clock, onFault, web } = this.#options
    const at = clock.now()
    try {
      const result = await web.fetch(this.#request(delivery))
      return { delivery, attempt: attemptOf(at, result), ...verdictOn(delivery, result, clock.now()) }
    } catch (fault) {
      // Our own defect, as where a platform cannot sign. It would be met again; a replay by hand is left.
      onFault(fault, `attempting delivery ${delivery.id}`)
      const attempt = { at, milliseconds: clock.now() - at, status: null, error: 'internal' }
      return { delivery, attempt, state: 'failed', next: null }
    }
  }

  /** Writes an attempt down, however often the disk refuses; then the delivery rests, or is forgotten. */
  async #note(entry: Entry, outcome: Outcome): Promise<void> {
    const { clock, ledger, onFault, onOutcome } = this.#options
    const { attempt, state, next } = outcome
    while (true) {
      try {
        await ledger.attempted(entry.id, attempt, state, next)
        break
      } catch (fault) {
        onFault(fault, `writing down an attempt of delivery ${entry.id}`)
        // Not written down it is still pending: the next process will find it, and deliver it once more.
        if (this.#state === 'stopping') break
        await new Promise<void>((resolve) => clock.alarm(clock.now() + diskRest, resolve))
      }
    }
    if (next === null) this.#entries.delete(entry.id)
    else this.#schedule(entry, next)
    onOutcome?.(outcome)
  }

  #request(delivery: Delivery): WebRequest {
    const { clock, sign, webhooks } = this.#options
    const { url, method, headers, body, policy } = delivery
    return {
      url,
      method,
      headers,
      body,
      connectTimeout: policy.connectTimeout,
      readTimeout: policy.readTimeout,
      totalTimeout: policy.totalTimeout,
      maxBytes: answerBytes,
      maxRedirects: redirectsFollowed,
      sign: (hop) => ({ ...sign?.({ ...delivery, url: hop }), ...webhooks(delivery, clock.now()) }),
      signal: this.#givingUp.signal,
    }
  }
}
