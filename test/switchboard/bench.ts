import type { Annex } from '../../src/call/effect.ts'
import type { Leg, View } from '../../src/call/leg.ts'
import type { CallRecord } from '../../src/call/record.ts'
import { systemIds } from '../../src/switchboard/ids.ts'
import type {
  CallControl,
  Delivery,
  Ledger,
  LegHandle,
  LiveRow,
  Marked,
  Network,
  Offer,
  Platform,
  RecordView,
  Routing,
  Target,
} from '../../src/switchboard/ports.ts'
import { Switchboard } from '../../src/switchboard/switchboard.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** A ledger whose disk commits when the test says so, and fails when told to. */
export class SlowDisk {
  live = new Map<string, LiveRow>()
  records = new Map<string, { record: CallRecord; deliveries: readonly Delivery[] }>()
  annexed: [call: string, at: number, entry: Annex][] = []
  log: string[] = []
  failing: 'no' | 'store' | 'settle' = 'no'
  #writes: (() => void)[] = []
  /** Rows as they were when they came to the disk. */
  #spelled = new Map<string, string>()

  #write(what: string, apply: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writes.push(() => {
        if (this.failing === what) return reject(new Error('disk full'))
        this.log.push(what)
        apply()
        resolve()
      })
    })
  }

  async commit(): Promise<void> {
    for (const write of this.#writes.splice(0)) write()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }

  #recordOf(id: string): RecordView | undefined {
    const found = this.records.get(id)
    const annex = this.annexed.flatMap(([call, at, entry]) => (call === id ? [{ ...entry, at }] : []))
    return found === undefined ? undefined : { ...found.record, annex }
  }

  /** What the next process finds: what is on the disk, and nothing of what this one holds in its memory. */
  left(): SlowDisk {
    const next = new SlowDisk()
    next.#spelled = new Map(this.#spelled)
    next.live = new Map([...this.live.keys()].map((id) => [id, JSON.parse(this.#spelled.get(id)!)]))
    next.records = new Map(this.records)
    next.annexed = [...this.annexed]
    return next
  }

  readonly ledger = {
    store: (row: LiveRow) =>
      this.#write('store', () => {
        if (this.records.has(row.call.id)) return
        this.live.set(row.call.id, row)
        this.#spelled.set(row.call.id, JSON.stringify(row))
      }),
    settle: (record: CallRecord, deliveries: readonly Delivery[], keeps: () => boolean) =>
      this.#write('settle', () => {
        if (!keeps()) this.live.delete(record.id)
        if (!this.records.has(record.id)) this.records.set(record.id, { record, deliveries })
      }),
    release: (call: string) => this.#write('release', () => void this.live.delete(call)),
    annex: (...entry: [string, number, Annex]) => this.#write('annex', () => this.annexed.push(entry)),
    enqueue: (deliveries: readonly Delivery[]) => this.#write('enqueue', () => void deliveries),
    live: async () =>
      [...this.live.values()].map((row) => {
        const record = this.#recordOf(row.call.id)
        return record === undefined ? row : { ...row, record }
      }),
    record: async (id: string) => this.#recordOf(id),
  } as unknown as Ledger
}

/** A network that writes down what it is asked to put on the wire. */
export class PaperNetwork implements Network {
  readonly name = 'paper'
  keepsItsWord?: true
  wire: string[] = []
  readonly revived: { leg: string; state: Leg['state'] }[] = []
  released: string[] = []
  draining = false

  handle(leg: string): LegHandle & { offer(): void } {
    const write = (what: string) => void this.wire.push(`${leg} ${what}`)
    return {
      offer: () => write('offer'),
      ring: () => write('ring'),
      early: async () => write('early'),
      answer: async () => write('answer'),
      tell: (view: View) => {
        write(`over:${view.ending.cause}`)
        return { message: 'OVER', reason: 'because' }
      },
      tellBranch: (branch, view) => {
        write(`${branch} over:${view.ending.cause}`)
        return { message: 'OVER' }
      },
      stopMedia: () => write('quiet'),
      media: undefined as never,
      wire: () => ({ leg }),
      release: () => void this.released.push(leg),
    }
  }

  async start() {}
  prepare(_call: string, leg: { id: string }, target: Target) {
    return this.handle(target.to === '' ? leg.id : target.to)
  }
  revive(_call: string, { id: leg, state }: Leg) {
    this.revived.push({ leg, state })
    return this.handle(leg)
  }
  drain() {
    this.draining = true
  }
  async stop() {}
}

export const offer: Offer = {
  network: 'paper',
  to: '100',
  from: '200',
  toAddress: 'paper:100',
  fromAddress: 'paper:200',
  source: { kind: 'anonymous', name: '', address: '127.0.0.1' },
  ids: {},
  headers: {},
}

export type Script = (control: CallControl) => Promise<void>

export const untilOver: Script = (control) =>
  new Promise((resolve) => control.signal.addEventListener('abort', () => resolve()))

type BenchOptions = {
  routing?: Routing
  calls?: number
  rate?: number
  perCaller?: number
  onShed?(limit: string): void
  /** What a process before left. */
  disk?: SlowDisk
  /** What it wrote of its answers. */
  found?: ReadonlyMap<string, Marked>
  /** What it marks. */
  marks?: string[]
}

export function bench(script: Script = untilOver, options: BenchOptions = {}) {
  const clock = new VirtualClock(1_000)
  const disk = options.disk ?? new SlowDisk()
  const network = new PaperNetwork()
  const faults: string[] = []
  const delivered: Delivery[] = []
  const platform: Platform = {
    name: 'script',
    run: script,
    deliveries: (notice) =>
      notice.type !== 'call-ended'
        ? []
        : [
            {
              id: 'hook',
              kind: 'hangup',
              url: 'http://app',
              method: 'POST',
              headers: {},
              body: notice.ending.cause,
              policy: { connectTimeout: 1, readTimeout: 1, totalTimeout: 1, backoff: [], retryOn: [] },
            },
          ],
  }
  const switchboard = new Switchboard({
    clock,
    ids: systemIds(() => clock.now()),
    ledger: disk.ledger,
    slate: {
      found: options.found ?? new Map(),
      works: true,
      answering: () => {},
      acknowledged: (leg, at) => void options.marks?.push(`${leg} acknowledged at ${at}`),
    },
    router: { route: () => options.routing ?? { type: 'app', app: { platform: 'script', data: {} } } },
    platforms: [platform],
    deliver: (deliveries) => void delivered.push(...deliveries),
    onFault: (fault, context) => void faults.push(`${context}: ${fault instanceof Error ? fault.message : fault}`),
    ...(options.onShed === undefined ? {} : { onShed: options.onShed }),
    limits: {
      calls: options.calls ?? 100,
      callsPerSecond: options.rate ?? 100,
      ...(options.perCaller === undefined ? {} : { callsPerCaller: options.perCaller }),
      ringing: 60_000,
      duration: 3_600_000,
    },
  })
  switchboard.addNetwork(network)
  const arrive = (leg = 'a', more: Partial<Offer> = {}) =>
    switchboard.incoming(
      { ...offer, ...more },
      { id: leg, direction: 'in', network: 'paper', from: '200', to: '100' },
      network.handle(leg),
    )
  const told = (call: string, leg: string) =>
    switchboard.dispatch(call, { type: 'told', at: clock.now(), leg, outcome: 'delivered' })
  return { clock, disk, network, faults, delivered, switchboard, arrive, told }
}
