import type { ActionType } from '../../dialects/chime/index.ts'
import type { Outcome } from './list.ts'

/** Pages of these show one text besides, and published handlers read it. */
const legacyErrors: ReadonlySet<ActionType> = new Set(['JoinChimeMeeting', 'StartCallRecording', 'RecordAudio'])

/** What ACTION_FAILED says of an action that failed. */
export function failureOf(type: ActionType, { error, message }: Extract<Outcome, { type: 'failed' }>) {
  const both = { ErrorType: error, ErrorMessage: message }
  return legacyErrors.has(type) ? { ...both, Error: `${error}: ${message}` } : both
}
