import { formatReasons, type ReasonToSend } from '../message/reason.ts'
import type { HeaderLines, Sent } from './facts.ts'

export function sentAs(message: string, queued: boolean, reasons: readonly ReasonToSend[]): Sent {
  const reason = formatReasons(reasons)
  return reason === undefined ? { message, queued } : { message, queued, reason }
}

/** The Reason line, if there is anything to say (RFC 3326: at most one value for each protocol). */
export function reasonLines(reasons: readonly ReasonToSend[]): HeaderLines {
  const value = formatReasons(reasons)
  return value === undefined ? [] : [['Reason', value]]
}
