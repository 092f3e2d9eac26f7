import type { Step } from '../call/begin.ts'
import { type Call, legOf } from '../call/call.ts'
import type { Effect, Notice } from '../call/effect.ts'
import type { Input } from '../call/input.ts'
import { isUnconfirmed, type LegId, type View } from '../call/leg.ts'
import type { CallRecord } from '../call/record.ts'
import { reduce } from '../call/reduce.ts'
import type { Timer, TimerId } from '../call/timer.ts'
import { Afterlife } from './afterlife.ts'
import type { Circumstances } from './circumstances.ts'
import { Hands } from './hands.ts'
import { LateRow } from './late-row.ts'
import type { Delivery, Disarm, EndResult, Wire } from './ports.ts'
import { Waiters } from './waiters.ts'

/**
 * A call in this process: its state, its mailbox, and how its effects are carried out. One input at a time is
 * reduced; what arrives meanwhile waits in the mailbox. The wire is served before the disk (P8).
 */
export class LiveCall {
  call: Call
  /** Resolves once the call's first row is on disk; rejects if it cannot be. */
  durable: Promise<void> = Promise.resolve()
  /** Settles with the last row that was handed to the disk; never rejects. */
  stored: Promise<void> = Promise.resolve()
  readonly hands: Hands
  readonly afterlife: Afterlife
  readonly waiters: Waiters
  readonly #house: Circumstances
  readonly #row = new LateRow(this)
  /** What arrives while an input is reduced. */
  #mailbox: Input[] | undefined
  #state: 'idle' | 'reducing' = 'idle'
  #admission: 'awaited' | 'under way' = 'awaited'
  #alarms: Map<TimerId, Disarm> | undefined
  #duration: number | undefined

  constructor(house: Circumstances, call: Call) {
    this.#house = house
    this.call = call
    this.hands = new Hands(house.guard)
    this.afterlife = new Afterlife(house, this)
    this.waiters = new Waiters(this, house.guard)
  }

  /** Carries out the effects of the call's beginning. */
  begin(step: Step): void {
    this.#carryOut(step)
  }

  /** Milliseconds: how long the first leg may ring, and how long the call may last from its answer. */
  limit(ringing: number, duration: number): void {
    const at = this.#house.clock.now()
    const timer: Timer = { id: 'ring', due: at + ringing, leg: this.call.first, cause: 'no-answer', until: 'ringing' }
    this.#duration = duration
    this.dispatch({ type: 'arm', at, timer })
  }

  #limitDuration(after: number): void {
    const at = this.#house.clock.now()
    this.dispatch({ type: 'arm', at, timer: { id: 'duration', due: at + after, cause: 'time-limit', until: 'any' } })
  }

  dispatch(input: Input): void {
    if (this.#state === 'reducing') {
      this.#mailbox ??= []
      this.#mailbox.push(input)
      return
    }
    this.#state = 'reducing'
    try {
      let next: Input | undefined = input
      while (next !== undefined) {
        this.#carryOut(reduce(this.call, next))
        next = this.#mailbox?.shift()
      }
    } finally {
      this.#state = 'idle'
    }
  }

  // -------------------------------------------------------------- effects

  #carryOut({ call, effects }: Step): void {
    this.call = call
    if (effects.length === 0) return
    for (const effect of effects) this.#atOnce(effect)
    let offers: readonly LegId[] = none
    let deliveries: readonly Delivery[] = none
    let record: CallRecord | undefined
    let stored: 'now' | 'later' | undefined
    for (const effect of effects) {
      if (effect.type === 'settle') record = this.hands.withSent(effect.record)
      else if (effect.type === 'store') stored = effect.when
      else if (effect.type === 'offer') offers = [...offers, effect.leg]
    }
    for (const effect of effects) {
      if (effect.type !== 'notify') continue
      const more = this.#house.books.deliveriesFor(effect.notice, call, record)
      if (more.length > 0) deliveries = [...deliveries, ...more]
    }
    if (record !== undefined) {
      const final = record
      this.afterlife.write(() => this.afterlife.settle(final, deliveries))
    } else {
      if (stored === 'now' || offers.length > 0) this.#store(offers)
      else if (stored === 'later') this.#house.books.store(this.#row, 'later')
      if (deliveries.length > 0) this.#house.books.enqueue(deliveries)
    }
    for (const effect of effects) this.#afterwards(effect)
  }

  /** What a far end or an alarm must not wait for. */
  #atOnce(effect: Effect): void {
    switch (effect.type) {
      case 'stop-media':
        this.hands.on(effect.leg)?.stopMedia()
        return
      case 'tell':
        if (!this.hands.tell(effect.leg, effect.view)) this.#told(effect.leg, 'local-only')
        return
      case 'tell-branch':
        this.hands.on(effect.leg)?.tellBranch(effect.branch, effect.view)
        return
      case 'arm':
        return this.#arm(effect.timer)
      case 'disarm':
        return this.#disarm(effect.timer)
    }
  }

  #told(leg: LegId, outcome: 'local-only' | 'unconfirmed'): void {
    this.dispatch({ type: 'told', at: this.#house.clock.now(), leg, outcome })
  }

  #afterwards(effect: Effect): void {
    switch (effect.type) {
      case 'notify':
        this.#house.feed.emit({ type: 'notice', at: this.#house.clock.now(), call: this.call, notice: effect.notice })
        return this.#hear(effect.notice)
      case 'annex': {
        const { entry } = effect
        const at = this.#house.clock.now()
        this.afterlife.write(() => this.#house.books.annex(this.call.id, at, entry))
        const network = legOf(this.call, entry.leg)?.network ?? ''
        return this.#house.feed.emit({ type: 'annex', at, call: this.call.id, network, entry })
      }
      case 'forget':
        return this.afterlife.told()
    }
  }

  #hear(notice: Notice): void {
    const { type } = notice
    if (type === 'leg-answered' && this.#duration !== undefined && notice.leg === this.call.first) {
      this.#limitDuration(this.#duration)
    }
    this.waiters.hear(notice)
  }

  // -------------------------------------------------------------- durability

  /** Settles when it is on disk, or is known not to come there: whoever must know is told. */
  #store(offers: readonly LegId[]): Promise<void> {
    const stored = this.#house.books.store(this.#row, 'now')
    if (this.#admission === 'awaited') {
      this.#admission = 'under way'
      this.durable = stored
    }
    const settled = stored.catch(nothing)
    this.stored = settled
    if (offers.length === 0) return settled
    return stored.then(
      () => this.#offer(offers),
      () => this.#unstorable(offers),
    )
  }

  /** Whoever learnt a tag or a newer target asks for this; a call that is over has nothing to remember. */
  async remember(): Promise<void> {
    if (this.call.state.name === 'live') await this.#store([])
  }

  #offer(legs: readonly LegId[]): void {
    for (const id of legs) {
      if (legOf(this.call, id)?.state.name === 'queued') this.hands.offer(id)
    }
  }

  /** What cannot be promised must not be offered (durability rule 1). */
  #unstorable(legs: readonly LegId[]): void {
    const reason = { cause: 'error', actor: 'platform', detail: 'the call could not be stored' } as const
    for (const leg of legs) this.dispatch({ type: 'end', at: this.#house.clock.now(), leg, reason })
  }

  /** Legs that had ended, without having confirmed it. Of the others nothing more can be learnt. */
  tellAgain(views: ReadonlyMap<LegId, View>): void {
    for (const leg of this.call.legs) {
      if (!isUnconfirmed(leg)) continue
      const view = views.get(leg.id)
      if (view === undefined) this.#told(leg.id, 'unconfirmed')
      else this.#atOnce({ type: 'tell', leg: leg.id, view })
    }
  }

  wires(): Wire[] {
    return this.hands.wires(this.call)
  }

  /** Far ends that never answered what they were told are given up. */
  giveUpTelling(): void {
    for (const leg of this.call.legs) if (isUnconfirmed(leg)) this.#told(leg.id, 'unconfirmed')
  }

  // -------------------------------------------------------------- alarms

  #arm(timer: Timer): void {
    this.#disarm(timer.id)
    this.#alarms ??= new Map()
    const ring = () => this.dispatch({ type: 'fired', at: this.#house.clock.now(), timer: timer.id })
    this.#alarms.set(timer.id, this.#house.clock.alarm(timer.due, ring))
  }

  #disarm(timer: TimerId): void {
    this.#alarms?.get(timer)?.()
    this.#alarms?.delete(timer)
  }

  /** What this call's ending put on the wire, for whoever asks who ended it. */
  result(result: EndResult['result']): EndResult {
    const { id, state } = this.call
    const sent = this.hands.sent(this.call)
    return { call: id, result, ...(state.name === 'ended' ? { ending: state.ending } : {}), sent }
  }
}

const none: readonly never[] = Object.freeze([])

function nothing(): void {}
