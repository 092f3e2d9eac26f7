import { beginCall } from '../call/begin.ts'
import type { App, Call, CallId } from '../call/call.ts'
import type { Instant } from '../call/ending.ts'
import type { Input, LegSeed, Reason } from '../call/input.ts'
import type { LegId } from '../call/leg.ts'
import { Books } from './books.ts'
import type { Circumstances } from './circumstances.ts'
import { Control } from './control.ts'
import { Feed, type Observer } from './feed.ts'
import { LiveCall } from './live-call.ts'
import { Pace } from './pace.ts'
import type {
  Clock,
  Delivery,
  EndResult,
  Ids,
  Ledger,
  LegHandle,
  LiveRow,
  Network,
  Offer,
  Platform,
  Router,
  Routing,
  SwitchboardPort,
  Target,
} from './ports.ts'

export type SwitchboardOptions = Readonly<{
  clock: Clock
  ids: Ids
  ledger: Ledger
  router: Router
  platforms: readonly Platform[]
  /** Deliveries that have just become durable. */
  deliver(deliveries: readonly Delivery[]): void
  /** A fault that concerns no far end: a watcher or a script threw, the store refused a row. */
  onFault(fault: unknown, context: string): void
  /** A new call was refused for the house's own sake. */
  onShed?(limit: 'calls' | 'rate' | 'draining'): void
  /** Live calls; new calls a second; milliseconds of ringing and of talk where a route says nothing else. */
  limits: Readonly<{ calls: number; callsPerSecond: number; ringing: number; duration: number }>
}>

/** Runs a call that no route lets in. */
const nobody: App = { platform: 'none', data: {} }

export type Limits = Readonly<{ ringing?: number; duration?: number }>

/** Far ends that have not answered what they were told by then are given up; SIP's own limit is 64*T1 = 32 s, twice. */
const tellingLimit = 70_000
/** How long the record of a recovered call waits for its far ends to answer. */
const recoveryPatience = 2_000

/**
 * The running process's heart. Calls live here from their offer until their record is durable and everyone was told;
 * whatever happens to one comes in through `dispatch`, and goes out through networks, platforms and the ledger.
 */
export class Switchboard implements SwitchboardPort, Circumstances {
  readonly clock: Clock
  readonly feed: Feed
  readonly books: Books
  readonly #options: SwitchboardOptions
  readonly #platforms: ReadonlyMap<string, Platform>
  readonly #networks = new Map<string, Network>()
  readonly #calls = new Map<CallId, LiveCall>()
  /** Settled calls whose far ends have not all answered, oldest first. */
  readonly #telling = new Map<CallId, Instant>()
  readonly #pace: Pace
  #sweeping = false
  #state: 'open' | 'draining' = 'open'
  #emptied: (() => void)[] = []

  constructor(options: SwitchboardOptions) {
    this.#options = options
    this.#pace = new Pace(options.limits.callsPerSecond)
    this.clock = options.clock
    this.feed = new Feed((fault) => options.onFault(fault, 'a watcher of the live feed'))
    this.#platforms = new Map(options.platforms.map((platform) => [platform.name, platform]))
    this.books = new Books({ ...options, platforms: this.#platforms })
  }

  addNetwork(network: Network): void {
    this.#networks.set(network.name, network)
  }

  // -------------------------------------------------------------- what networks use

  incoming(offer: Offer, leg: LegSeed, handle: LegHandle): CallId {
    const id = this.#options.ids.uuid()
    const routing = this.#admit(offer)
    const app = routing.type === 'app' ? this.#admitted(routing.app, offer) : nobody
    const live = this.#begin(id, app, leg, handle)
    if (routing.type === 'refuse') {
      live.dispatch({ type: 'end', at: this.clock.now(), reason: routing.reason })
    } else {
      this.#limit(live, routing.limits)
      this.#runWhenDurable(live)
    }
    return id
  }

  dispatch(call: CallId, input: Input): void {
    this.#calls.get(call)?.dispatch(input)
  }

  async remember(call: CallId): Promise<void> {
    await this.#calls.get(call)?.remember()
  }

  // -------------------------------------------------------------- what the faces use

  live(): Iterable<Call> {
    return liveCalls(this.#calls.values())
  }

  find(id: CallId): Call | undefined {
    return this.#calls.get(id)?.call
  }

  get size(): number {
    return this.#calls.size
  }

  get draining(): boolean {
    return this.#state === 'draining'
  }

  subscribe(observer: Observer): () => void {
    return this.feed.subscribe(observer)
  }

  /** Places a call: its first leg is an outgoing one. Resolves once it is durable. @throws if the store refuses it. */
  async place(app: App, target: Target, limits: Limits): Promise<{ call: CallId; leg: LegId }> {
    const { ids } = this.#options
    const call = ids.uuid()
    const leg = ids.uuid()
    const seed = { id: leg, direction: 'out', network: target.network, from: target.from, to: target.to } as const
    const handle = this.network(target.network).prepare(call, seed, target)
    const live = this.#begin(call, app, seed, handle)
    this.#limit(live, limits)
    if (this.#platforms.get(app.platform)?.begins === 'placed') {
      await live.durable
      this.#run(live)
      return { call, leg }
    }
    const stop = live.waiters.onLeg(leg, ({ type }) => {
      if (type === 'answered') this.#run(live)
      if (type === 'answered' || type === 'ended') stop()
    })
    await live.durable
    return { call, leg }
  }

  /** Ends a call, or one leg of it, in any state. A second end changes nothing, and gets the first result. */
  async end(id: CallId, reason: Reason, leg?: LegId): Promise<EndResult> {
    const live = this.#calls.get(id)
    if (live !== undefined) {
      const { state } = live.call
      if (state.name === 'live') return new Control(live, this.#means).end(reason, leg)
      if (sameAsker(state.ending.actor, reason)) return live.result('ended')
      live.dispatch({ type: 'end', at: this.clock.now(), reason, ...(leg === undefined ? {} : { leg }) })
      return live.result('already-ended')
    }
    const record = await this.#options.ledger.record(id)
    if (record === undefined) return { call: id, result: 'unknown', sent: [] }
    const sent = record.legs.flatMap(({ id: of, sent: message, sentReason: why }) =>
      message === undefined ? [] : [{ leg: of, message, ...(why === undefined ? {} : { reason: why }) }],
    )
    const result = sameAsker(record.ending.actor, reason) ? 'ended' : 'already-ended'
    return { call: id, result, ending: record.ending, sent }
  }

  /** Ends what was found live in the ledger at start. Resolves with how many there were, once all are settled. */
  async recover(): Promise<number> {
    const rows = await this.#options.ledger.live()
    let found = 0
    for (const row of rows) {
      // The networks listen already: a call of this life may have come, and been stored, before the rows were read.
      if (this.#calls.has(row.call.id)) continue
      found++
      try {
        this.#revive(row)
      } catch (fault) {
        // A row that cannot be understood must not keep the others from their end.
        this.#calls.delete(row.call.id)
        this.#options.onFault(fault, `ending call ${row.call.id}, found live`)
      }
    }
    return found
  }

  #revive({ call, wires }: LiveRow): void {
    const live = new LiveCall(this, call)
    this.#calls.set(call.id, live)
    for (const leg of call.legs) {
      const network = this.#networks.get(leg.network)
      if (leg.state.name === 'ended' || network === undefined) continue
      this.guard(() =>
        live.addHandle(leg.id, network.revive(call.id, leg, wires.find((each) => each.leg === leg.id)?.wire)),
      )
    }
    live.holdWriting(recoveryPatience)
    const reason = { cause: 'restarted', actor: 'platform', detail: 'the server came back and found it live' } as const
    live.dispatch({ type: 'end', at: this.clock.now(), reason })
  }

  /** Refuse what is new from now on. */
  drain(): void {
    this.#state = 'draining'
    for (const network of this.#networks.values()) network.drain()
  }

  /** Resolves when no call is left, or after `limit` milliseconds. */
  async emptied(limit: number): Promise<void> {
    if (this.#calls.size === 0) return
    await new Promise<void>((resolve) => {
      const disarm = this.clock.alarm(this.clock.now() + limit, resolve)
      this.#emptied.push(() => {
        disarm()
        resolve()
      })
    })
  }

  endAll(reason: Reason): void {
    for (const live of [...this.#calls.values()]) {
      if (live.call.state.name === 'live') live.dispatch({ type: 'end', at: this.clock.now(), reason })
    }
  }

  // -------------------------------------------------------------- beginnings

  readonly network = (name: string): Network => {
    const network = this.#networks.get(name)
    if (network === undefined) throw new Error(`no network called ${name} is configured`)
    return network
  }

  get #means() {
    return { clock: this.clock, ids: this.#options.ids, network: this.network }
  }

  #admit(offer: Offer): Routing {
    const refuse = (cause: Reason['cause'], detail: string): Routing => ({
      type: 'refuse',
      reason: { cause, actor: 'platform', detail },
    })
    const { limits, onShed } = this.#options
    if (this.#state === 'draining') {
      onShed?.('draining')
      return refuse('shutdown', 'the server takes no new calls')
    }
    if (this.#calls.size >= limits.calls) {
      onShed?.('calls')
      return refuse('congestion', 'too many live calls')
    }
    if (!this.#pace.admits(this.clock.now())) {
      onShed?.('rate')
      return refuse('congestion', 'too many new calls a second')
    }
    return this.#options.router.route(offer)
  }

  #admitted(app: App, offer: Offer): App {
    const platform = this.#platforms.get(app.platform)
    return platform?.admit === undefined ? app : { ...app, data: platform.admit(app.data, offer) }
  }

  #begin(id: CallId, app: App, leg: LegSeed, handle: LegHandle): LiveCall {
    const begun = beginCall({ id, at: this.clock.now(), app, leg })
    const live = new LiveCall(this, begun.call)
    live.addHandle(leg.id, handle)
    this.#calls.set(id, live)
    live.begin(begun)
    return live
  }

  #limit(live: LiveCall, limits: Limits | undefined): void {
    const { ringing, duration } = this.#options.limits
    live.limit(limits?.ringing ?? ringing, limits?.duration ?? duration)
  }

  #runWhenDurable(live: LiveCall): void {
    live.durable.then(
      () => {
        if (live.call.state.name === 'live') live.handle(live.call.first)?.admitted?.()
        this.#run(live)
      },
      () => {
        const reason = { cause: 'error', actor: 'platform', detail: 'the call could not be stored' } as const
        live.dispatch({ type: 'end', at: this.clock.now(), reason })
      },
    )
  }

  /** Runs the script. A script that leaves its call live has failed: nobody else would ever end it. */
  #run(live: LiveCall): void {
    if (live.call.state.name === 'ended') return
    const control = new Control(live, this.#means)
    const platform = this.#platforms.get(live.call.app.platform)
    const left = (detail: string) => {
      if (live.call.state.name === 'live') control.end({ cause: 'error', actor: 'platform', detail })
    }
    if (platform === undefined) return left(`no platform called ${live.call.app.platform}`)
    platform.run(control).then(
      () => left('the script left its call'),
      (fault: unknown) => {
        this.#options.onFault(fault, `the script of platform ${platform.name}`)
        left('the script failed')
      },
    )
  }

  // -------------------------------------------------------------- circumstances of a live call

  readonly guard = (code: () => void): void => {
    try {
      code()
    } catch (fault) {
      this.#options.onFault(fault, 'a listener')
    }
  }

  settling(call: CallId): void {
    this.#telling.set(call, this.clock.now() + tellingLimit)
    if (!this.#sweeping) this.#sweepLater()
  }

  forget(call: CallId): void {
    this.#calls.delete(call)
    this.#telling.delete(call)
    if (this.#calls.size === 0) for (const resolve of this.#emptied.splice(0)) resolve()
  }

  /** One alarm for all calls that wait for their far ends, not one each. */
  #sweepLater(): void {
    this.#sweeping = true
    this.clock.alarm(this.clock.now() + tellingLimit / 7, () => {
      const now = this.clock.now()
      for (const [id, limit] of this.#telling) {
        if (limit > now) break
        this.#telling.delete(id)
        this.#calls.get(id)?.giveUpTelling()
      }
      this.#sweeping = false
      if (this.#telling.size > 0) this.#sweepLater()
    })
  }
}

function* liveCalls(calls: Iterable<LiveCall>): Generator<Call> {
  for (const { call } of calls) if (call.state.name === 'live') yield call
}

/** The API asking again for what it ended is told what it was told the first time. */
function sameAsker(actor: string, reason: Reason): boolean {
  return actor === reason.actor
}
