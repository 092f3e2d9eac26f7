import { type Cause, causeNames } from '../call/causes.ts'
import type { Dialect, Ending, Instant } from '../call/ending.ts'
import { writeTime } from './bandwidth/time.ts'
import type { EndingCodec, ReadContext, WriteContext } from './dialect.ts'
import { isObject, type JsonObject } from './shape.ts'
import { causeOfStatus, sipSays } from './sip/index.ts'

/** What the codecs of the neighbouring platforms share: they read one final event and write one enumeration. */

/** JSON text as its value, form-encoded text as an object, any other text as a bare word; anything else as it is. */
export function valueOfWire(wire: unknown): unknown {
  if (typeof wire !== 'string') return wire
  if (/^[\s\uFEFF]*[[{]/.test(wire)) {
    try {
      return JSON.parse(wire.replace(/^[\s\uFEFF]+/, ''))
    } catch {
      return undefined
    }
  }
  const form = /^\s*(?:[a-z]+:\/\/[^?\s]*\?|\?)?([\w.%+~[\]-]+=\S*)\s*$/i.exec(wire)?.[1]
  return form === undefined ? wire.trim() : Object.fromEntries(new URLSearchParams(form))
}

/** The first of these keys that holds text. */
export function textAt(bag: JsonObject, ...keys: readonly string[]): string | undefined {
  for (const key of keys) if (typeof bag[key] === 'string' && bag[key] !== '') return bag[key] as string
  return undefined
}

/** A SIP status as a number or its text; undefined for anything else, and outside 100 to 699. */
export function statusAt(bag: JsonObject, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = bag[key]
    const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
    if (typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 699) return status
  }
  return undefined
}

export function objectAt(bag: JsonObject, key: string): JsonObject | undefined {
  const value = bag[key]
  return isObject(value) ? value : undefined
}

/** A moment as RFC 2822, as ISO 8601 with or without a zone (UTC is meant), or as Unix time in seconds or milliseconds. */
export function momentOf(value: unknown): Instant | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return value < 1e11 ? value * 1000 : value
  if (typeof value !== 'string') return undefined
  if (/^\d{9,13}$/.test(value)) return momentOf(Number(value))
  const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?\s*(Z|[+-]\d\d:?\d\d)?$/.exec(value)
  if (iso !== null) {
    const [, day, time, fraction = '', zone = 'Z'] = iso
    return known(Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`))
  }
  return /^[A-Za-z]{3}, \d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d ([+-]\d{4}|GMT|UTC)$/.test(value)
    ? known(Date.parse(value))
    : undefined
}

const known = (at: number): Instant | undefined => (Number.isNaN(at) ? undefined : at)

/** ISO 8601 in UTC with three decimals, whatever the moment. */
export const isoOf: (at: Instant) => string = writeTime

export type Word<W extends string> = Readonly<Record<W, Cause>>

/**
 * The cause of a vendor's word. A SIP status beside it tells apart what one word covers; for `vague` words it always
 * decides, for the others where it is a status that the vendor says with that word.
 */
export function causeOfWord<W extends string>(
  word: string,
  tables: Readonly<{ heard: Word<W>; said: Readonly<Record<Cause, W>>; vague: readonly W[] }>,
  status?: number,
): Cause {
  if (!Object.hasOwn(tables.heard, word)) return 'unknown'
  const plain = tables.heard[word as W]
  if (status === undefined || status < 300) return plain
  const finer = causeOfStatus(status)
  if (finer === 'unknown') return plain
  return tables.said[finer] === word || tables.vague.includes(word as W) ? finer : plain
}

/**
 * The SIP status to say beside a word: only one that by itself says this very cause, and only of an unanswered call.
 * To an ending that this dialect itself reported, none is added.
 */
export function statusToSay(
  dialect: Dialect,
  ending: Ending,
  { phase = ending.phase }: WriteContext = {},
): number | undefined {
  if (phase === 'answered') return undefined
  const heard = ending.codes?.sip
  if (heard !== undefined && causeOfStatus(heard) === ending.cause) return heard
  if (ending.raw?.dialect === dialect) return undefined
  const { status } = sipSays[ending.cause].reject
  return causeOfStatus(status) === ending.cause ? status : undefined
}

/** The word that this dialect itself reported the ending with, if it is one of its published words. */
export function wordHeard<W extends string>(dialect: Dialect, ending: Ending, words: Word<W>): W | undefined {
  const word = ending.raw?.dialect === dialect ? ending.codes?.platform : undefined
  return typeof word === 'string' && Object.hasOwn(words, word) ? (word as W) : undefined
}

/** A value that ends nothing, or that says nothing known. */
export function nothingHeard(dialect: Dialect, value: unknown, context: ReadContext, detail: string): Ending {
  const { at, phase = 'offered' } = context
  return { cause: 'unknown', actor: 'unknown', phase, at, detail, raw: { dialect, value } }
}

/** What a neighbour is heard to say of each cause is found out when it is first asked for. */
export function codecOf<W>(codec: Omit<EndingCodec<W>, 'says'>): EndingCodec<W> {
  let says: Readonly<Record<Cause, Cause>> | undefined
  return {
    ...codec,
    get says() {
      says ??= saysOf(codec)
      return says
    },
  }
}

/** What is heard of each cause, in the message in which it usually comes to pass. */
function saysOf({ read, write }: Pick<EndingCodec, 'read' | 'write'>): Readonly<Record<Cause, Cause>> {
  const says = causeNames.map((cause) => {
    const { usual } = sipSays[cause]
    const phase = usual === 'bye' ? 'answered' : 'ringing'
    const wire = write(
      { cause, actor: 'unknown', phase, at: 0 },
      { phase, direction: usual === 'cancel' ? 'out' : 'in' },
    )
    return [cause, read(wire, { at: 0, phase }).cause] as const
  })
  return Object.fromEntries(says) as Record<Cause, Cause>
}

/** Those of the named identifiers that are given. */
export function idsOf(
  ids: Readonly<Record<string, unknown>> | undefined,
  names: readonly string[],
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of names) {
    const id = ids?.[name]
    if (typeof id === 'string') found[name] = id
  }
  return found
}
