import type { ActionType } from '../../dialects/chime/index.ts'
import type { Outcome } from './list.ts'

/** Pages of these show one text besides, and published handlers read it. */
const legacyErrors: ReadonlySet<ActionType> = new Set(['JoinChimeMeeting', 'StartCallRecording', 'RecordAudio'])

/** What ACTION_FAILED says of an action that failed. */
export function failureOf(type: ActionType, { error, message }: Extract<Outcome, { type: 'failed' }>) {
  const both = { ErrorType: error, ErrorMessage: shortened(message) }
  return legacyErrors.has(type) ? { ...both, Error: `${error}: ${both.ErrorMessage}` } : both
}

/** Characters of an error's text: what a function answered may stand in it, and that may be a megabyte. */
const longest = 500

export function shortened(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
