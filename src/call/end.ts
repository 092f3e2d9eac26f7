import { type Bridge, type Call, firstLeg, legOf } from './call.ts'
import { type Draft, disarmWhere, liveLeg, mustStore, putLeg } from './draft.ts'
import type { Ending, Instant } from './ending.ts'
import type { Reason } from './input.ts'
import { type Branch, isLive, isUnconfirmed, type Leg, type LegId, phaseOf, type View } from './leg.ts'
import { recordOf } from './record.ts'
import { endingFor } from './view.ts'

/** More late facts than this about one leg say nothing new. */
const lateLimit = 16

/** Why, who and how far: the reason of an input, seen from the leg that it is about. */
export function endingOf(reason: Reason, leg: Leg, at: Instant): Ending {
  const { cause, actor, detail, codes, raw, survivor } = reason
  const ending: Ending = {
    cause,
    actor: actor === 'party' ? leg.role : actor,
    phase: phaseOf(leg),
    at,
    ...(detail === undefined ? {} : { detail }),
    ...(codes === undefined ? {} : { codes }),
    ...(raw === undefined ? {} : { raw }),
    ...(survivor === undefined ? {} : { survivor }),
  }
  return endingFor(leg, ending)
}

/** A terminal fact about something that has ended: kept beside the record, and of no effect (P1). */
export function addLate(draft: Draft, leg: Leg, ending: Ending): void {
  if (leg.late.length >= lateLimit) return
  putLeg(draft, { ...leg, late: [...leg.late, ending] })
  if (draft.call.state.name === 'ended')
    draft.effects.push({ type: 'annex', entry: { type: 'late', leg: leg.id, ending } })
}

type Telling = Readonly<{ relation: View['relation']; heard: 'wire' | 'here' }>

/** Ends one leg and whatever its bridges say must end with it. `docs/closures.md` is this function in prose. */
export function endLeg(draft: Draft, leg: Leg, ending: Ending, telling: Telling): void {
  const told = telling.heard === 'wire' ? 'not-needed' : 'pending'
  putLeg(draft, {
    ...leg,
    state: { name: 'ended', ending, told },
    branches: leg.branches.map((b) => endBranch(b, ending)),
  })
  draft.effects.push({ type: 'stop-media', leg: leg.id })
  if (told === 'pending')
    draft.effects.push({ type: 'tell', leg: leg.id, view: { ending, relation: telling.relation } })
  disarmWhere(draft, (timer) => timer.leg === leg.id)
  draft.effects.push({ type: 'notify', notice: { type: 'leg-ended', leg: leg.id, ending } })
  mustStore(draft)
  closeBridges(draft, leg.id, ending)
}

export function endBranch(branch: Branch, ending: Ending): Branch {
  const { name } = branch.state
  return name === 'offered' || name === 'ringing' ? { ...branch, state: { name: 'ended', ending } } : branch
}

function closeBridges(draft: Draft, ended: LegId, ending: Ending): void {
  const closing = draft.call.bridges.filter((bridge) => bridge.first === ended || bridge.second === ended)
  if (closing.length === 0) return
  draft.call = { ...draft.call, bridges: draft.call.bridges.filter((bridge) => !closing.includes(bridge)) }
  for (const bridge of closing) {
    if (!endsWith(bridge, ended)) continue
    const peer = liveLeg(draft, bridge.first === ended ? bridge.second : bridge.first)
    if (peer !== undefined) endLeg(draft, peer, endingFor(peer, ending), { relation: 'peer', heard: 'here' })
  }
}

/** Whether the rule of a bridge ends the other side when `ended` ends. */
function endsWith(bridge: Bridge, ended: LegId): boolean {
  switch (bridge.rule) {
    case 'together':
      return true
    case 'caller-survives':
      return bridge.first === ended
    case 'independent':
      return false
    default:
      return bridge.rule satisfies never
  }
}

/** Ends every live leg for one reason. The legs are told in their order; none is told because of another. */
export function endCall(draft: Draft, ending: Ending): void {
  draft.call = { ...draft.call, bridges: [] }
  for (const leg of draft.call.legs) {
    if (isLive(leg)) endLeg(draft, leg, endingFor(leg, ending), { relation: 'own', heard: 'here' })
  }
}

/** When its last leg has ended, the call has: one record, then only tellings are awaited. */
export function settleIfOver(draft: Draft, ending: Ending, before: Call): void {
  if (draft.call.state.name === 'ended' || draft.call.legs.some(isLive)) return
  const first = firstLeg(draft.call)
  const firstBefore = legOf(before, first.id)
  const own =
    firstBefore !== undefined && isLive(firstBefore) && first.state.name === 'ended' ? first.state.ending : ending
  disarmWhere(draft, () => true)
  draft.call = { ...draft.call, state: { name: 'ended', ending: own } }
  draft.effects.push(
    { type: 'settle', record: recordOf(draft.call, own) },
    { type: 'notify', notice: { type: 'call-ended', ending: own } },
  )
  draft.dirty = 'stored'
  forgetIfTold(draft)
}

export function forgetIfTold(draft: Draft): void {
  if (draft.call.state.name !== 'ended') return
  if (!draft.call.legs.some(isUnconfirmed)) draft.effects.push({ type: 'forget' })
}
