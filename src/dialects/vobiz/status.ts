import type { Cause } from '../../call/causes.ts'
import type { Ending } from '../../call/ending.ts'
import type { Compat } from './compat.ts'
import type { CallStatus } from './params.ts'

/** `CallStatus` of a call that ended before its answer. An answered call is `completed`, whatever ended it. */
const unanswered: Readonly<Record<Cause, CallStatus>> = {
  hangup: 'cancel',
  'script-end': 'completed',
  scheduled: 'timeout',
  'time-limit': 'timeout',
  cancelled: 'cancel',
  'no-answer': 'no-answer',
  busy: 'busy',
  declined: 'failed',
  unwanted: 'failed',
  blocked: 'failed',
  unavailable: 'no-answer',
  'not-found': 'failed',
  incompatible: 'failed',
  'answered-elsewhere': 'cancel',
  'declined-elsewhere': 'cancel',
  transferred: 'completed',
  superseded: 'cancel',
  'media-failed': 'failed',
  'media-lost': 'failed',
  'capture-failed': 'failed',
  'session-expired': 'failed',
  'no-ack': 'failed',
  'peer-gone': 'failed',
  'account-limit': 'failed',
  congestion: 'failed',
  'app-unreachable': 'failed',
  'app-invalid': 'failed',
  'app-failed': 'failed',
  'machine-detected': 'completed',
  'network-failed': 'failed',
  shutdown: 'failed',
  restarted: 'failed',
  error: 'failed',
  unknown: 'failed',
}

/** `CallStatus` of the hangup callback. */
export function callStatusOf(ending: Ending, compat: Pick<Compat, 'callStatus'>): CallStatus {
  if (compat.callStatus === 'completed' || ending.phase === 'answered') return 'completed'
  // The app's own <Hangup> on a call that rings is the app's wish come true.
  return ending.cause === 'hangup' && ending.actor === 'app' ? 'completed' : unanswered[ending.cause]
}
