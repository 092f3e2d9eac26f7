/**
 * The catalogue of causes: why calls end. A closed list; the names are public API.
 *
 * How each dialect spells a cause is that dialect's own table (`src/dialects/<name>/`), typed as a
 * `Record<Cause, …>`, so a new row here does not compile until every dialect has a word for it.
 */

/** What a cause means for somebody who counts calls. */
export type CauseKind =
  /** ended as calls should: cleared, ran out, timed */
  | 'normal'
  /** never answered, and nobody said no */
  | 'unanswered'
  /** somebody, or a rule, said no */
  | 'refused'
  /** this leg ended because the call lives on somewhere else */
  | 'elsewhere'
  /** something broke */
  | 'failed'

export type CauseRow = Readonly<{
  kind: CauseKind
  /** One clause, for people: completes "the call ended: …". */
  when: string
  /** Q.850 cause value, or null where there is none (answered elsewhere is no clearing cause). */
  q850: number | null
}>

export const causes = {
  hangup: { kind: 'normal', when: 'cleared normally', q850: 16 },
  'script-end': { kind: 'normal', when: 'the instructions ran out', q850: 16 },
  scheduled: { kind: 'normal', when: 'a scheduled hangup fired', q850: 16 },
  'time-limit': { kind: 'normal', when: 'the longest duration was reached', q850: 16 },
  cancelled: { kind: 'unanswered', when: 'the caller withdrew before the answer', q850: 16 },
  'no-answer': { kind: 'unanswered', when: 'it rang and nobody answered', q850: 19 },
  busy: { kind: 'refused', when: 'busy', q850: 17 },
  declined: { kind: 'refused', when: 'a person refused', q850: 21 },
  unwanted: { kind: 'refused', when: 'a person marked it as unwanted', q850: 21 },
  blocked: { kind: 'refused', when: 'a policy refused', q850: 21 },
  unavailable: { kind: 'unanswered', when: 'not registered or out of reach', q850: 20 },
  'not-found': { kind: 'refused', when: 'no such destination', q850: 1 },
  incompatible: { kind: 'failed', when: 'no media in common', q850: 88 },
  'answered-elsewhere': { kind: 'elsewhere', when: 'another device took it', q850: null },
  'declined-elsewhere': { kind: 'elsewhere', when: 'another device refused it', q850: 21 },
  transferred: { kind: 'elsewhere', when: 'moved away by agreement', q850: 16 },
  superseded: { kind: 'elsewhere', when: 'lost to a crossing call', q850: 16 },
  'media-failed': { kind: 'failed', when: 'media never came up', q850: 41 },
  'media-lost': { kind: 'failed', when: 'media came, then was lost', q850: 102 },
  'capture-failed': { kind: 'failed', when: 'no microphone or device', q850: 127 },
  'session-expired': { kind: 'failed', when: 'the session timer ran out', q850: 102 },
  'no-ack': { kind: 'failed', when: 'our answer was never acknowledged', q850: 102 },
  'peer-gone': { kind: 'failed', when: 'the far end forgot or left the call', q850: 41 },
  'account-limit': { kind: 'refused', when: "the customer's limit was reached", q850: 42 },
  congestion: { kind: 'failed', when: 'our limit, or the network’s, was reached', q850: 42 },
  'app-unreachable': { kind: 'failed', when: "the app's URL or function failed", q850: 41 },
  'app-invalid': { kind: 'failed', when: "the app's answer was not valid", q850: 41 },
  'app-failed': { kind: 'failed', when: 'a valid instruction could not be done', q850: 41 },
  'machine-detected': { kind: 'normal', when: 'an answering machine, and the app said so', q850: 16 },
  'network-failed': { kind: 'failed', when: 'a carrier or transport failed', q850: 38 },
  shutdown: { kind: 'failed', when: 'this server is stopping', q850: 41 },
  restarted: { kind: 'failed', when: 'this server came back and found it live', q850: 41 },
  error: { kind: 'failed', when: 'a known failure with no better word', q850: 41 },
  unknown: { kind: 'failed', when: 'not known', q850: 31 },
} as const satisfies Record<string, CauseRow>

export type Cause = keyof typeof causes

/** Every cause, in the catalogue's order. */
export const causeNames = Object.keys(causes) as readonly Cause[]

/**
 * Whether a value is the name of a cause.
 *
 * @example
 * isCause('busy') // true
 */
export function isCause(value: unknown): value is Cause {
  return typeof value === 'string' && Object.hasOwn(causes, value)
}
