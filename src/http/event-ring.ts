/** The last live events, numbered, so that a reader who was away for a moment misses nothing. */
import type { CallId } from '../call/call.ts'
import type { LiveEvent } from '../switchboard/feed.ts'
import { liveCallView } from './views.ts'

/** One event as it is sent; made once, when the first reader asks for it. */
export type Entry = { readonly serial: number; readonly event: LiveEvent; text: string | undefined }

export class EventRing {
  readonly #entries: (Entry | undefined)[]
  readonly #capacity: number
  /** Says whether a serial is of this process: numbers begin anew with each. */
  readonly epoch: string
  #next = 1
  readonly #waiting = new Set<() => void>()
  #closed = false

  constructor(capacity: number, epoch: string) {
    this.#capacity = capacity
    this.#entries = new Array<Entry | undefined>(capacity)
    this.epoch = epoch
  }

  /** Serial of the newest event; 0 before the first. */
  get last(): number {
    return this.#next - 1
  }

  get closed(): boolean {
    return this.#closed
  }

  push(event: LiveEvent): void {
    this.#entries[this.#next % this.#capacity] = { serial: this.#next, event, text: undefined }
    this.#next++
    this.#wake()
  }

  /** Nobody follows, and nobody will ask for it: only its number is taken. */
  skip(): void {
    this.#entries[this.#next % this.#capacity] = undefined
    this.#next++
  }

  /** The event with that serial; absent if it is not there yet, or no longer. */
  at(serial: number): Entry | undefined {
    const entry = this.#entries[serial % this.#capacity]
    return entry?.serial === serial ? entry : undefined
  }

  /** Whether everything after that serial is still here. */
  reaches(serial: number): boolean {
    return serial <= this.last && (serial === this.last || this.at(serial + 1) !== undefined)
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Called once, at the next event or when the ring closes. Returns what takes it back. */
  onChange(listener: () => void): () => void {
    this.#waiting.add(listener)
    return () => this.#waiting.delete(listener)
  }

  /** Lets every reader finish. */
  close(): void {
    this.#closed = true
    this.#wake()
  }

  #wake(): void {
    if (this.#waiting.size === 0) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const listener of waiting) listener()
  }
}

export function callOf(event: LiveEvent): CallId {
  return event.type === 'notice' ? event.call.id : event.call
}

/** `id`, `event` and `data` of one server-sent event. */
export function sseText(entry: Entry, epoch: string): string {
  entry.text ??= `id: ${epoch}-${entry.serial}\nevent: ${nameOf(entry.event)}\ndata: ${JSON.stringify(dataOf(entry.event))}\n\n`
  return entry.text
}

export function nameOf(event: LiveEvent): string {
  return event.type === 'notice' ? event.notice.type : event.entry.type
}

export function dataOf(event: LiveEvent): object {
  switch (event.type) {
    case 'notice': {
      const { type: _, ...notice } = event.notice
      return { at: event.at, id: event.call.id, ...notice, call: liveCallView(event.call) }
    }
    case 'annex': {
      const { type: _, ...entry } = event.entry
      return { at: event.at, id: event.call, network: event.network, ...entry }
    }
    default:
      return event satisfies never
  }
}
