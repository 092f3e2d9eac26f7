import type { Cause } from '../../call/causes.ts'
import type { Compat } from './compat.ts'
import type { VobizElement } from './document.ts'

/** Why an immediate `<Hangup>` ends the call, given what ran before it in its document. */
export function hangupCause(
  reason: 'rejected' | 'busy' | undefined,
  answered: boolean,
  before: readonly VobizElement[],
  compat: Compat,
): Cause {
  if (reason !== undefined) return reason === 'busy' ? 'busy' : 'declined'
  if (answered) return 'hangup'
  // What only prepares (a schedule, early media) leaves the Hangup the first thing that the document decides.
  const first = before.every(({ name }) => name === 'Hangup' || name === 'PreAnswer')
  if (!first) return 'hangup'
  const heard = before.some(({ name }) => name === 'PreAnswer')
  const choice = heard ? compat.bareHangupAfterPreAnswer : compat.bareFirstHangup
  return choice === 'rejected' ? 'declined' : 'hangup'
}

/** Why a scheduled `<Hangup>` ends the call when its time has come. */
export function scheduledCause(reason: 'rejected' | 'busy' | undefined, compat: Compat): Cause {
  if (reason === undefined || compat.scheduledReason === 'ignore') return 'scheduled'
  return reason === 'busy' ? 'busy' : 'declined'
}
