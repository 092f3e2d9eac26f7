import { endOfQuoted, indexOutside, isSpace, isToken, quote, unquote } from './scan.ts'

/** Parameters of a header or URI: lower-case name → unquoted value, or undefined for a bare name. */
export type Params = ReadonlyMap<string, string | undefined>

export const noParams: Params = new Map()

/** Reads `;a=1;b;c="x;y"` from index `from` on. The first of two parameters with one name wins. */
export function parseParams(text: string, from = 0): Params {
  if (from >= text.length) return noParams
  const params = new Map<string, string | undefined>()
  let start = from
  while (start < text.length) {
    let end = indexOutside(text, 0x3b, start)
    if (end < 0) end = text.length
    const equals = indexOutside(text, 0x3d, start, end)
    const name = text
      .slice(start, equals < 0 ? end : equals)
      .trim()
      .toLowerCase()
    if (name !== '' && !params.has(name)) {
      params.set(name, equals < 0 ? undefined : unquote(text.slice(equals + 1, end).trim()))
    }
    start = end + 1
  }
  return params
}

/**
 * One parameter of `;a=1;tag=x` from index `from` on, without building a map. `name` in lower case.
 * '' for a bare name; undefined if it is absent.
 */
export function paramValue(text: string, from: number, name: string): string | undefined {
  let i = from
  const length = text.length
  while (i < length) {
    while (i < length && (text.charCodeAt(i) === 0x3b || isSpace(text.charCodeAt(i)))) i++
    let matched = 0
    let same = true
    while (i < length) {
      const code = text.charCodeAt(i)
      if (code === 0x3d || code === 0x3b || isSpace(code)) break
      const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code
      if (same && lower !== name.charCodeAt(matched)) same = false
      matched++
      i++
    }
    same = same && matched === name.length
    while (i < length && isSpace(text.charCodeAt(i))) i++
    if (text.charCodeAt(i) !== 0x3d) {
      if (same && (i >= length || text.charCodeAt(i) === 0x3b)) return ''
    } else {
      i++
      while (i < length && isSpace(text.charCodeAt(i))) i++
      const start = i
      if (text.charCodeAt(i) === 0x22) {
        i = endOfQuoted(text, i)
        if (same) return unquote(text.slice(start, i))
      }
      while (i < length && text.charCodeAt(i) !== 0x3b) i++
      if (same) return text.slice(start, i).trimEnd()
    }
    // Rubbish after a name or a quoted value: skip to the next parameter.
    while (i < length && text.charCodeAt(i) !== 0x3b) i++
  }
  return undefined
}

/** A value that may stand unquoted: a token, or a host (RFC 3261 gen-value). */
function bare(value: string): boolean {
  return isToken(value) || /^\[?[0-9A-Za-z:.-]+\]?$/.test(value)
}

export function formatParams(params: Params): string {
  let text = ''
  for (const [name, value] of params) {
    text += value === undefined ? `;${name}` : `;${name}=${bare(value) ? value : quote(value)}`
  }
  return text
}
