import type { Ending } from './ending.ts'
import { type Leg, phaseOf, type View } from './leg.ts'

/**
 * The ending of one leg, given why the call, or the leg bridged to it, ended. The fact is one; the word depends on
 * how far this leg had come: hanging up on a party that has not answered is withdrawing the call, and a caller who
 * withdraws while the other side has just answered has hung up on it.
 */
export function endingFor(leg: Leg, ending: Ending): Ending {
  const phase = phaseOf(leg)
  const cause =
    ending.cause === 'hangup' && phase !== 'answered' && leg.direction === 'out'
      ? 'cancelled'
      : ending.cause === 'cancelled' && phase === 'answered'
        ? 'hangup'
        : ending.cause
  return phase === ending.phase && cause === ending.cause ? ending : { ...ending, cause, phase }
}

/** What a leg that ended is told once more: how it relates to what ended is in who ended it. */
export function viewAgain(leg: Leg, ending: Ending): View {
  const byPeer = (ending.actor === 'caller' || ending.actor === 'callee') && ending.actor !== leg.role
  return { ending, relation: byPeer ? 'peer' : 'own' }
}

/** What a device hears that rang while another one of the same leg decided for all. */
export function elsewhere(winner: 'answered' | 'refused', by: Ending): Ending {
  return winner === 'answered'
    ? { cause: 'answered-elsewhere', actor: by.actor, phase: by.phase, at: by.at }
    : {
        cause: 'declined-elsewhere',
        actor: by.actor,
        phase: by.phase,
        at: by.at,
        ...(by.codes === undefined ? {} : { codes: by.codes }),
      }
}
