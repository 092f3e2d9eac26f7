import { type Cause, causeNames } from '../../call/causes.ts'
import type { Actor, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import { type HangupCode, hangupCode, hangupCodeNamed, hangupWords, refinements } from './causes.ts'
import { endingOfDocument } from './document-ending.ts'
import { formatForm } from './form.ts'
import { type Profile, vobizProfile } from './profile.ts'
import { codeFor, sourceFor } from './said.ts'
import { fieldsOf, type HangupFields } from './wire.ts'

/** The part of a hangup callback that says why. All are strings, as they are on the wire. */
export type HangupWords = Readonly<{
  CallUUID?: string
  /** FreeSWITCH's word; empty for the codes 7xxx and 8xxx. */
  HangupCause: string
  HangupCauseCode: string
  HangupCauseName: string
  HangupSource: string
}>

/**
 * Endings in Vobiz's words. Reads hangup and Dial callbacks and call records (form-encoded, JSON, or objects in either
 * spelling), a bare code, name or word, and XML documents (as what they end a call with).
 *
 * @example
 * codec.write({ cause: 'busy', actor: 'app', phase: 'offered', at: 0 })
 * // { HangupCause: 'USER_BUSY', HangupCauseCode: '3010', HangupCauseName: 'Busy Line', HangupSource: 'Answer XML' }
 *
 * @example
 * codec.read('HangupCauseCode=4000&HangupSource=Caller', { at: 0 }).actor // 'caller'
 */
export const codec: EndingCodec<HangupWords> = hangupCodec(vobizProfile)

/** The codec of one of the two vendors. */
export function hangupCodec(profile: Profile): EndingCodec<HangupWords> {
  const dialect = profile.name
  return {
    dialect,
    read: (wire, context) => read(wire, context, profile),
    write: (ending, context) => write(ending, context ?? {}, profile),
    get says() {
      says ??= Object.freeze(
        Object.fromEntries(causeNames.map((cause) => [cause, understood(cause)])) as Record<Cause, Cause>,
      )
      return says
    },
    identify: (wire) => {
      const { uuid } = fieldsOf(wire) ?? {}
      return uuid === undefined ? {} : { CallUUID: uuid }
    },
    text: (wire) => formatForm(Object.entries(wire)),
  }
}

/** What a reader understands of each cause, written in its usual hands. The two vendors lose the same. */
let says: Readonly<Record<Cause, Cause>> | undefined

function understood(cause: Cause): Cause {
  const ending: Ending = { cause, actor: 'platform', phase: 'answered', at: 0 }
  return read(write(ending, {}, vobizProfile), { at: 0 }, vobizProfile).cause
}

// ---------------------------------------------------------------- writing

function write(ending: Ending, { ids }: WriteContext, profile: Profile): HangupWords {
  const { row, word } = codeFor(ending)
  const heard = heardAgain(ending, row, profile)
  return {
    ...(ids?.CallUUID === undefined ? {} : { CallUUID: ids.CallUUID }),
    HangupCause: heard.word ?? word,
    HangupCauseCode: String(row.code),
    HangupCauseName: heard.name ?? row.name,
    HangupSource: heard.source ?? sourceFor(ending, profile),
  }
}

/** What was heard in these very words is repeated as it was spelled, as long as it still says the same. */
function heardAgain(ending: Ending, row: HangupCode, profile: Profile): HangupFields {
  if (ending.raw?.dialect !== profile.name) return {}
  const fields = fieldsOf(ending.raw.value)
  if (fields === undefined || Number(fields.code) !== row.code) return {}
  const again = meaning(fields, profile)
  return again.cause === ending.cause && again.actor === ending.actor ? fields : {}
}

// ---------------------------------------------------------------- reading

function read(wire: unknown, context: ReadContext, profile: Profile): Ending {
  const raw = { dialect: profile.name, value: wire } as const
  const document = typeof wire === 'string' && wire.trimStart().startsWith('<')
  if (document) return { ...endingOfDocument(wire, context, profile), raw }
  const fields = fieldsOf(wire)
  if (fields === undefined) {
    const phase = context.phase ?? 'offered'
    return { cause: 'unknown', actor: 'unknown', phase, at: context.at, detail: 'no hangup callback', raw }
  }
  const { cause, actor, row } = meaning(fields, profile)
  const code = row?.code ?? fields.code
  const text = fields.name ?? fields.word
  const codes = {
    ...(row?.sip == null ? {} : { sip: row.sip }),
    ...(row?.q850 == null ? {} : { q850: row.q850 }),
    ...(text === undefined || text === '' ? {} : { text }),
    ...(code === undefined ? {} : { platform: typeof code === 'string' ? numberIf(code) : code }),
  }
  return { cause, actor, phase: phaseOf(fields, row, context), at: context.at, codes, raw }
}

type Meaning = Readonly<{ cause: Cause; actor: Actor; row: HangupCode | undefined }>

/** The code says most, then the name, then the word; the source says who, and tells the two kinds of 6000 apart. */
function meaning(fields: HangupFields, profile: Profile): Meaning {
  const row =
    (fields.code === undefined ? undefined : hangupCode(Number(fields.code))) ??
    (fields.name === undefined ? undefined : hangupCodeNamed(fields.name))
  const source = fields.source?.trim().toLowerCase()
  const ours = source === 'vobiz' || source === 'plivo' || source === profile.source.toLowerCase()
  const word = fields.word?.trim().toUpperCase()
  const worded = word !== undefined && Object.hasOwn(hangupWords, word) ? hangupWords[word] : undefined
  const cause = causeOf(row, word, worded, ours)
  return { cause, actor: actorOf(source, ours, cause), row }
}

function causeOf(
  row: HangupCode | undefined,
  word: string | undefined,
  worded: Cause | undefined,
  ours: boolean,
): Cause {
  if (row === undefined) return worded ?? 'unknown'
  if (row.code === 6000) return ours ? 'time-limit' : 'scheduled'
  if (row.code === 0) return worded ?? 'unknown'
  const finer = word !== undefined && (refinements[row.code]?.includes(word) ?? false)
  return finer && worded !== undefined ? worded : row.cause
}

function actorOf(source: string | undefined, ours: boolean, cause: Cause): Actor {
  if (ours) return cause === 'time-limit' || cause === 'no-answer' ? 'timer' : 'platform'
  switch (source) {
    case 'caller':
      return 'caller'
    case 'callee':
    case 'call recipient':
      return 'callee'
    case 'answer xml':
      return cause === 'scheduled' ? 'timer' : 'app'
    case 'api request':
    case 'api':
      return 'api'
    case 'carrier':
      return 'network'
    case 'error':
      return 'platform'
    default:
      return 'unknown'
  }
}

/** What the callback says of the answer; failing that, what its code means. */
function phaseOf(fields: HangupFields, row: HangupCode | undefined, context: ReadContext): Phase {
  if (fields.answered !== undefined) return fields.answered ? 'answered' : unanswered(context)
  if (context.phase !== undefined) return context.phase
  if (row === undefined) return 'answered'
  return row.code < 4000 || beforeAnswer.includes(row.code) ? 'ringing' : 'answered'
}

/** Refused credentials, no route, a limit, a ring timeout, a lost race; all of 1000 to 3999 are such too. */
const beforeAnswer: readonly number[] = [4240, 4250, 5020, 5030, 6010, 9000]

function unanswered({ phase }: ReadContext): Phase {
  return phase === undefined || phase === 'answered' ? 'ringing' : phase
}

function numberIf(code: string): number | string {
  return /^\d{1,6}$/.test(code) ? Number(code) : code
}
