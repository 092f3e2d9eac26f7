/** Scanning of header values: quoted strings and <> are respected everywhere. No regular expression here can backtrack. */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LESS = 0x3c
const MORE = 0x3e

export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a
}

/** Index just past the quoted string that opens at `open`; the text's length if it never closes. */
export function endOfQuoted(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === BACKSLASH) i++
    else if (code === QUOTE) return i + 1
  }
  return text.length
}

/** First index ≥ `from` and < `end` of the character, outside quoted strings and <>; -1 if there is none. */
export function indexOutside(text: string, wanted: number, from: number, end: number = text.length): number {
  let angle = false
  for (let i = from; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === wanted && !angle) return i
    if (code === QUOTE && !angle) i = endOfQuoted(text, i) - 1
    else if (code === LESS) angle = true
    else if (code === MORE) angle = false
  }
  return -1
}

/** Splits a comma-separated list; empty elements are dropped, elements are trimmed. */
export function splitList(text: string): string[] {
  const parts: string[] = []
  if (text.indexOf(',') < 0) {
    const only = text.trim()
    if (only !== '') parts.push(only)
    return parts
  }
  let start = 0
  while (start <= text.length) {
    let comma = indexOutside(text, 0x2c, start)
    if (comma < 0) comma = text.length
    const part = text.slice(start, comma).trim()
    if (part !== '') parts.push(part)
    start = comma + 1
  }
  return parts
}

const tokenCodes = new Uint8Array(256)
for (const c of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~")
  tokenCodes[c.charCodeAt(0)] = 1

export function isToken(text: string): boolean {
  if (text === '') return false
  for (let i = 0; i < text.length; i++) if (tokenCodes[text.charCodeAt(i)] !== 1) return false
  return true
}

const hostCodes = new Uint8Array(256)
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._') hostCodes[c.charCodeAt(0)] = 1

/** A host name, an IPv4 address, or an IPv6 address in brackets. An underscore is not in the grammar but is in the field. */
export function isHost(text: string): boolean {
  if (text.charCodeAt(0) === 0x5b) return /^\[[0-9A-Fa-f:.]+\]$/.test(text)
  for (let i = 0; i < text.length; i++) if (hostCodes[text.charCodeAt(i)] !== 1) return false
  return text !== ''
}

export function isDigits(text: string): boolean {
  if (text === '') return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return true
}

/** A run of digits as a number ≤ `max`; undefined if it is anything else. No sign, no fraction, no exponent. */
export function digits(text: string, max: number): number | undefined {
  if (!isDigits(text)) return undefined
  const value = Number(text)
  return value <= max ? value : undefined
}

/** `"a \"b\""` → `a "b"`; a text that does not open with a quote is returned as it is. */
export function unquote(text: string): string {
  if (text.charCodeAt(0) !== QUOTE) return text
  const closed = text.length > 1 && text.charCodeAt(text.length - 1) === QUOTE
  const inner = text.slice(1, closed ? -1 : undefined)
  return inner.indexOf('\\') < 0 ? inner : inner.replace(/\\([\s\S])/g, '$1')
}

/** Always quoted; `"` and `\` are escaped, line breaks become spaces. */
export function quote(text: string): string {
  return `"${text.replace(/[\r\n]+/g, ' ').replace(/["\\]/g, '\\$&')}"`
}
