import { type Call, legOf } from './call.ts'
import type { Effect } from './effect.ts'
import type { Leg, LegId } from './leg.ts'
import type { Timer } from './timer.ts'

/** One step in the making. Local to `reduce`: the calls in it are immutable, the draft only points at the newest. */
export type Draft = { call: Call; effects: Effect[]; dirty: 'stored' | 'unstored' | 'unsafe' }

export function putLeg(draft: Draft, leg: Leg): void {
  const legs = draft.call.legs.map((other) => (other.id === leg.id ? leg : other))
  draft.call = { ...draft.call, legs }
}

export function liveLeg(draft: Draft, id: LegId): Leg | undefined {
  const leg = legOf(draft.call, id)
  return leg === undefined || leg.state.name === 'ended' ? undefined : leg
}

/** Something changed that a recovery after a crash must know. */
export function mustStore(draft: Draft): void {
  draft.dirty = 'unsafe'
}

/** Something changed that a recovery would not miss. */
export function mayStore(draft: Draft): void {
  if (draft.dirty === 'stored') draft.dirty = 'unstored'
}

/** Disarms every timer that `gone` names, here and in the store. */
export function disarmWhere(draft: Draft, gone: (timer: Timer) => boolean): void {
  if (draft.call.timers.length === 0) return
  const kept: Timer[] = []
  for (const timer of draft.call.timers) {
    if (gone(timer)) draft.effects.push({ type: 'disarm', timer: timer.id })
    else kept.push(timer)
  }
  if (kept.length !== draft.call.timers.length) draft.call = { ...draft.call, timers: kept }
}
