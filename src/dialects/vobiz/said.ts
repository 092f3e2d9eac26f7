import type { Cause } from '../../call/causes.ts'
import type { Ending } from '../../call/ending.ts'
import { type HangupCode, hangupCode, type Source } from './causes.ts'
import type { Profile } from './profile.ts'

/** How a cause is written: the code, and which one where the far end, not this server, is the reason. */
type Cell = Readonly<{ code: number; far?: number; word?: string; farWord?: string }>

/** One cell per cause. The word is the code's own unless another one says more. */
export const said: Readonly<Record<Cause, Cell>> = {
  hangup: { code: 4000 },
  'script-end': { code: 4010 },
  scheduled: { code: 6000 },
  'time-limit': { code: 6000 },
  cancelled: { code: 1000 },
  'no-answer': { code: 6010, far: 3000 },
  busy: { code: 3010 },
  declined: { code: 3020 },
  unwanted: { code: 3130 },
  blocked: { code: 2040, far: 3040 },
  unavailable: { code: 2020, far: 3000, farWord: 'SUBSCRIBER_ABSENT' },
  'not-found': { code: 2000, far: 3050 },
  incompatible: { code: 5010 },
  'answered-elsewhere': { code: 9000 },
  'declined-elsewhere': { code: 9000 },
  transferred: { code: 4000 },
  superseded: { code: 1000 },
  'media-failed': { code: 6020 },
  'media-lost': { code: 6020 },
  'capture-failed': { code: 5010 },
  'session-expired': { code: 5000 },
  'no-ack': { code: 5000 },
  'peer-gone': { code: 5000 },
  'account-limit': { code: 5030 },
  congestion: { code: 5010, word: 'SWITCH_CONGESTION', far: 3090 },
  'app-unreachable': { code: 7011 },
  'app-invalid': { code: 8011 },
  'app-failed': { code: 5010 },
  'machine-detected': { code: 9100 },
  'network-failed': { code: 5000, far: 3080 },
  shutdown: { code: 5010 },
  restarted: { code: 5010 },
  error: { code: 5010 },
  unknown: { code: 0 },
}

/** What the far end said, where the vendors have a code of their own for that final response. */
const heardAs: Readonly<Record<number, number>> = { 408: 3070, 484: 2000, 500: 3080, 502: 2010, 603: 3110, 604: 3120 }

/** Code and word of an ending. A finer code that the ending carries is used where it means the same cause. */
export function codeFor(ending: Ending): Readonly<{ row: HangupCode; word: string }> {
  const { cause, actor, phase, codes } = ending
  const own = Number(codes?.platform ?? Number.NaN)
  const finer = Number.isInteger(own) ? hangupCode(own) : undefined
  if (finer !== undefined && meansTheSame(finer, cause)) return { row: finer, word: finer.word }
  // The vendors put an API hangup of a call that was not answered down as cancelled.
  if (cause === 'hangup' && actor === 'api' && phase !== 'answered') return rowOf(1000)
  const heard = isFar(ending) ? hangupCode(heardAs[codes?.sip ?? 0] ?? Number.NaN) : undefined
  // A status refined by its Reason may mean something else by now.
  if (
    heard?.sources.includes(actorSource(ending)) &&
    (heard.cause === cause || (heard.code === 3080 && cause === 'error'))
  ) {
    return rowOf(heard.code)
  }
  const cell = said[cause]
  if (cell.far === undefined || !isFar(ending)) return rowOf(cell.code, cell.word)
  return rowOf(cell.far, cell.farWord)
}

function rowOf(code: number, word?: string): Readonly<{ row: HangupCode; word: string }> {
  const row = hangupCode(code)
  if (row === undefined) throw new Error(`${code} is not in the table of hangup codes`)
  return { row, word: word ?? row.word }
}

/** A time limit and a schedule share one code; app-failed is an internal error in the vendors' words. */
function meansTheSame(row: HangupCode, cause: Cause): boolean {
  return (
    row.cause === cause ||
    (row.code === 6000 && cause === 'time-limit') ||
    (row.code === 5010 && cause === 'app-failed')
  )
}

/** Whether the reason came from beyond this server. Nobody knows where an unknown silence came from: not from here. */
function isFar({ cause, actor }: Ending): boolean {
  if (actor === 'network' || actor === 'callee' || actor === 'caller') return true
  return cause === 'no-answer' && actor === 'unknown'
}

/** `HangupSource`: who ended it, always the real actor. */
export function sourceFor(ending: Ending, profile: Profile): string {
  const source = actorSource(ending)
  return source === 'platform' ? profile.source : source
}

function actorSource({ cause, actor }: Ending): Source {
  if (cause === 'app-unreachable' || cause === 'app-invalid' || cause === 'app-failed') return 'Error'
  // Both are 6000: the source alone tells the document's own schedule from the platform's limit.
  if (cause === 'scheduled') return actor === 'api' ? 'API Request' : 'Answer XML'
  if (cause === 'time-limit') return 'platform'
  switch (actor) {
    case 'caller':
      return 'Caller'
    case 'callee':
      return 'Callee'
    case 'app':
      return 'Answer XML'
    case 'api':
      return 'API Request'
    case 'network':
      return 'Carrier'
    case 'platform':
      return 'platform'
    case 'timer':
      // A scheduled <Hangup reason="…"/> is the document's doing, whatever it says.
      return cause === 'busy' || cause === 'declined' || cause === 'hangup' ? 'Answer XML' : 'platform'
    case 'unknown':
      return 'Unknown'
    default:
      return actor satisfies never
  }
}
