import { beginCall, type Step } from '../../src/call/begin.ts'
import { type Call, legOf } from '../../src/call/call.ts'
import { type Cause, causeNames } from '../../src/call/causes.ts'
import type { Effect } from '../../src/call/effect.ts'
import { actors, type Ending } from '../../src/call/ending.ts'
import type { Input } from '../../src/call/input.ts'
import { isLive } from '../../src/call/leg.ts'
import type { CallRecord } from '../../src/call/record.ts'
import { reduce } from '../../src/call/reduce.ts'

/** One thing that happens to the world of the model test. Numbers pick among what exists, so shrinking keeps sense. */
export type Move =
  | { do: 'dial'; rule: 0 | 1 | 2; bridged: boolean }
  | { do: 'branch' | 'ring' | 'early' | 'answer' | 'ack' | 'refuse'; leg: number; branch: number; all: boolean }
  | { do: 'end'; leg: number; whole: boolean; cause: number; actor: number; wire: boolean }
  | { do: 'arm'; leg: number; whole: boolean; until: 'ringing' | 'any'; id: number }
  | { do: 'disarm' | 'fire'; id: number }
  | { do: 'bridge' | 'unbridge'; leg: number; other: number; rule: 0 | 1 | 2 }
  | { do: 'told'; leg: number }
  | { do: 'commit' | 'crash' | 'again' }

const rules = ['together', 'caller-survives', 'independent'] as const

/**
 * A call with everything around it that P1–P4 speak of: a disk that commits late, alarms, far ends that count what
 * they are told, and crashes. It throws at the first broken promise.
 */
export class World {
  call: Call
  now = 0
  /** What the disk holds. */
  disk: { live?: Call; records: CallRecord[] } = { records: [] }
  #pending: (() => void)[] = []
  alarms = new Map<string, number>()
  told = new Map<string, number>()
  media = new Map<string, number>()
  settled = 0
  forgotten = 0
  #last: Input | undefined
  #legs = 0
  #branches = 0

  constructor(direction: 'in' | 'out') {
    const leg = { id: 'L0', direction, network: 'sip', from: 'a', to: 'b' } as const
    const begun = beginCall({ id: 'C', at: 0, app: { platform: 'test', data: {} }, leg })
    this.call = begun.call
    this.#carryOut(begun)
    this.#commit()
  }

  step(move: Move): void {
    this.now++
    if (this.forgotten > 0 && move.do !== 'commit') return
    switch (move.do) {
      case 'commit':
        return this.#commit()
      case 'crash':
        return this.#crash()
      case 'again':
        return this.#last === undefined ? undefined : this.give(this.#last)
      default: {
        const input = this.#inputOf(move)
        if (input !== undefined) this.give(input)
      }
    }
  }

  give(input: Input): void {
    this.#last = input
    const before = this.call
    const step = reduce(before, input)
    this.call = step.call
    this.#keepsEndings(before)
    this.#everyoneHears(before, input, step)
    this.#carryOut(step)
  }

  /** Everything that is still awaited comes: the call ends, far ends answer, the disk commits. */
  finish(): void {
    this.give({ type: 'end', at: ++this.now, reason: { cause: 'hangup', actor: 'api' } })
    for (const leg of this.call.legs) this.give({ type: 'told', at: this.now, leg: leg.id, outcome: 'delivered' })
    this.#commit()
    this.check(this.disk.records.length === 1, `${this.disk.records.length} records`)
    this.check(this.disk.live === undefined, 'a live row is left')
    this.check(this.alarms.size === 0, 'an alarm is left')
    this.check(this.forgotten === 1, `forgotten ${this.forgotten} times`)
    const record = this.disk.records[0] as CallRecord
    for (const leg of record.legs) {
      this.check(leg.began <= leg.ended, 'a leg ended before it began')
      this.check((leg.rang ?? leg.began) <= (leg.answered ?? leg.ended), 'answered before it rang')
      this.check(leg.talk === 0 || leg.answered !== null, 'talk without an answer')
      for (const branch of leg.branches) {
        this.check(branch.state.name === 'won' || branch.state.name === 'ended', `branch left ${branch.state.name}`)
      }
    }
  }

  check(holds: boolean, what: string): void {
    if (!holds) throw new Error(what)
  }

  /** P1: what has ended keeps its ending. */
  #keepsEndings(before: Call): void {
    if (before.state.name === 'ended') this.check(this.call.state === before.state, 'a settled call changed its ending')
    for (const leg of before.legs) {
      if (leg.state.name !== 'ended') continue
      const after = legOf(this.call, leg.id)
      const kept: Ending | undefined = after?.state.name === 'ended' ? after.state.ending : undefined
      this.check(kept === leg.state.ending, `leg ${leg.id} changed its ending`)
    }
  }

  /** P2: whoever ends in this step is told in this step, unless it was the one to tell us. */
  #everyoneHears(before: Call, input: Input, { call, effects }: Step): void {
    const branchSpoke = input.type === 'branch-ended' ? input.branch : undefined
    const legSpoke = input.type === 'end' && input.heard === 'wire' ? input.leg : undefined
    for (const leg of call.legs) {
      const was = legOf(before, leg.id)
      if (was === undefined || !isLive(was)) continue
      const told = effects.some((effect) => effect.type === 'tell' && effect.leg === leg.id)
      if (!isLive(leg))
        this.check(told || leg.id === legSpoke || branchSpoke !== undefined, `leg ${leg.id} was not told`)
      for (const [index, branch] of leg.branches.entries()) {
        const state = was.branches[index]?.state.name
        if (branch.state.name !== 'ended' || (state !== 'offered' && state !== 'ringing')) continue
        const toldAlone = effects.some((effect) => effect.type === 'tell-branch' && effect.branch === branch.id)
        const spoke = branch.id === branchSpoke || leg.id === legSpoke
        this.check(told || toldAlone || spoke, `branch ${branch.id} was not told`)
      }
    }
  }

  #carryOut(step: Step): void {
    for (const effect of step.effects) this.#effect(effect)
    this.check((step.call.state.name === 'live') === step.call.legs.some(isLive), 'a call is live when a leg is')
  }

  #effect(effect: Effect): void {
    switch (effect.type) {
      case 'store': {
        const { call } = this
        this.check(this.settled === 0, 'stored as live after its record')
        this.#pending.push(() => {
          if (this.disk.records.length === 0) this.disk.live = call
        })
        return
      }
      case 'settle':
        this.check(++this.settled === 1, 'settled twice')
        this.#pending.push(() => {
          delete this.disk.live
          this.disk.records.push(effect.record)
        })
        return
      case 'tell': {
        const leg = legOf(this.call, effect.leg)
        this.check(leg?.state.name === 'ended', 'told a live leg that it is over')
        this.check(leg?.state.name === 'ended' && leg.state.told === 'pending', 'told a leg that had told us')
        return this.#once(this.told, effect.leg, 'leg told twice')
      }
      case 'tell-branch':
        return this.#once(this.told, `${effect.leg}/${effect.branch}`, 'branch told twice')
      case 'stop-media':
        return this.#once(this.media, effect.leg, 'media stopped twice')
      case 'arm':
        this.alarms.set(effect.timer.id, effect.timer.due)
        return
      case 'disarm':
        this.check(this.alarms.delete(effect.timer), 'disarmed what was not armed')
        return
      case 'forget':
        this.check(++this.forgotten === 1, 'forgotten twice')
        return
      case 'offer':
      case 'notify':
      case 'annex':
        return
      default:
        effect satisfies never
    }
  }

  #once(counts: Map<string, number>, key: string, fault: string): void {
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    this.check(count === 1, `${fault}: ${key}`)
  }

  #commit(): void {
    for (const write of this.#pending.splice(0)) write()
  }

  /** The process dies: what was not on disk is gone. It comes back and reduces what it finds live. */
  #crash(): void {
    this.#pending = []
    for (const counts of [this.told, this.media, this.alarms]) counts.clear()
    const found = this.disk.live
    if (found === undefined) {
      this.check(this.disk.records.length === 1, 'neither a live row nor a record after a crash')
      this.forgotten = 1
      return
    }
    this.settled = 0
    this.call = found
    for (const timer of found.timers) this.alarms.set(timer.id, timer.due)
    this.give({ type: 'end', at: this.now, reason: { cause: 'restarted', actor: 'platform' } })
  }

  #inputOf(move: Exclude<Move, { do: 'commit' | 'crash' | 'again' }>): Input | undefined {
    const at = this.now
    const pick = (n: number) => this.call.legs[n % this.call.legs.length]?.id ?? 'L0'
    switch (move.do) {
      case 'dial': {
        if (this.#legs >= 4) return undefined
        const leg = { id: `L${++this.#legs}`, direction: 'out', network: 'sip', from: 'a', to: 'c' } as const
        return { type: 'dial', at, leg, ...(move.bridged ? { bridge: { to: 'L0', rule: rules[move.rule] } } : {}) }
      }
      case 'branch':
        return { type: 'branch-offered', at, leg: pick(move.leg), branch: `B${++this.#branches}`, address: 'x' }
      case 'ring':
        return { type: 'ringing', at, leg: pick(move.leg), branch: this.#branch(move.leg, move.branch) }
      case 'early':
        return { type: 'early', at, leg: pick(move.leg) }
      case 'answer':
        return { type: 'answered', at, leg: pick(move.leg), branch: this.#branch(move.leg, move.branch) }
      case 'ack':
        return { type: 'acknowledged', at, leg: pick(move.leg) }
      case 'refuse': {
        const speaksFor = move.all ? 'leg' : 'branch'
        const branch = this.#branch(move.leg, move.branch)
        return {
          type: 'branch-ended',
          at,
          leg: pick(move.leg),
          branch,
          speaksFor,
          reason: { cause: 'busy', actor: 'party' },
        }
      }
      case 'end': {
        const cause = causeNames[move.cause % causeNames.length] as Cause
        const actor = actors[move.actor % actors.length] ?? 'unknown'
        const leg = move.whole ? {} : { leg: pick(move.leg) }
        return {
          type: 'end',
          at,
          ...leg,
          reason: { cause, actor },
          ...(move.wire && !move.whole ? { heard: 'wire' } : {}),
        }
      }
      case 'arm': {
        const leg = move.whole ? {} : { leg: pick(move.leg) }
        return {
          type: 'arm',
          at,
          timer: { id: `T${move.id}`, due: at + 5, cause: 'scheduled', until: move.until, ...leg },
        }
      }
      case 'disarm':
        return { type: 'disarm', at, timer: `T${move.id}` }
      case 'fire':
        this.alarms.delete(`T${move.id}`)
        return { type: 'fired', at, timer: `T${move.id}` }
      case 'bridge':
        return { type: 'bridge', at, first: pick(move.leg), second: pick(move.other), rule: rules[move.rule] }
      case 'unbridge':
        return { type: 'unbridge', at, first: pick(move.leg), second: pick(move.other) }
      case 'told':
        return { type: 'told', at, leg: pick(move.leg), outcome: 'delivered' }
      default:
        return move satisfies never
    }
  }

  #branch(leg: number, branch: number): string {
    const branches = this.call.legs[leg % this.call.legs.length]?.branches ?? []
    return branches.length === 0 ? 'none' : (branches[branch % branches.length]?.id ?? 'none')
  }
}
