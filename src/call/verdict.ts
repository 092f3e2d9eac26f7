import type { Cause } from './causes.ts'
import type { Ending } from './ending.ts'

/**
 * When every device of a leg is out, one ending stands for the leg: the one that says most about people, then about
 * places, then about machines. (RFC 3261 §16.7 ranks by status class, which would rank a wrong number above a refusal.)
 */
const ranking: readonly Cause[] = [
  'unwanted',
  'declined',
  'busy',
  'no-answer',
  'blocked',
  'cancelled',
  'incompatible',
  'unavailable',
  'not-found',
  'account-limit',
  'congestion',
  'media-failed',
  'network-failed',
  'peer-gone',
  'error',
]

function rank(cause: Cause): number {
  const place = ranking.indexOf(cause)
  return place === -1 ? ranking.length : place
}

/** The ending that speaks for a leg all of whose branches have ended. The earlier one wins a draw. */
export function verdict(endings: readonly Ending[]): Ending | undefined {
  let best: Ending | undefined
  for (const ending of endings) if (best === undefined || rank(ending.cause) < rank(best.cause)) best = ending
  return best
}
