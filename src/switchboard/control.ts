import { type Bridge, type Call, type CallId, legOf } from '../call/call.ts'
import type { Ending } from '../call/ending.ts'
import type { Reason } from '../call/input.ts'
import type { LegId } from '../call/leg.ts'
import type { Timer } from '../call/timer.ts'
import type { LiveCall } from './live-call.ts'
import type { CallControl, Clock, DialSpec, EndResult, Ids, LegEvent, LegHandle, LegMedia, Network } from './ports.ts'

/** A verb was used on a leg or call that is over. Scripts stop on it; it is never shown to a far end. */
export class LegOver extends Error {
  readonly code = 'call.leg-over'
  constructor(leg: LegId) {
    super(`leg ${leg} is over`)
  }
}

type Means = Readonly<{ clock: Clock; ids: Ids; network(name: string): Network }>

/** The verbs of a platform's script. Each is an input to the heart, or an order to the network of one leg. */
export class Control implements CallControl {
  readonly #live: LiveCall
  readonly #means: Means

  constructor(live: LiveCall, means: Means) {
    this.#live = live
    this.#means = means
  }

  get id(): CallId {
    return this.#live.call.id
  }

  get signal(): AbortSignal {
    return this.#live.waiters.signal
  }

  call(): Call {
    return this.#live.call
  }

  get ended(): Promise<Ending> {
    return this.#live.waiters.ended
  }

  legSignal(leg: LegId): AbortSignal {
    return this.#live.waiters.legSignal(leg)
  }

  ring(leg: LegId): void {
    const handle = this.#living(leg)
    if (handle === undefined) return
    this.#live.dispatch({ type: 'ringing', at: this.#means.clock.now(), leg })
    handle.ring()
  }

  async early(leg: LegId): Promise<void> {
    await this.#handle(leg).early()
  }

  async answer(leg: LegId): Promise<void> {
    if (legOf(this.#live.call, leg)?.state.name === 'answered') return
    await this.#handle(leg).answer()
  }

  media(leg: LegId): LegMedia {
    return this.#handle(leg).media
  }

  dial(spec: DialSpec): LegId {
    const { clock, ids } = this.#means
    const { target, bridge } = spec
    const id = ids.uuid()
    const seed = { id, direction: 'out', network: target.network, from: target.from, to: target.to } as const
    if (this.#live.call.state.name === 'ended') throw new LegOver(id)
    if (bridge !== undefined && this.#living(bridge.to) === undefined) throw new LegOver(bridge.to)
    const handle = this.#means.network(target.network).prepare(this.id, seed, target)
    this.#live.hands.add(id, handle)
    if (spec.timeLimit !== undefined) this.#limitTime(id, spec.timeLimit)
    this.#live.dispatch({ type: 'dial', at: clock.now(), leg: seed, ...(bridge === undefined ? {} : { bridge }) })
    if (spec.ringLimit !== undefined) {
      this.arm({ id: `${id}:ring`, after: spec.ringLimit, leg: id, cause: 'no-answer', until: 'ringing' })
    }
    return id
  }

  #limitTime(leg: LegId, after: number): void {
    const stop = this.#live.waiters.onLeg(leg, ({ type }) => {
      if (type !== 'answered') return
      stop()
      this.arm({ id: `${leg}:time`, after, leg, cause: 'time-limit', until: 'any' })
    })
  }

  onLeg(leg: LegId, listener: (event: LegEvent) => void): () => void {
    return this.#live.waiters.onLeg(leg, listener)
  }

  bridge(bridge: Bridge): void {
    this.#live.dispatch({ type: 'bridge', at: this.#means.clock.now(), ...bridge })
  }

  unbridge({ first, second }: Pick<Bridge, 'first' | 'second'>): void {
    this.#live.dispatch({ type: 'unbridge', at: this.#means.clock.now(), first, second })
  }

  arm({ after, ...timer }: Omit<Timer, 'due'> & { after: number }): void {
    const at = this.#means.clock.now()
    this.#live.dispatch({ type: 'arm', at, timer: { ...timer, due: at + after } })
  }

  disarm(timer: string): void {
    this.#live.dispatch({ type: 'disarm', at: this.#means.clock.now(), timer })
  }

  end(reason: Reason, leg?: LegId): EndResult {
    const before = this.#live.call
    if (leg !== undefined && legOf(before, leg) === undefined) return { call: this.id, result: 'unknown', sent: [] }
    const over = leg === undefined ? before.state.name === 'ended' : legOf(before, leg)?.state.name === 'ended'
    if (over) return this.#live.result('already-ended')
    this.#live.dispatch({ type: 'end', at: this.#means.clock.now(), reason, ...(leg === undefined ? {} : { leg }) })
    return this.#live.result('ended')
  }

  async remember(data: Readonly<Record<string, unknown>>): Promise<void> {
    const app = { platform: this.#live.call.app.platform, data }
    this.#live.dispatch({ type: 'app', at: this.#means.clock.now(), app })
    // Of a listener's own call the input is reduced only when the listener has returned.
    await undefined
    await this.#live.stored
  }

  #living(leg: LegId): LegHandle | undefined {
    const known = legOf(this.#live.call, leg)
    return known === undefined || known.state.name === 'ended' ? undefined : this.#live.hands.on(leg)
  }

  #handle(leg: LegId): LegHandle {
    const handle = this.#living(leg)
    if (handle === undefined) throw new LegOver(leg)
    return handle
  }
}
