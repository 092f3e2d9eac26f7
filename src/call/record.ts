import type { App, Call, CallId } from './call.ts'
import type { Ending, Instant } from './ending.ts'
import type { Branch, Direction, Leg, LegId, Role } from './leg.ts'

/** One leg in the final record. Durations are milliseconds. */
export type LegRecord = Readonly<{
  id: LegId
  role: Role
  direction: Direction
  network: string
  from: string
  to: string
  ids: Readonly<Record<string, string>>
  began: Instant
  rang: Instant | null
  answered: Instant | null
  ended: Instant
  /** Answer to end; 0 if never answered. */
  talk: number
  ending: Ending
  branches: readonly Branch[]
  late: readonly Ending[]
  /** What was put on the wire to end it (`BYE`, `CANCEL`, `486`); absent where nothing was or needed to be. */
  sent?: string
  /** Why, as that message said it (`Q.850;cause=16`); absent where it said nothing. */
  sentReason?: string
}>

/** The final, immutable account of a call. */
export type CallRecord = Readonly<{
  id: CallId
  platform: string
  app: App['data']
  direction: Direction
  from: string
  to: string
  began: Instant
  answered: Instant | null
  ended: Instant
  /** Answer to end of the first leg; 0 if never answered. */
  talk: number
  ending: Ending
  legs: readonly LegRecord[]
}>

function legRecord(leg: Leg): LegRecord {
  if (leg.state.name !== 'ended') throw new Error(`leg ${leg.id} is ${leg.state.name}: no record before its end`)
  const { ending } = leg.state
  const answered = leg.times.answered ?? null
  return {
    id: leg.id,
    role: leg.role,
    direction: leg.direction,
    network: leg.network,
    from: leg.from,
    to: leg.to,
    ids: leg.ids,
    began: leg.times.began,
    rang: leg.times.rang ?? null,
    answered,
    ended: ending.at,
    talk: answered === null ? 0 : Math.max(0, ending.at - answered),
    ending,
    branches: leg.branches,
    late: leg.late,
  }
}

/** The record of a call all of whose legs have ended. @throws if one is live: that is a defect of the reducer. */
export function recordOf(call: Call, ending: Ending): CallRecord {
  const legs = call.legs.map(legRecord)
  const first = legs.find((leg) => leg.id === call.first) ?? legs[0]
  if (first === undefined) throw new Error(`call ${call.id} has no leg`)
  return {
    id: call.id,
    platform: call.app.platform,
    app: call.app.data,
    direction: first.direction,
    from: first.from,
    to: first.to,
    began: call.began,
    answered: first.answered,
    ended: ending.at,
    talk: first.talk,
    ending,
    legs,
  }
}
