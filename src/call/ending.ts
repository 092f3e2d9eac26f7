import type { Cause } from './causes.ts'

/** Milliseconds since the Unix epoch, read from a clock that never steps back while the process lives. */
export type Instant = number

/** Who decided that it ends. What is not known is `unknown`; nothing is guessed. */
export const actors = ['caller', 'callee', 'app', 'api', 'timer', 'network', 'platform', 'unknown'] as const
export type Actor = (typeof actors)[number]

/** How far it had come. The order is meaningful: a leg only moves to the right. */
export const phases = ['queued', 'offered', 'ringing', 'early', 'answered'] as const
export type Phase = (typeof phases)[number]

/** Whose words a raw value is in. */
export const dialectNames = [
  'sip',
  'matrix',
  'whatsapp',
  'chime',
  'bandwidth',
  'vobiz',
  'plivo',
  'twilio',
  'telnyx',
  'vonage',
  'signalwire',
  'whatsapp-cloud',
] as const
export type Dialect = (typeof dialectNames)[number]

/** Codes as heard or as sent, beside the cause that they were read as. A mapping never overwrites them. */
export type Codes = Readonly<{
  /** SIP status code, 100–699. */
  sip?: number
  /** Q.850 cause value, 0–127. */
  q850?: number
  /** Reason phrase or `text=` of a Reason header. */
  text?: string
  /** The platform's own finer code, where its dialect splits one cause into several (Vobiz 7011–7014). */
  platform?: number | string
}>

/** A value in somebody else's words, verbatim. */
export type Raw = Readonly<{ dialect: Dialect; value: unknown }>

/** Why, who, and how far it had come. Immutable: a call and each of its legs gets exactly one. */
export type Ending = Readonly<{
  cause: Cause
  actor: Actor
  phase: Phase
  at: Instant
  /** For people. */
  detail?: string
  codes?: Codes
  raw?: Raw
  /** Of a call that was superseded: the id of the call that goes on in its place, where we know it. */
  survivor?: string
}>
