import { legFrom, type Step } from './begin.ts'
import { type Call, firstLeg, legOf } from './call.ts'
import { type Draft, disarmWhere, liveLeg, mayStore, mustStore, putLeg } from './draft.ts'
import { addLate, endBranch, endCall, endingOf, endLeg, forgetIfTold, settleIfOver } from './end.ts'
import type { Ending } from './ending.ts'
import type { Input } from './input.ts'
import { type Branch, isLive, type Leg, phaseOf } from './leg.ts'
import { verdict } from './verdict.ts'
import { elsewhere } from './view.ts'

type Of<T extends Input['type']> = Extract<Input, { type: T }>

/**
 * The only place where a call changes. Total: an input that makes no sense in the present state changes nothing,
 * and a terminal fact that comes second is kept as late. Nothing here throws for what the world does.
 */
export function reduce(call: Call, input: Input): Step {
  const draft: Draft = { call, effects: [], dirty: 'stored' }
  apply(draft, input)
  if (draft.dirty !== 'stored') draft.effects.push({ type: 'store', when: draft.dirty === 'unsafe' ? 'now' : 'later' })
  return draft
}

function apply(draft: Draft, input: Input): void {
  switch (input.type) {
    case 'dial':
      return dial(draft, input)
    case 'offered':
      return offered(draft, input)
    case 'branch-offered':
      return branchOffered(draft, input)
    case 'identified':
      return identified(draft, input)
    case 'ringing':
      return ringing(draft, input)
    case 'early':
      return early(draft, input)
    case 'answered':
      return answered(draft, input)
    case 'acknowledged':
      return acknowledged(draft, input)
    case 'branch-ended':
      return branchEnded(draft, input)
    case 'end':
      return end(draft, input)
    case 'bridge':
      return bridge(draft, input)
    case 'unbridge':
      return unbridge(draft, input)
    case 'arm':
      return arm(draft, input)
    case 'disarm':
      return disarmWhere(draft, (timer) => timer.id === input.timer)
    case 'fired':
      return fired(draft, input)
    case 'told':
      return told(draft, input)
    case 'app':
      return app(draft, input)
    default:
      return input satisfies never
  }
}

function dial(draft: Draft, { leg: seed, at, bridge }: Of<'dial'>): void {
  if (draft.call.state.name === 'ended' || legOf(draft.call, seed.id) !== undefined) return
  if (bridge !== undefined && liveLeg(draft, bridge.to) === undefined) return
  draft.call = {
    ...draft.call,
    legs: [...draft.call.legs, legFrom(seed, at)],
    bridges:
      bridge === undefined
        ? draft.call.bridges
        : [...draft.call.bridges, { first: bridge.to, second: seed.id, rule: bridge.rule }],
  }
  draft.effects.push({ type: 'notify', notice: { type: 'leg-added', leg: seed.id } }, { type: 'offer', leg: seed.id })
  mustStore(draft)
}

function offered(draft: Draft, { leg: id }: Of<'offered'>): void {
  const leg = liveLeg(draft, id)
  if (leg?.state.name === 'queued') putLeg(draft, { ...leg, state: { name: 'offered' } })
}

function branchOffered(draft: Draft, { leg: id, branch, address }: Of<'branch-offered'>): void {
  const leg = liveLeg(draft, id)
  if (leg === undefined || leg.state.name === 'answered' || leg.branches.some((known) => known.id === branch)) return
  const state = leg.state.name === 'queued' ? ({ name: 'offered' } as const) : leg.state
  putLeg(draft, { ...leg, state, branches: [...leg.branches, { id: branch, address, state: { name: 'offered' } }] })
}

function identified(draft: Draft, { leg: id, ids }: Of<'identified'>): void {
  const leg = liveLeg(draft, id)
  if (leg !== undefined) putLeg(draft, { ...leg, ids: { ...leg.ids, ...ids } })
}

function ringing(draft: Draft, { leg: id, branch, at }: Of<'ringing'>): void {
  const leg = liveLeg(draft, id)
  if (leg === undefined) return
  const branches = leg.branches.map((known) =>
    known.id === branch && known.state.name === 'offered'
      ? ({ ...known, state: { name: 'ringing', since: at } } satisfies Branch)
      : known,
  )
  const first = leg.state.name === 'queued' || leg.state.name === 'offered'
  putLeg(
    draft,
    first
      ? { ...leg, branches, state: { name: 'ringing', since: at }, times: { ...leg.times, rang: at } }
      : { ...leg, branches },
  )
  if (first) draft.effects.push({ type: 'notify', notice: { type: 'leg-ringing', leg: id } })
}

function early(draft: Draft, { leg: id, at }: Of<'early'>): void {
  const leg = liveLeg(draft, id)
  if (leg === undefined || leg.state.name === 'early' || leg.state.name === 'answered') return
  putLeg(draft, { ...leg, state: { name: 'early', since: at }, times: { ...leg.times, rang: leg.times.rang ?? at } })
  draft.effects.push({ type: 'notify', notice: { type: 'leg-early', leg: id } })
}

/** The first answer wins; every other device of the leg hears that it was answered elsewhere. */
function answered(draft: Draft, { leg: id, branch: winner, at }: Of<'answered'>): void {
  const leg = liveLeg(draft, id)
  if (leg === undefined || leg.state.name === 'answered') return
  const lost = elsewhere('answered', { cause: 'answered-elsewhere', actor: leg.role, phase: phaseOf(leg), at })
  const branches = leg.branches.map((branch): Branch => {
    if (branch.id === winner) return { ...branch, state: { name: 'won' } }
    const over = endBranch(branch, lost)
    if (over !== branch) tellBranch(draft, leg, branch, lost)
    return over
  })
  putLeg(draft, {
    ...leg,
    branches,
    state: { name: 'answered', at, ack: leg.direction === 'in' ? 'awaited' : 'seen' },
    times: { ...leg.times, answered: at },
  })
  disarmWhere(draft, (timer) => timer.leg === id && timer.until === 'ringing')
  draft.effects.push({ type: 'notify', notice: { type: 'leg-answered', leg: id } })
  // That we answered is on the slate; what a far end taught by its answer is nowhere yet.
  if (leg.direction === 'in') mayStore(draft)
  else mustStore(draft)
}

function tellBranch(draft: Draft, leg: Leg, branch: Branch, ending: Ending): void {
  draft.effects.push(
    { type: 'tell-branch', leg: leg.id, branch: branch.id, view: { ending, relation: 'lost' } },
    { type: 'notify', notice: { type: 'branch-ended', leg: leg.id, branch: branch.id, ending } },
  )
}

function acknowledged(draft: Draft, { leg: id }: Of<'acknowledged'>): void {
  const leg = liveLeg(draft, id)
  if (leg?.state.name === 'answered' && leg.state.ack === 'awaited') {
    putLeg(draft, { ...leg, state: { ...leg.state, ack: 'seen' } })
    mayStore(draft)
  }
}

function branchEnded(draft: Draft, input: Of<'branch-ended'>): void {
  const before = draft.call
  const leg = liveLeg(draft, input.leg)
  const branch = leg?.branches.find((known) => known.id === input.branch)
  if (leg === undefined || branch === undefined || leg.state.name === 'answered') return
  if (branch.state.name === 'ended') return
  const ending = endingOf(input.reason, leg, input.at)
  const after: Leg = {
    ...leg,
    branches: leg.branches.map((known) => (known === branch ? endBranch(branch, ending) : known)),
  }
  putLeg(draft, after)
  draft.effects.push({ type: 'notify', notice: { type: 'branch-ended', leg: leg.id, branch: branch.id, ending } })
  const ringing = after.branches.filter(({ state }) => state.name === 'offered' || state.name === 'ringing')
  if (input.speaksFor === 'branch' && ringing.length > 0) return
  const refused = elsewhere('refused', ending)
  for (const other of ringing) tellBranch(draft, leg, other, refused)
  const over = { ...after, branches: after.branches.map((known) => endBranch(known, refused)) }
  const said = (input.speaksFor === 'leg' ? undefined : verdict(over.branches.flatMap(endingOfBranch))) ?? ending
  // An earlier device may have said it; the leg ends now, and as far as it has come by now.
  const spoken: Ending = { ...said, at: ending.at, phase: ending.phase }
  endLeg(draft, over, spoken, { relation: 'own', heard: 'wire' })
  settleIfOver(draft, spoken, before)
}

function endingOfBranch({ state }: Branch): Ending[] {
  return state.name === 'ended' ? [state.ending] : []
}

/** The only door to an ending. The first terminal fact decides; a later one is kept, and changes nothing. */
function end(draft: Draft, { leg: id, reason, at, heard }: Of<'end'>): void {
  const before = draft.call
  const leg = id === undefined ? firstLeg(before) : legOf(before, id)
  if (leg === undefined) return
  const ending = endingOf(reason, leg, at)
  if (before.state.name === 'ended' || (id !== undefined && !isLive(leg))) return addLate(draft, leg, ending)
  if (id === undefined) endCall(draft, ending)
  else endLeg(draft, leg, ending, { relation: 'own', heard: heard ?? 'here' })
  settleIfOver(draft, ending, before)
}

function bridge(draft: Draft, { first, second, rule }: Of<'bridge'>): void {
  if (first === second || liveLeg(draft, first) === undefined || liveLeg(draft, second) === undefined) return
  const others = draft.call.bridges.filter((known) => !joins(known, first, second))
  draft.call = { ...draft.call, bridges: [...others, { first, second, rule }] }
  mustStore(draft)
}

function unbridge(draft: Draft, { first, second }: Of<'unbridge'>): void {
  const kept = draft.call.bridges.filter((known) => !joins(known, first, second))
  if (kept.length === draft.call.bridges.length) return
  draft.call = { ...draft.call, bridges: kept }
  mustStore(draft)
}

const joins = (bridge: { first: string; second: string }, a: string, b: string) =>
  (bridge.first === a && bridge.second === b) || (bridge.first === b && bridge.second === a)

function arm(draft: Draft, { timer }: Of<'arm'>): void {
  if (draft.call.state.name === 'ended') return
  if (timer.leg !== undefined) {
    const leg = liveLeg(draft, timer.leg)
    if (leg === undefined || (timer.until === 'ringing' && leg.state.name === 'answered')) return
  }
  draft.call = { ...draft.call, timers: draft.call.timers.filter((known) => known.id !== timer.id).concat(timer) }
  draft.effects.push({ type: 'arm', timer })
  // After a crash the call ends whether or not it would have rung.
  mayStore(draft)
}

/** An alarm that rings after its timer was disarmed is no fact. */
function fired(draft: Draft, { timer: id, at }: Of<'fired'>): void {
  const timer = draft.call.timers.find((known) => known.id === id)
  if (timer === undefined || draft.call.state.name === 'ended') return
  draft.call = { ...draft.call, timers: draft.call.timers.filter((known) => known !== timer) }
  mustStore(draft)
  const { cause, detail, codes, leg } = timer
  end(draft, {
    type: 'end',
    at,
    ...(leg === undefined ? {} : { leg }),
    reason: {
      cause,
      actor: 'timer',
      ...(detail === undefined ? {} : { detail }),
      ...(codes === undefined ? {} : { codes }),
    },
  })
}

function told(draft: Draft, { leg: id, outcome }: Of<'told'>): void {
  const leg = legOf(draft.call, id)
  if (leg === undefined || leg.state.name !== 'ended' || leg.state.told !== 'pending') return
  putLeg(draft, { ...leg, state: { ...leg.state, told: outcome } })
  draft.effects.push({ type: 'annex', entry: { type: 'told', leg: id, outcome } })
  forgetIfTold(draft)
}

function app(draft: Draft, { app }: Of<'app'>): void {
  if (draft.call.state.name === 'ended') return
  draft.call = { ...draft.call, app }
  mustStore(draft)
}
