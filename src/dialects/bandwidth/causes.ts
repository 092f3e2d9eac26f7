import type { Cause } from '../../call/causes.ts'
import { causeOfStatus } from '../sip/index.ts'

/** Values of `cause` (and of REST's `disconnectCause`). The vendor calls the list open. */
export const disconnectCauses = [
  'hangup',
  'busy',
  'timeout',
  'cancel',
  'rejected',
  'callback-error',
  'invalid-bxml',
  'application-error',
  'account-limit',
  'node-capacity-exceeded',
  'error',
  'unknown',
] as const
export type DisconnectCause = (typeof disconnectCauses)[number]

/** What each cause means by itself. A SIP code beside it may say more: `causeOf`. */
export const heardCauses: Readonly<Record<DisconnectCause, Cause>> = {
  hangup: 'hangup',
  busy: 'busy',
  timeout: 'no-answer',
  cancel: 'cancelled',
  rejected: 'declined',
  'callback-error': 'app-unreachable',
  'invalid-bxml': 'app-invalid',
  'application-error': 'app-failed',
  'account-limit': 'account-limit',
  'node-capacity-exceeded': 'congestion',
  error: 'error',
  unknown: 'unknown',
}

/** The Bandwidth column of the catalogue of causes. */
export const saidCauses: Readonly<Record<Cause, DisconnectCause>> = {
  hangup: 'hangup',
  'script-end': 'hangup',
  scheduled: 'hangup',
  'time-limit': 'hangup',
  cancelled: 'cancel',
  'no-answer': 'timeout',
  busy: 'busy',
  declined: 'rejected',
  unwanted: 'rejected',
  blocked: 'rejected',
  unavailable: 'timeout',
  'not-found': 'rejected',
  incompatible: 'error',
  'answered-elsewhere': 'cancel',
  'declined-elsewhere': 'cancel',
  transferred: 'hangup',
  superseded: 'cancel',
  'media-failed': 'error',
  'media-lost': 'error',
  'capture-failed': 'error',
  'session-expired': 'error',
  'no-ack': 'error',
  'peer-gone': 'unknown',
  'account-limit': 'account-limit',
  congestion: 'node-capacity-exceeded',
  'app-unreachable': 'callback-error',
  'app-invalid': 'invalid-bxml',
  'app-failed': 'application-error',
  'machine-detected': 'hangup',
  'network-failed': 'error',
  shutdown: 'error',
  restarted: 'error',
  error: 'error',
  unknown: 'unknown',
}

/**
 * `errorMessage` per cause. Apps compare some of them as strings, so they are as the vendor sends them where that was
 * seen (busy, timeout, the first of account-limit); `hangup` has none.
 */
export const errorMessages: Readonly<Record<Exclude<DisconnectCause, 'hangup'>, string>> = {
  busy: 'Callee is busy',
  timeout: 'Call was not answered',
  cancel: 'Call was cancelled',
  rejected: 'Call was rejected',
  'callback-error': 'Webhook could not be delivered',
  'invalid-bxml': 'BXML is invalid',
  'application-error': 'Action could not be performed',
  'account-limit': 'Account concurrent call limit exceeded',
  'node-capacity-exceeded': 'Call capacity exceeded',
  error: 'Call failed',
  unknown: 'Call failed for an unknown reason',
}

/** Sentences that say more than their cause. Compared without regard to case. */
const tellingMessages: ReadonlyMap<string, Cause> = new Map([
  ['account call creation rate limit exceeded', 'account-limit'],
  ['account concurrent call limit exceeded', 'account-limit'],
])

/**
 * Whether this is one of the published causes.
 *
 * @example
 * isDisconnectCause('timeout') // true
 */
export function isDisconnectCause(value: unknown): value is DisconnectCause {
  return typeof value === 'string' && Object.hasOwn(heardCauses, value)
}

/**
 * The cause that a Bandwidth cause stands for. `sipResponseCode` (of refused outgoing calls, since 2026) tells apart what
 * one word covers: `rejected` with 404 is `not-found`, with 607 `unwanted`. A word that is not known is `unknown`.
 *
 * @example
 * causeOf('rejected', 404) // 'not-found'
 */
export function causeOf(cause: unknown, sipResponseCode?: unknown, errorMessage?: unknown): Cause {
  if (!isDisconnectCause(cause)) return 'unknown'
  const plain = heardCauses[cause]
  if (typeof sipResponseCode === 'number') {
    const finer = causeOfStatus(sipResponseCode)
    if (finer !== 'unknown' && saidCauses[finer] === cause) return finer
  }
  if (cause !== 'hangup' && typeof errorMessage === 'string') {
    return tellingMessages.get(errorMessage.trim().toLowerCase()) ?? plain
  }
  return plain
}

/** Causes of the first voice API (Catapult), which spoke FreeSWITCH's names. */
export const legacyCauses: Readonly<Record<string, Cause>> = {
  NORMAL_CLEARING: 'hangup',
  ORIGINATOR_CANCEL: 'cancelled',
  USER_BUSY: 'busy',
  CALL_REJECTED: 'declined',
  UNALLOCATED_NUMBER: 'not-found',
  NO_ANSWER: 'no-answer',
  NORMAL_TEMPORARY_FAILURE: 'network-failed',
}
