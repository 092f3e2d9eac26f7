import { type Dialect, dialectNames, type Ending, type Instant, type Phase } from '../call/ending.ts'
import type { Fault, ReadContext } from './dialect.ts'
import { codecOf, isDialect } from './index.ts'
import { recognise, unreadableFault, valueOfText } from './recognise.ts'
import { summaryOf } from './summary.ts'

/** What the message itself does not say. */
export type ExplainOptions = Readonly<{
  /** Whose words it is in. Default: found out from its shape. */
  dialect?: Dialect | undefined
  /** How far the call had come. */
  phase?: Phase | undefined
  /** Which way the call went, as seen from whoever received the message. */
  direction?: 'in' | 'out' | undefined
  /** Who sent it, where that is known. */
  sender?: 'caller' | 'callee' | 'unknown' | undefined
  /** When it was heard: milliseconds since the epoch. A message that carries its own time overrides it. */
  at?: Instant | undefined
}>

/** A call's ending as its message tells it. */
export type Explanation = Omit<Ending, 'raw'> &
  Readonly<{
    /** Whose words the message is in; null where that could not be found out: see `fault`. */
    dialect: Dialect | null
    /** One sentence for people. */
    summary: string
    /** The message: JSON and form-encoded text as the object that it stands for, bytes as text, anything else as it came. */
    raw: Readonly<{ dialect: Dialect | null; value: unknown }>
    /** Why it could not be read; the cause is `unknown` then. */
    fault?: Fault
  }>

/**
 * Explains why a call ended, from any message of any dialect that says so. `at` stands where the message carries no
 * time. Never throws: what cannot be recognised has the cause `unknown`, and a `fault`.
 */
export function explainAt(message: unknown, at: Instant, options: ExplainOptions = {}): Explanation {
  const { dialect } = options
  const input = ArrayBuffer.isView(message) ? new TextDecoder().decode(message as Uint8Array<ArrayBuffer>) : message
  if (dialect !== undefined) {
    return isDialect(dialect)
      ? read(dialect, valueFor(dialect, input), at, options)
      : unread(input, noDialect, at, options)
  }
  const recognised = recognise(input)
  if (recognised.dialect !== null) return read(recognised.dialect, recognised.value, at, options)
  return unread(recognised.value, recognised.fault, at, options)
}

function unread(value: unknown, fault: Fault, at: Instant, options: ExplainOptions): Explanation {
  return {
    cause: 'unknown',
    actor: 'unknown',
    phase: options.phase ?? 'answered',
    at: options.at ?? at,
    dialect: null,
    summary: `Not recognised: ${fault.message}.`,
    raw: { dialect: null, value },
    fault,
  }
}

const noDialect: Fault = {
  code: 'explain.no-such-dialect',
  place: 'dialect',
  message: 'there is no such dialect',
  remedy: `it is one of ${dialectNames.join(', ')}`,
}

/** Dialects whose messages come form-encoded; in all others a text with an `=` is just a text. */
const formDialects: ReadonlySet<Dialect> = new Set(['vobiz', 'plivo', 'twilio', 'signalwire', 'telnyx', 'bandwidth'])

function valueFor(dialect: Dialect, input: unknown): unknown {
  if (typeof input !== 'string') return input
  const value = valueOfText(input)
  if (value === undefined) return input
  return typeof value === 'string' || /^\s*[{[]/.test(input) || formDialects.has(dialect) ? value : input
}

function read(dialect: Dialect, value: unknown, at: Instant, options: ExplainOptions): Explanation {
  const context: { -readonly [K in keyof ReadContext]: ReadContext[K] } = { at: options.at ?? at }
  if (options.phase !== undefined) context.phase = options.phase
  if (options.direction !== undefined) context.direction = options.direction
  if (options.sender !== undefined) context.sender = options.sender
  try {
    const ending = codecOf(dialect).read(value, context)
    return { dialect, summary: summaryOf(ending), ...ending, raw: { dialect, value } }
  } catch {
    // No message off the wire comes here: an object whose getters throw does.
    return { ...unread(value, unreadableFault, at, options), dialect, raw: { dialect, value } }
  }
}
