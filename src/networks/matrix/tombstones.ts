import type { Instant } from '../../call/ending.ts'
import { type Party, sameParty } from '../../dialects/matrix/index.ts'

/** Milliseconds; longer than any invite may ring (`longestLifetime`), and than clocks disagree. */
const kept = 15 * 60_000
export const longestLifetime = 10 * 60_000
const most = 20_000

type Stone = { until: Instant; by: Party[] | 'us' }

/**
 * Calls that must not ring any more: those that are over, and those whose end came before their invite. Bounded in time
 * and in number; the oldest go first.
 */
export class Tombstones {
  readonly #stones = new Map<string, Stone>()

  get size(): number {
    return this.#stones.size
  }

  /** @param by whose word it was; `us`: the call was ours, and is over for everybody. */
  set(room: string, callId: string, by: Party | 'us', now: Instant): void {
    this.#sweep(now)
    const key = keyOf(room, callId)
    const earlier = this.#stones.get(key)
    this.#stones.delete(key)
    const all = by === 'us' || earlier?.by === 'us' ? 'us' : [...(earlier?.by ?? []).slice(-7), by]
    this.#stones.set(key, { until: now + kept, by: all })
  }

  /** Whether an invite by this party, to this ghost, is dead: by the inviter's word, by the ghost's own, or it is over. */
  forbids(room: string, callId: string, inviter: Party, ghost: string, now: Instant): boolean {
    const stone = this.#stones.get(keyOf(room, callId))
    if (stone === undefined || stone.until <= now) return false
    if (stone.by === 'us') return true
    return stone.by.some((party) => party.user === ghost || sameParty(party, inviter))
  }

  /** Whether anything is known of it. */
  has(room: string, callId: string, now: Instant): 'over' | 'forewarned' | 'no' {
    const stone = this.#stones.get(keyOf(room, callId))
    if (stone === undefined || stone.until <= now) return 'no'
    return stone.by === 'us' ? 'over' : 'forewarned'
  }

  #sweep(now: Instant): void {
    for (const [key, { until }] of this.#stones) {
      if (until > now && this.#stones.size < most) return
      this.#stones.delete(key)
    }
  }
}

export function keyOf(room: string, callId: string): string {
  return `${room}\n${callId}`
}
