import type { App, Call, CallId } from './call.ts'
import type { Effect } from './effect.ts'
import type { Instant } from './ending.ts'
import type { LegSeed } from './input.ts'
import type { Leg } from './leg.ts'

/** What a step of the heart yields: the call as it now is, and what is to be done. */
export type Step = Readonly<{ call: Call; effects: readonly Effect[] }>

const none: readonly never[] = Object.freeze([])

/** An incoming leg has been offered to us; an outgoing one waits until the call is durable. */
export function legFrom(seed: LegSeed, at: Instant): Leg {
  const incoming = seed.direction === 'in'
  return {
    id: seed.id,
    role: incoming ? 'caller' : 'callee',
    direction: seed.direction,
    network: seed.network,
    from: seed.from,
    to: seed.to,
    state: incoming ? { name: 'offered' } : { name: 'queued' },
    times: { began: at },
    branches: none,
    ids: seed.ids ?? {},
    late: none,
  }
}

/** A call begins with its first leg: one that came in, or one that an app or the API places. */
export function beginCall(seed: { id: CallId; at: Instant; app: App; leg: LegSeed }): Step {
  const leg = legFrom(seed.leg, seed.at)
  const call: Call = {
    id: seed.id,
    began: seed.at,
    state: { name: 'live' },
    app: seed.app,
    first: leg.id,
    legs: [leg],
    bridges: none,
    timers: none,
  }
  const effects: Effect[] = [
    { type: 'store', when: 'now' },
    { type: 'notify', notice: { type: 'leg-added', leg: leg.id } },
  ]
  if (leg.direction === 'out') effects.push({ type: 'offer', leg: leg.id })
  return { call, effects }
}
