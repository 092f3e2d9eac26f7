import { beginCall } from '../../src/call/begin.ts'
import { type Call, firstLeg } from '../../src/call/call.ts'
import type { Effect } from '../../src/call/effect.ts'
import type { Input, Reason } from '../../src/call/input.ts'
import { reduce } from '../../src/call/reduce.ts'
import type { ControlPlane, Health, PlaceRequest, PlaceResult } from '../../src/http/control.ts'
import type { LiveEvent, Observer } from '../../src/switchboard/feed.ts'
import type { Clock, Delivery, EndResult, Page, RecordFilter, RecordView } from '../../src/switchboard/ports.ts'

/** A clock that only moves when told. */
export class ManualClock implements Clock {
  #now = 1_794_000_000_000
  #alarms: { due: number; ring: () => void }[] = []

  now(): number {
    return this.#now
  }

  alarm(due: number, ring: () => void): () => void {
    const alarm = { due, ring }
    this.#alarms.push(alarm)
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm)
    }
  }

  get armed(): number {
    return this.#alarms.length
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
    const rung = this.#alarms.filter(({ due }) => due <= this.#now)
    this.#alarms = this.#alarms.filter(({ due }) => due > this.#now)
    for (const { ring } of rung) ring()
  }
}

/** Calls that are really reduced, without any network, platform or disk. */
export class FakeControl implements ControlPlane {
  readonly clock = new ManualClock()
  readonly calls = new Map<string, Call>()
  readonly records: RecordView[] = []
  readonly deliveries: Delivery[] = []
  readonly results = new Map<string, EndResult>()
  readonly placed: PlaceRequest[] = []
  readonly asked: { records: RecordFilter[]; deliveries: object[] } = { records: [], deliveries: [] }
  state: Health = { state: 'ready', checks: [{ name: 'ledger', ok: true, detail: '/secret/path' }], recovered: 0 }
  answer: PlaceResult | undefined
  ends = 0
  #observers = new Set<Observer>()
  #serial = 0

  get observers(): number {
    return this.#observers.size
  }

  add(
    given: { from?: string; to?: string; platform?: string; network?: string; direction?: 'in' | 'out' } = {},
  ): string {
    const id = `0190-${String(++this.#serial).padStart(6, '0')}`
    const begun = beginCall({
      id,
      at: this.clock.now(),
      app: { platform: given.platform ?? 'vobiz', data: {} },
      leg: {
        id: `${id}-a`,
        direction: given.direction ?? 'in',
        network: given.network ?? 'sip',
        from: given.from ?? '+15550100',
        to: given.to ?? '+15550199',
      },
    })
    this.#apply(begun.call, begun.effects)
    return id
  }

  step(id: string, input: Input): void {
    const before = this.calls.get(id)
    if (before === undefined) throw new Error(`no call ${id}`)
    const { call, effects } = reduce(before, input)
    this.#apply(call, effects)
  }

  answerLeg(id: string): void {
    this.step(id, { type: 'answered', at: this.clock.now(), leg: `${id}-a` })
  }

  emit(event: LiveEvent): void {
    for (const observer of this.#observers) observer(event)
  }

  #apply(call: Call, effects: readonly Effect[]): void {
    this.calls.set(call.id, call)
    for (const effect of effects) {
      if (effect.type === 'notify') this.emit({ type: 'notice', at: this.clock.now(), call, notice: effect.notice })
      if (effect.type === 'settle') this.records.unshift({ ...effect.record, annex: [] })
    }
  }

  *live(): Generator<Call> {
    for (const call of this.calls.values()) if (call.state.name === 'live') yield call
  }

  find(id: string): Call | undefined {
    return this.calls.get(id)
  }

  async end(id: string, reason: Reason, leg?: string): Promise<EndResult> {
    this.ends++
    const call = this.calls.get(id)
    if (call === undefined) return { call: id, result: 'unknown', sent: [] }
    const first = this.results.get(id)
    if (first !== undefined) return first
    if (call.state.name === 'ended') {
      return { call: id, result: 'already-ended', ending: call.state.ending, sent: [] }
    }
    this.step(id, { type: 'end', at: this.clock.now(), reason, ...(leg !== undefined && { leg }) })
    const after = this.calls.get(id)!
    const result: EndResult = {
      call: id,
      result: 'ended',
      ...(after.state.name === 'ended' && { ending: after.state.ending }),
      sent: [{ leg: firstLeg(after).id, message: 'BYE', reason: 'Q.850;cause=16' }],
    }
    this.results.set(id, result)
    return result
  }

  async place(request: PlaceRequest): Promise<PlaceResult> {
    this.placed.push(request)
    if (this.answer !== undefined) return this.answer
    const call = this.add({ to: request.to, direction: 'out' })
    return { ok: true, call, leg: `${call}-a`, to: request.to, trunk: request.trunk ?? null }
  }

  subscribe(observer: Observer): () => void {
    this.#observers.add(observer)
    return () => this.#observers.delete(observer)
  }

  async health(): Promise<Health> {
    return this.state
  }

  readonly ledger: ControlPlane['ledger'] = {
    record: async (id) => this.records.find((record) => record.id === id),
    records: async (filter, page) => {
      this.asked.records.push(filter)
      return paged(
        this.records.filter((record) => filter.cause === undefined || record.ending.cause === filter.cause),
        page,
      )
    },
    delivery: async (id) => this.deliveries.find((delivery) => delivery.id === id),
    deliveries: async (filter, page) => {
      this.asked.deliveries.push(filter)
      return paged(
        this.deliveries.filter(({ state }) => filter.state === undefined || filter.state === state),
        page,
      )
    },
    replay: async (id, at) => {
      const index = this.deliveries.findIndex((delivery) => delivery.id === id)
      const found = this.deliveries[index]
      if (found === undefined) return undefined
      const due: Delivery = { ...found, state: 'pending', next: at }
      this.deliveries[index] = due
      return due
    },
  }
}

function paged<T>(items: readonly T[], { limit, cursor }: { limit: number; cursor?: string }): Page<T> {
  const start = cursor === undefined ? 0 : Number(cursor)
  const next = start + limit < items.length ? String(start + limit) : null
  return { items: items.slice(start, start + limit), next }
}

export function delivery(id: string, state: Delivery['state'] = 'delivered'): Delivery {
  return {
    id,
    call: '0190-000001',
    platform: 'vobiz',
    kind: 'hangup',
    url: 'https://app.example/hangup',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Event=Hangup',
    policy: { connectTimeout: 1, readTimeout: 1, totalTimeout: 1, backoff: [], retryOn: [] },
    state,
    created: 1_794_000_000_000,
    next: null,
    attempts: [{ at: 1_794_000_000_000, milliseconds: 12, status: 200, error: null }],
  }
}
