import type { Instant } from '../../call/ending.ts'
import type { Kind } from '../shape.ts'
import { nameOf } from '../shape.ts'

/** What goes out: UTC, three decimals, `Z`. */
const canonical = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
/** What comes in besides: no seconds, up to nine decimals, no zone (UTC is meant), a dash for the T (in one sample). */
const tolerated = /^(\d{4}-\d\d-\d\d)[T -](\d\d:\d\d)(:\d\d)?(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/

/**
 * An ISO 8601 time as Bandwidth writes it and has written it; undefined if it is none.
 *
 * @example
 * readTime('2022-06-17T22:20Z') // 1655504400000
 */
export function readTime(value: unknown): Instant | undefined {
  if (typeof value !== 'string') return undefined
  if (value.length === 24 && value.charCodeAt(23) === 90 && value.charCodeAt(10) === 84) {
    const at = Date.parse(value)
    if (!Number.isNaN(at)) return at
  }
  const match = tolerated.exec(value)
  if (match === null) return undefined
  const [, day, minutes, seconds = ':00', fraction = '', zone = 'Z'] = match
  const at = Date.parse(`${day}T${minutes}${seconds}${fraction.slice(0, 4)}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(at) ? undefined : at
}

/**
 * `2026-07-22T10:00:00.000Z`; a moment outside the years 0 to 9999 is written as the nearest inside.
 *
 * @example
 * writeTime(0) // '1970-01-01T00:00:00.000Z'
 */
export function writeTime(at: Instant): string {
  const year0 = -62_167_219_200_000
  const year9999 = 253_402_300_799_999
  return new Date(Math.min(Math.max(Number.isFinite(at) ? at : 0, year0), year9999)).toISOString()
}

export const time: Kind<string> = {
  read(value, path, notes) {
    if (typeof value !== 'string')
      return notes.warn('wrong-type', path, `a time is expected, and this is ${nameOf(value)}`)
    if (readTime(value) === undefined) notes.warn('value', path, `${JSON.stringify(value)} is no ISO 8601 time`)
    return value
  },
  write(value, path, notes) {
    if (typeof value === 'string' && canonical.test(value) && readTime(value) !== undefined) return value
    return notes.fault('value', path, 'a time in UTC with three decimals and Z is required')
  },
}
