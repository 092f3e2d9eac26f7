import type { CallId } from '../call/call.ts'
import type { Ending } from '../call/ending.ts'
import type { Reason } from '../call/input.ts'
import type { CallRecord } from '../call/record.ts'
import type { EndResult } from './ports.ts'

/** The API asking again for what it ended is told what it was told the first time. */
export function resultOf(ending: Ending, reason: Reason): 'ended' | 'already-ended' {
  return ending.actor === reason.actor ? 'ended' : 'already-ended'
}

/** What to say of a call that nobody remembers but the ledger. */
export function resultFrom(id: CallId, record: CallRecord | undefined, reason: Reason): EndResult {
  if (record === undefined) return { call: id, result: 'unknown', sent: [] }
  const sent = record.legs.flatMap(({ id: leg, sent: message, sentReason: why }) =>
    message === undefined ? [] : [{ leg, message, ...(why === undefined ? {} : { reason: why }) }],
  )
  return { call: id, result: resultOf(record.ending, reason), ending: record.ending, sent }
}
