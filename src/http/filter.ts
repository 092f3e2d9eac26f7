/** Which live calls are meant. */
import { type Call, firstLeg } from '../call/call.ts'
import type { Instant, Phase } from '../call/ending.ts'
import { phaseOf } from '../call/leg.ts'
import { matcher } from '../config/pattern.ts'

export type CallFilter = Readonly<{
  platform?: string | undefined
  /** Of any of its legs. */
  network?: string | undefined
  /** Of its first leg, as are direction, from and to. */
  phase?: Phase | undefined
  direction?: 'in' | 'out' | undefined
  from?: string | undefined
  to?: string | undefined
  olderThanSeconds?: number | undefined
}>

export function callMatcher(filter: CallFilter, now: Instant): (call: Call) => boolean {
  const from = filter.from === undefined ? undefined : matcher(filter.from)
  const to = filter.to === undefined ? undefined : matcher(filter.to)
  const youngest = filter.olderThanSeconds === undefined ? undefined : now - filter.olderThanSeconds * 1000
  return (call) => {
    const first = firstLeg(call)
    return (
      (filter.platform === undefined || call.app.platform === filter.platform) &&
      (filter.network === undefined || call.legs.some((leg) => leg.network === filter.network)) &&
      (filter.phase === undefined || phaseOf(first) === filter.phase) &&
      (filter.direction === undefined || first.direction === filter.direction) &&
      (youngest === undefined || call.began < youngest) &&
      (from?.(first.from) ?? true) &&
      (to?.(first.to) ?? true)
    )
  }
}
