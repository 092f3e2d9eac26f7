import { isCause } from '../call/causes.ts'
import { actors, type Dialect, type Ending, type Instant, phases } from '../call/ending.ts'
import type { EndingCodec, Fault, ReadContext, WriteContext } from './dialect.ts'
import { type ExplainOptions, type Explanation, explainAt } from './explain.ts'
import { codecOf, type WireOf } from './index.ts'
import { summaryOf } from './summary.ts'

export type TranslateOptions<D extends Dialect = Dialect> = Omit<ExplainOptions, 'dialect'> &
  Readonly<{
    /** Whose words the message is in. Default: found out from its shape. */
    from?: Dialect | undefined
    /** Whose words it shall be said in. */
    to: D
    /** Where the target has several vocabularies: WhatsApp `documented`, `observed`; Matrix `spec`, `clients`, `v0`. */
    vocabulary?: string | undefined
    /**
     * Identifiers for the target's message, in its own field names. Between messages of one dialect they are taken over
     * from the source; what is missing is left out.
     */
    ids?: Readonly<Record<string, string>> | undefined
  }>

/** Something that the source said and a listener to the translation does not hear. */
export type Loss = Readonly<{
  what: 'cause' | 'actor' | 'sip' | 'q850' | 'platform' | 'detail'
  said: string | number
  /** What is heard instead; null for nothing. */
  heard: string | number | null
  /** For people. */
  message: string
}>

export type Translation<D extends Dialect = Dialect> = Readonly<{
  from: Dialect | null
  to: D
  /** The value of the target dialect. */
  value: WireOf<D>
  /** The same as it stands on the wire. */
  text: string
  losses: readonly Loss[]
  /** What was translated. */
  ending: Explanation
  /** Why the source could not be read; the value then says that the cause is unknown. */
  fault?: Fault
}>

/**
 * Says in one dialect what a message of another said, and what is lost on the way. The input is a message in any form
 * that `explain` takes, or an ending. Never throws.
 */
export function translateAt<D extends Dialect>(
  input: unknown,
  at: Instant,
  options: TranslateOptions<D>,
): Translation<D> {
  const { from, to, vocabulary, ids, phase, direction } = options
  const source = isEnding(input) ? explanationOf(input) : explainAt(input, at, { ...options, dialect: from })
  const { dialect, raw } = source
  const target = codecOf(to)
  const own = dialect === to && source.fault === undefined ? identified(target, raw.value) : undefined
  const context: { -readonly [K in keyof WriteContext]: WriteContext[K] } = { phase: phase ?? source.phase }
  // The wire goes to the other side of the same call.
  if (direction !== undefined) context.direction = direction
  if (vocabulary !== undefined) context.vocabulary = vocabulary
  if (own !== undefined || ids !== undefined) context.ids = { ...own, ...ids }
  const ending = endingOf(source)
  const value = target.write(ending, context)
  return {
    from: dialect,
    to,
    value: value as WireOf<D>,
    text: textOf(target, value),
    losses: lossesOf(ending, heardBy(target, value, context, source.at)),
    ending: source,
    ...(source.fault === undefined ? {} : { fault: source.fault }),
  }
}

function isEnding(input: unknown): input is Ending {
  if (typeof input !== 'object' || input === null) return false
  try {
    const { cause, actor, phase, at } = input as Partial<Ending>
    const known = isCause(cause) && actors.includes(actor as never) && phases.includes(phase as never)
    return known && typeof at === 'number'
  } catch {
    return false
  }
}

/** The message's identifiers; none where looking at them throws. */
function identified(target: EndingCodec, value: unknown): Readonly<Record<string, string>> | undefined {
  try {
    return target.identify?.(value)
  } catch {
    return undefined
  }
}

/** An ending of ours, or an explanation of it that has been through JSON. */
function explanationOf(ending: Ending): Explanation {
  const dialect = ending.raw?.dialect ?? null
  return { ...ending, raw: { dialect, value: ending.raw?.value }, dialect, summary: summaryOf(ending) }
}

function endingOf({ dialect, summary: _summary, fault, raw, ...ending }: Explanation): Ending {
  return dialect === null || fault !== undefined ? ending : { ...ending, raw: { dialect, value: raw.value } }
}

/** A value as it stands on the wire. */
export function textOf(codec: EndingCodec, value: unknown): string {
  if (codec.text !== undefined) return codec.text(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What the listener understands, who knows how far the call had come, and which way it went. */
function heardBy(target: EndingCodec, value: unknown, { phase, direction }: WriteContext, at: Instant): Ending {
  const context: { -readonly [K in keyof ReadContext]: ReadContext[K] } = { at }
  if (phase !== undefined) context.phase = phase
  if (direction !== undefined) context.direction = direction === 'in' ? 'out' : 'in'
  return target.read(value, context)
}

function lossesOf(said: Ending, heard: Ending): readonly Loss[] {
  const losses: Loss[] = []
  const add = (what: Loss['what'], name: string, before: string | number, after: string | number | undefined) => {
    if (before === after) return
    const message = after === undefined ? `${name} ${before} is not said` : `${name} ${before} is heard as ${after}`
    losses.push({ what, said: before, heard: after ?? null, message })
  }
  add('cause', 'cause', said.cause, heard.cause)
  if (said.actor !== 'unknown') add('actor', 'actor', said.actor, heard.actor === 'unknown' ? undefined : heard.actor)
  const { sip, q850, platform } = said.codes ?? {}
  if (sip !== undefined) add('sip', 'SIP status', sip, heard.codes?.sip)
  if (q850 !== undefined) add('q850', 'Q.850 value', q850, heard.codes?.q850)
  if (platform !== undefined) add('platform', 'platform code', platform, heard.codes?.platform)
  if (said.detail !== undefined && heard.detail === undefined) add('detail', 'detail', said.detail, undefined)
  return losses
}
