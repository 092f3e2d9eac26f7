import type { Cause } from '../../call/causes.ts'
import type { Actor, Phase } from '../../call/ending.ts'

/** How a reason is understood. */
export type Reading = Readonly<{
  /**
   * `by-phase`: somebody ended it, and what that means depends on the phase and on the sender.
   * `withdrawn`: the caller gave up, if it was not answered.
   */
  cause: Cause | 'by-phase' | 'withdrawn'
  actor: Actor | 'sender'
  /** Taken where the reader does not know how far the call had come. */
  phase: Phase
}>

type Row = Readonly<{ reading: Reading; tokens: readonly string[] }>

/**
 * Every token that was ever seen or described, by meaning; the first of a row is its canonical name. No token has two
 * meanings. Compared folded: trimmed, lower case, hyphens and blanks as underscores.
 */
export const meanings = [
  {
    reading: { cause: 'answered-elsewhere', actor: 'callee', phase: 'ringing' },
    tokens: [
      'accepted_elsewhere',
      'accept_elsewhere',
      'answered_elsewhere',
      'acceptedelsewhere',
      'active_elsewhere',
      'handled_remotely',
    ],
  },
  {
    reading: { cause: 'declined-elsewhere', actor: 'callee', phase: 'ringing' },
    tokens: ['rejected_elsewhere', 'reject_elsewhere', 'declined_elsewhere', 'decline_elsewhere', 'rejectedelsewhere'],
  },
  {
    reading: { cause: 'declined', actor: 'callee', phase: 'ringing' },
    tokens: ['declined', 'rejected', 'reject', 'decline', 'rejected_by_user'],
  },
  { reading: { cause: 'busy', actor: 'callee', phase: 'ringing' }, tokens: ['busy', 'remote_busy', 'user_busy'] },
  {
    reading: { cause: 'no-answer', actor: 'timer', phase: 'ringing' },
    tokens: ['timeout', 'timed_out', 'ringing_timeout', 'no_answer', 'missed'],
  },
  {
    reading: { cause: 'withdrawn', actor: 'caller', phase: 'ringing' },
    tokens: ['cancelled', 'cancel', 'canceled'],
  },
  {
    reading: { cause: 'by-phase', actor: 'sender', phase: 'answered' },
    tokens: ['hangup', '', 'ended', 'user_ended', 'normal', 'ended_by_user', 'ended_by_peer', 'ended_by_self'],
  },
  {
    reading: { cause: 'media-lost', actor: 'network', phase: 'answered' },
    tokens: [
      'media_lost',
      'connection_lost',
      'media_tx_timeout',
      'media_rx_timeout',
      'media_tx_rx_timeout',
      'heartbeat_terminate',
      'remote_disconnect',
    ],
  },
  {
    reading: { cause: 'media-failed', actor: 'network', phase: 'ringing' },
    tokens: ['setup_failed', 'relay_bind_failed', 'retry', 'enc', 'no-raw-e2e', 'fatal_nack'],
  },
  {
    reading: { cause: 'unavailable', actor: 'network', phase: 'ringing' },
    tokens: ['unavailable', 'remote_offline', 'uncallable', 'tos', 'call_is_full'],
  },
  // The server ends it for everybody: whoever had not answered has missed it.
  {
    reading: { cause: 'withdrawn', actor: 'network', phase: 'answered' },
    tokens: ['group_ended', 'group_call_ended'],
  },
  {
    reading: { cause: 'blocked', actor: 'callee', phase: 'ringing' },
    tokens: [
      'refused_policy',
      'dnd',
      'do_not_disturb',
      'reject_do_not_disturb',
      'blocked',
      'reject_blocked',
      'caller_blocked',
    ],
  },
  {
    reading: { cause: 'capture-failed', actor: 'sender', phase: 'ringing' },
    tokens: ['permission', 'mic_permission_denied', 'camera_permission_denied'],
  },
  {
    reading: { cause: 'transferred', actor: 'sender', phase: 'answered' },
    tokens: ['transferred', 'device_switch', 'av-upgrade', 'av-upgradable'],
  },
  { reading: { cause: 'unknown', actor: 'unknown', phase: 'answered' }, tokens: ['unknown'] },
] as const satisfies readonly Row[]

const folded = (token: string) =>
  token
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')

const readings: ReadonlyMap<string, Reading> = new Map(
  (meanings as readonly Row[]).flatMap(({ reading, tokens }) =>
    tokens.flatMap((token): [string, Reading][] => [
      [token, reading],
      [folded(token), reading],
    ]),
  ),
)

/**
 * The reading of a `reason`; null for one that nobody has told us of. Absent and empty are a plain hang-up.
 *
 * @example
 * readingOf('Accept Elsewhere')?.cause // 'answered-elsewhere'
 */
export function readingOf(token: string | undefined): Reading | null {
  return readings.get(token ?? '') ?? readings.get(folded(token ?? '')) ?? null
}

/** The five tokens of the published page. */
export const documentedReasons = ['timeout', 'busy', 'declined', 'connection_lost', 'accept_elsewhere'] as const

/** Tokens that live clients were seen to send, on `<terminate>` or on `<reject>`. */
export const observedReasons = [
  'timeout',
  'accepted_elsewhere',
  'rejected_elsewhere',
  'group_call_ended',
  'hangup',
  'relay_bind_failed',
  'setup_failed',
  'media_tx_timeout',
  'media_rx_timeout',
  'dnd',
  'blocked',
  'mic_permission_denied',
  'camera_permission_denied',
  'device_switch',
  'rejected',
  'av-upgradable',
  'av-upgrade',
  'unknown',
  'busy',
  'enc',
  'no-raw-e2e',
  'uncallable',
  'unavailable',
  'tos',
] as const

/** `broken`: something failed; the observed vocabulary has one word before the answer and another after it. */
type ObservedWord = (typeof observedReasons)[number] | 'broken' | null

/** Cause → token, null where no reason is written: documented, observed, and what a listener understands of either. */
type WordRow = readonly [(typeof documentedReasons)[number] | null, ObservedWord, Cause, Cause]

const words: Readonly<Record<Cause, WordRow>> = {
  hangup: [null, null, 'hangup', 'hangup'],
  'script-end': [null, null, 'hangup', 'hangup'],
  scheduled: [null, null, 'hangup', 'hangup'],
  'time-limit': [null, null, 'hangup', 'hangup'],
  cancelled: [null, null, 'cancelled', 'cancelled'],
  'no-answer': ['timeout', 'timeout', 'no-answer', 'no-answer'],
  busy: ['busy', 'busy', 'busy', 'busy'],
  declined: ['declined', 'rejected', 'declined', 'declined'],
  unwanted: ['declined', 'rejected', 'declined', 'declined'],
  blocked: ['declined', 'blocked', 'declined', 'blocked'],
  unavailable: ['timeout', 'unavailable', 'no-answer', 'unavailable'],
  'not-found': ['declined', 'uncallable', 'declined', 'unavailable'],
  incompatible: ['connection_lost', 'setup_failed', 'media-lost', 'media-failed'],
  'answered-elsewhere': ['accept_elsewhere', 'accepted_elsewhere', 'answered-elsewhere', 'answered-elsewhere'],
  'declined-elsewhere': ['declined', 'rejected_elsewhere', 'declined', 'declined-elsewhere'],
  transferred: [null, null, 'hangup', 'hangup'],
  superseded: [null, null, 'cancelled', 'cancelled'],
  'media-failed': ['connection_lost', 'setup_failed', 'media-lost', 'media-failed'],
  'media-lost': ['connection_lost', 'media_rx_timeout', 'media-lost', 'media-lost'],
  'capture-failed': ['connection_lost', 'mic_permission_denied', 'media-lost', 'capture-failed'],
  'session-expired': ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  'no-ack': ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  'peer-gone': ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  'account-limit': ['busy', 'busy', 'busy', 'busy'],
  congestion: ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  'app-unreachable': ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  'app-invalid': ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  'app-failed': ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  'machine-detected': [null, null, 'hangup', 'hangup'],
  'network-failed': ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  shutdown: ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  restarted: ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  error: ['connection_lost', 'broken', 'media-lost', 'media-lost'],
  unknown: [null, null, 'hangup', 'hangup'],
}

/** What the page says: `timeout`, `busy`, `declined`, `connection_lost`, `accept_elsewhere`, or nothing. */
export function documentedWord(cause: Cause): (typeof documentedReasons)[number] | null {
  return words[cause][0]
}

/** What live clients say. */
export function observedWord(cause: Cause, phase: Phase | undefined): (typeof observedReasons)[number] | null {
  const word = words[cause][1]
  if (word !== 'broken') return word
  return phase === undefined || phase === 'answered' ? 'media_rx_timeout' : 'setup_failed'
}

const heard = (column: 2 | 3) =>
  Object.fromEntries(Object.entries(words).map(([cause, row]) => [cause, row[column]])) as Record<Cause, Cause>

/** What a listener understands of each cause, where it is told in the documented vocabulary, the codec's default. */
export const says: Readonly<Record<Cause, Cause>> = heard(2)

/** The same for the observed vocabulary. */
export const saysObserved: Readonly<Record<Cause, Cause>> = heard(3)
