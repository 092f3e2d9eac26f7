import type { Ending, Instant } from './ending.ts'
import type { Leg, LegId } from './leg.ts'
import type { Timer } from './timer.ts'

export type CallId = string

/**
 * What happens to one side of a bridge when the other ends.
 * `together` a gateway: both end · `caller-survives` a dial: the callee's end returns the first leg to its script,
 * the first leg's end ends the callee · `independent` each lives until it is told.
 */
export type BridgeRule = 'together' | 'caller-survives' | 'independent'

/**
 * Two legs that hear each other, or that will once the second answers. `first` is the leg that dialled.
 * A bridge stands in the call from the moment its second leg is dialled, because its rule already holds then.
 */
export type Bridge = Readonly<{ first: LegId; second: LegId; rule: BridgeRule }>

/** The platform that runs the call, and what it must remember to send its last webhook after a crash. */
export type App = Readonly<{ platform: string; data: Readonly<Record<string, unknown>> }>

export type CallState =
  | Readonly<{ name: 'live' }>
  /** Settled: the record is written. Kept in memory only until every leg's telling has settled. */
  | Readonly<{ name: 'ended'; ending: Ending }>

/** One conversation attempt, from first offer to final record. */
export type Call = Readonly<{
  id: CallId
  began: Instant
  state: CallState
  app: App
  /** The first leg: the one that carries the script. */
  first: LegId
  legs: readonly Leg[]
  bridges: readonly Bridge[]
  /** Armed timers; each is also a stored row. */
  timers: readonly Timer[]
}>

export function legOf(call: Call, id: LegId): Leg | undefined {
  for (const leg of call.legs) if (leg.id === id) return leg
  return undefined
}

export function firstLeg(call: Call): Leg {
  const leg = legOf(call, call.first)
  if (leg === undefined) throw new Error(`call ${call.id} has lost its first leg`)
  return leg
}
