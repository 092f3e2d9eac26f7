import type { Cause } from '../../src/call/causes.ts'
import type { Phase } from '../../src/call/ending.ts'

/** Where a cause usually comes to pass: before the answer of a leg that came in, of one that we dialled, or after it. */
const places: Readonly<Record<Cause, 'refused' | 'withdrawn' | 'answered'>> = {
  hangup: 'answered',
  'script-end': 'answered',
  scheduled: 'answered',
  'time-limit': 'answered',
  cancelled: 'withdrawn',
  'no-answer': 'refused',
  busy: 'refused',
  declined: 'refused',
  unwanted: 'refused',
  blocked: 'refused',
  unavailable: 'refused',
  'not-found': 'refused',
  incompatible: 'refused',
  'answered-elsewhere': 'withdrawn',
  'declined-elsewhere': 'withdrawn',
  transferred: 'answered',
  superseded: 'withdrawn',
  'media-failed': 'answered',
  'media-lost': 'answered',
  'capture-failed': 'answered',
  'session-expired': 'answered',
  'no-ack': 'answered',
  'peer-gone': 'answered',
  'account-limit': 'refused',
  congestion: 'refused',
  'app-unreachable': 'answered',
  'app-invalid': 'answered',
  'app-failed': 'answered',
  'machine-detected': 'answered',
  'network-failed': 'refused',
  shutdown: 'answered',
  restarted: 'answered',
  error: 'answered',
  unknown: 'answered',
}

/** The context in which a cause is told, and the one in which its listener reads it. */
export function naturalContext(cause: Cause): { phase: Phase; direction: 'in' | 'out' } {
  const place = places[cause]
  return { phase: place === 'answered' ? 'answered' : 'ringing', direction: place === 'withdrawn' ? 'out' : 'in' }
}
