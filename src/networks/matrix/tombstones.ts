import type { Instant } from '../../call/ending.ts'
import { type Party, sameParty } from '../../dialects/matrix/index.ts'

/** Milliseconds; longer than any invite may ring (`longestLifetime`), and than clocks disagree. */
const kept = 15 * 60_000
export const longestLifetime = 10 * 60_000
const most = 20_000
/** Whose call it was, and whose word its end was. */
const mostParties = 8

/** `over`: it was a call of ours. `warned`: its end came, and its invite has not. */
type Stone = { until: Instant; of: 'over' | 'warned'; by: Party[] }

/**
 * Calls that must not ring any more: those that are over, and those whose end came before their invite. Bounded in time
 * and in number; the oldest go first. Another person's call of the same name is another call.
 */
export class Tombstones {
  readonly #stones = new Map<string, Stone>()

  get size(): number {
    return this.#stones.size
  }

  /** @param by whose call it was, or whose word its end was. */
  set(room: string, callId: string, of: Stone['of'], by: Party, now: Instant): void {
    this.#sweep(now)
    const key = keyOf(room, callId)
    const earlier = this.#stones.get(key)
    this.#stones.delete(key)
    const all = [
      ...withRoom(
        (earlier?.by ?? []).filter((each) => !sameParty(each, by)),
        by.user,
      ),
      by,
    ]
    this.#stones.set(key, { until: now + kept, of: earlier?.of === 'over' ? 'over' : of, by: all })
  }

  /** Whether an invite by this party, to this ghost, is dead: by the inviter's word, by the ghost's own, or it is over. */
  forbids(room: string, callId: string, inviter: Party, ghost: string, now: Instant): boolean {
    const stone = this.#stones.get(keyOf(room, callId))
    if (stone === undefined || stone.until <= now) return false
    return stone.by.some((party) => party.user === ghost || sameParty(party, inviter))
  }

  /** What is known of it. */
  has(room: string, callId: string, now: Instant): Stone['of'] | 'nothing' {
    const stone = this.#stones.get(keyOf(room, callId))
    return stone === undefined || stone.until <= now ? 'nothing' : stone.of
  }

  #sweep(now: Instant): void {
    for (const [key, { until }] of this.#stones) {
      if (until > now && this.#stones.size < most) return
      this.#stones.delete(key)
    }
  }
}

/**
 * The oldest party of whoever names the most goes first: nobody makes room for an invite of somebody else's by naming
 * parties of their own.
 */
function withRoom(all: readonly Party[], user: string): readonly Party[] {
  if (all.length < mostParties) return all
  const count = new Map([[user, 1]])
  for (const each of all) count.set(each.user, (count.get(each.user) ?? 0) + 1)
  const greatest = Math.max(...count.values())
  const oldest = all.findIndex((each) => count.get(each.user) === greatest)
  return all.filter((_, index) => index !== oldest)
}

export function keyOf(room: string, callId: string): string {
  return `${room}\n${callId}`
}
