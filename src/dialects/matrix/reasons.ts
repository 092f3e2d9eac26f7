import type { Cause } from '../../call/causes.ts'
import type { Actor, Phase } from '../../call/ending.ts'
import type { HangupReason } from './event.ts'

/** How a reason is understood. */
export type Reading = Readonly<{
  /** `by-phase`: a person ended it, and what that means depends on the phase and on the sender. */
  cause: Cause | 'by-phase'
  actor: Actor | 'sender'
  /** Taken where the reader does not know how far the call had come. */
  phase: Phase
}>

const personEnded: Reading = { cause: 'by-phase', actor: 'sender', phase: 'answered' }
const answeredElsewhere: Reading = { cause: 'answered-elsewhere', actor: 'callee', phase: 'ringing' }
const declined: Reading = { cause: 'declined', actor: 'callee', phase: 'ringing' }
const busy: Reading = { cause: 'busy', actor: 'callee', phase: 'ringing' }
const incompatible: Reading = { cause: 'incompatible', actor: 'sender', phase: 'ringing' }
const superseded: Reading = { cause: 'superseded', actor: 'sender', phase: 'ringing' }

/** The seven reasons of the specification (m.call.hangup). */
export const publishedReadings: Readonly<Record<HangupReason, Reading>> = {
  user_hangup: personEnded,
  invite_timeout: { cause: 'no-answer', actor: 'timer', phase: 'ringing' },
  user_busy: busy,
  ice_failed: { cause: 'media-failed', actor: 'network', phase: 'answered' },
  ice_timeout: { cause: 'media-lost', actor: 'network', phase: 'answered' },
  user_media_failed: { cause: 'capture-failed', actor: 'sender', phase: 'ringing' },
  unknown_error: { cause: 'error', actor: 'unknown', phase: 'answered' },
}

/** What clients say beyond the specification, and what version 0 clients said in plain words. Read, never written by default. */
export const foreignReadings: Readonly<Record<string, Reading>> = {
  replaced: superseded,
  new_session: superseded,
  answered_elsewhere: answeredElsewhere,
  completed_elsewhere: answeredElsewhere,
  'org.matrix.msc4006.completed_elsewhere': answeredElsewhere,
  transferred: { cause: 'transferred', actor: 'sender', phase: 'answered' },
  signalling_timeout: { cause: 'network-failed', actor: 'network', phase: 'ringing' },
  keep_alive_timeout: { cause: 'peer-gone', actor: 'network', phase: 'answered' },
  no_user_media: { cause: 'capture-failed', actor: 'sender', phase: 'ringing' },
  busy,
  reject: declined,
  rejected: declined,
  declined,
  hangup: personEnded,
  // MSC4220, m.call.reject_locally: one device bows out.
  unwanted: declined,
  unimplemented: incompatible,
  unsupported_protocol: incompatible,
  needs_matrixrtc: incompatible,
}

const readings: ReadonlyMap<string, Reading> = new Map([
  ...Object.entries(publishedReadings),
  ...Object.entries(foreignReadings),
])

/** `userHangup`, `User Hangup` and `user-hangup` are `user_hangup`. */
const folded = (reason: string) =>
  reason
    .trim()
    .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toLowerCase()
    .replace(/[\s-]+/g, '_')

/**
 * The reading of a hangup's `reason`; null for one that nobody has told us of. A missing reason reads as
 * `user_hangup`, as the specification asks, whatever the version.
 *
 * @example
 * readingOf('userHangup')?.cause // 'by-phase'
 */
export function readingOf(reason: string | null | undefined): Reading | null {
  if (reason === undefined || reason === null) return personEnded
  return readings.get(reason) ?? readings.get(folded(reason)) ?? null
}

/** How a cause is told: by a hangup with a reason, by a reject, or by naming the party that was selected. */
export type Word = HangupReason | 'reject' | 'select_answer'

export const words: Readonly<Record<Cause, Word>> = {
  hangup: 'user_hangup',
  'script-end': 'user_hangup',
  scheduled: 'user_hangup',
  'time-limit': 'user_hangup',
  cancelled: 'user_hangup',
  'no-answer': 'invite_timeout',
  busy: 'user_busy',
  declined: 'reject',
  unwanted: 'reject',
  blocked: 'reject',
  unavailable: 'unknown_error',
  'not-found': 'unknown_error',
  incompatible: 'unknown_error',
  'answered-elsewhere': 'select_answer',
  'declined-elsewhere': 'select_answer',
  transferred: 'user_hangup',
  superseded: 'user_hangup',
  'media-failed': 'ice_failed',
  'media-lost': 'ice_timeout',
  'capture-failed': 'user_media_failed',
  'session-expired': 'unknown_error',
  'no-ack': 'unknown_error',
  'peer-gone': 'unknown_error',
  'account-limit': 'unknown_error',
  congestion: 'unknown_error',
  'app-unreachable': 'unknown_error',
  'app-invalid': 'unknown_error',
  'app-failed': 'unknown_error',
  'machine-detected': 'user_hangup',
  'network-failed': 'unknown_error',
  shutdown: 'unknown_error',
  restarted: 'unknown_error',
  error: 'unknown_error',
  unknown: 'unknown_error',
}

/** What a listener understands of each cause (the default vocabulary). */
export const says: Readonly<Record<Cause, Cause>> = {
  hangup: 'hangup',
  'script-end': 'hangup',
  scheduled: 'hangup',
  'time-limit': 'hangup',
  cancelled: 'cancelled',
  'no-answer': 'no-answer',
  busy: 'busy',
  declined: 'declined',
  unwanted: 'declined',
  blocked: 'declined',
  unavailable: 'error',
  'not-found': 'error',
  incompatible: 'error',
  'answered-elsewhere': 'answered-elsewhere',
  // The loser hears that a party was selected, not what that party had said.
  'declined-elsewhere': 'answered-elsewhere',
  transferred: 'hangup',
  // A crossing call is given up before its answer.
  superseded: 'cancelled',
  'media-failed': 'media-failed',
  'media-lost': 'media-lost',
  'capture-failed': 'capture-failed',
  'session-expired': 'error',
  'no-ack': 'error',
  'peer-gone': 'error',
  'account-limit': 'error',
  congestion: 'error',
  'app-unreachable': 'error',
  'app-invalid': 'error',
  'app-failed': 'error',
  'machine-detected': 'hangup',
  'network-failed': 'error',
  shutdown: 'error',
  restarted: 'error',
  error: 'error',
  unknown: 'error',
}

/**
 * The reason for lost media: `ice_timeout` if media was ever received, also where it is an ICE restart that failed.
 *
 * @example
 * mediaReason(false) // 'ice_failed'
 */
export function mediaReason(mediaEverReceived: boolean): 'ice_timeout' | 'ice_failed' {
  return mediaEverReceived ? 'ice_timeout' : 'ice_failed'
}
