import { beginCall } from '../call/begin.ts'
import type { App, Call, CallId } from '../call/call.ts'
import type { Input, LegSeed, Reason } from '../call/input.ts'
import type { LegId } from '../call/leg.ts'
import { Admission } from './admission.ts'
import { Books } from './books.ts'
import type { Circumstances } from './circumstances.ts'
import { Control } from './control.ts'
import { resultFrom, resultOf } from './ended-result.ts'
import { Feed, type Observer } from './feed.ts'
import { LiveCall } from './live-call.ts'
import type { Limits, SwitchboardOptions } from './options.ts'
import { Patience } from './patience.ts'
import type { Clock, EndResult, LegHandle, Network, Offer, Platform, SwitchboardPort, Target } from './ports.ts'
import { asItWas, endFoundLive, tellUnconfirmed } from './recovery.ts'
import { runScript } from './script.ts'

/** Runs a call that no route lets in. */
const nobody: App = { platform: 'none', data: {} }

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
  readonly #admission: Admission
  readonly #patience: Patience
  #emptied: (() => void)[] = []

  constructor(options: SwitchboardOptions) {
    this.#options = options
    this.clock = options.clock
    this.#admission = new Admission(options)
    this.#patience = new Patience(options.clock, (call) => this.#calls.get(call)?.giveUpTelling())
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
    const routing = this.#admission.admit(id, offer, this.#calls.size)
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
    if (input.type === 'acknowledged') this.#options.slate?.acknowledged(input.leg, input.at)
    this.#calls.get(call)?.dispatch(input)
  }

  answering(leg: LegId): void {
    this.#options.slate?.answering(leg, this.clock.now())
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
    return this.#admission.draining
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
      if (resultOf(state.ending, reason) === 'ended') return live.result('ended')
      live.dispatch({ type: 'end', at: this.clock.now(), reason, ...(leg === undefined ? {} : { leg }) })
      return live.result('already-ended')
    }
    return resultFrom(id, await this.#options.ledger.record(id), reason)
  }

  /** Ends what was found live in the ledger at start, and says again what was not confirmed of what had ended. Resolves with how many there were, once all are settled. */
  async recover(): Promise<number> {
    const { ledger, slate } = this.#options
    const rows = await ledger.live()
    let found = 0
    for (const row of rows) {
      // The networks listen already: a call of this life may have come, and been stored, before the rows were read.
      if (this.#calls.has(row.call.id)) continue
      const enter = (live: LiveCall) => this.#calls.set(live.call.id, live)
      if (row.record === undefined) found++
      try {
        if (row.record === undefined) endFoundLive(this, asItWas(row, slate), this.#networks, enter)
        else tellUnconfirmed(this, row, row.record, slate, this.#networks, enter)
      } catch (fault) {
        // A row that cannot be understood must not keep the others from their end.
        this.#calls.delete(row.call.id)
        this.#options.onFault(fault, `ending call ${row.call.id}, found live`)
      }
    }
    return found
  }

  /** Refuse what is new from now on. */
  drain(): void {
    this.#admission.drain()
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

  #admitted(app: App, offer: Offer): App {
    const platform = this.#platforms.get(app.platform)
    return platform?.admit === undefined ? app : { ...app, data: platform.admit(app.data, offer) }
  }

  #begin(id: CallId, app: App, leg: LegSeed, handle: LegHandle): LiveCall {
    const begun = beginCall({ id, at: this.clock.now(), app, leg })
    const live = new LiveCall(this, begun.call)
    live.hands.add(leg.id, handle)
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
        if (live.call.state.name === 'live') live.hands.on(live.call.first)?.admitted?.()
        this.#run(live)
      },
      () => {
        const reason = { cause: 'error', actor: 'platform', detail: 'the call could not be stored' } as const
        live.dispatch({ type: 'end', at: this.clock.now(), reason })
      },
    )
  }

  #run(live: LiveCall): void {
    const platform = this.#platforms.get(live.call.app.platform)
    runScript(platform, new Control(live, this.#means), this.#options.onFault)
  }

  // -------------------------------------------------------------- circumstances of a live call

  readonly guard = (code: () => void): void => {
    try {
      code()
    } catch (fault) {
      this.#options.onFault(fault, 'a listener')
    }
  }

  retells(network: string): boolean {
    return this.#networks.get(network)?.keepsItsWord !== true
  }

  settling(call: CallId): void {
    this.#patience.await(call)
  }

  forget(call: CallId): void {
    this.#calls.delete(call)
    this.#admission.over(call)
    this.#patience.forget(call)
    if (this.#calls.size === 0) for (const resolve of this.#emptied.splice(0)) resolve()
  }
}

function* liveCalls(calls: Iterable<LiveCall>): Generator<Call> {
  for (const { call } of calls) if (call.state.name === 'live') yield call
}
