import { isDigits, isHost } from './scan.ts'

/**
 * A `sip:` or `sips:` URI (RFC 3261 §19.1). Every part is kept exactly as written, escapes included: unescape a part once, with
 * `unescapeUri`, at the moment its characters are needed (`%2541` is `%41`, not `A`).
 */
export type SipUri = Readonly<{
  scheme: 'sip' | 'sips'
  user?: string
  password?: string
  /** Lower case; an IPv6 address keeps its brackets. */
  host: string
  port?: number
  /** Lower-case name → value as written; undefined for a bare name. */
  params: ReadonlyMap<string, string | undefined>
  /** What follows `?`, as written. */
  headers?: string
}>

/** A `tel:` URI (RFC 3966). `number` without visual separators. */
export type TelUri = Readonly<{ scheme: 'tel'; number: string; params: ReadonlyMap<string, string | undefined> }>

/** Any other absolute URI. */
export type OtherUri = Readonly<{ scheme: 'other'; name: string; text: string }>

export type Uri = SipUri | TelUri | OtherUri

/** undefined if the text is not a URI, or a `sip:` one that breaks the grammar where it matters. */
export function parseUri(text: string): Uri | undefined {
  const colon = text.indexOf(':')
  if (colon <= 0) return undefined
  const scheme = text.slice(0, colon).toLowerCase()
  if (scheme !== 'sip' && !/^[a-z][a-z0-9+.-]*$/.test(scheme)) return undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no URI holds a control character, a space, a quote or a bracket
  if (/[\x00-\x20"<>\x7f]/.test(text)) return undefined
  if (scheme === 'sip' || scheme === 'sips') return parseSip(scheme, text.slice(colon + 1))
  if (scheme === 'tel') return parseTel(text.slice(colon + 1))
  return colon === text.length - 1 ? undefined : { scheme: 'other', name: scheme, text }
}

function parseSip(scheme: 'sip' | 'sips', rest: string): SipUri | undefined {
  // The user part may hold `;` `?` `/` but never a bare `@`, so the first one ends it. A password and headers cannot hold one either.
  const at = rest.indexOf('@')
  let user: string | undefined
  let password: string | undefined
  if (at >= 0) {
    const info = rest.slice(0, at)
    const split = info.indexOf(':')
    user = split < 0 ? info : info.slice(0, split)
    if (split >= 0) password = info.slice(split + 1)
    if (user === '' || !escapesAreWhole(info)) return undefined
  }
  const hostPart = rest.slice(at + 1)
  const question = hostPart.indexOf('?')
  const beforeHeaders = question < 0 ? hostPart : hostPart.slice(0, question)
  const semicolon = beforeHeaders.indexOf(';')
  const hostPort = semicolon < 0 ? beforeHeaders : beforeHeaders.slice(0, semicolon)
  const address = parseHostPort(hostPort)
  if (address === undefined) return undefined
  const params = semicolon < 0 ? noUriParams : uriParams(beforeHeaders.slice(semicolon + 1))
  const { host, port } = address
  // Nearly every URI; put together from spreads it would cost three times as much.
  if (user !== undefined && password === undefined && question < 0) {
    return port === undefined ? { scheme, user, host, params } : { scheme, user, host, port, params }
  }
  return {
    scheme,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...address,
    params,
    ...(question < 0 ? {} : { headers: hostPart.slice(question + 1) }),
  }
}

const noUriParams: ReadonlyMap<string, string | undefined> = new Map()

function uriParams(text: string): ReadonlyMap<string, string | undefined> {
  const params = new Map<string, string | undefined>()
  for (const part of text.split(';')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = (equals < 0 ? part : part.slice(0, equals)).toLowerCase()
    if (name !== '' && !params.has(name)) params.set(name, equals < 0 ? undefined : part.slice(equals + 1))
  }
  return params
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`. */
export function parseHostPort(text: string): { host: string; port?: number } | undefined {
  const colon = text.charCodeAt(0) === 0x5b ? text.indexOf(':', text.indexOf(']') + 1) : text.indexOf(':')
  const host = (colon < 0 ? text : text.slice(0, colon)).toLowerCase()
  if (!isHost(host)) return undefined
  if (colon < 0) return { host }
  const digits = text.slice(colon + 1)
  const port = Number(digits)
  return isDigits(digits) && port <= 65535 ? { host, port } : undefined
}

function parseTel(rest: string): TelUri | undefined {
  const semicolon = rest.indexOf(';')
  const number = (semicolon < 0 ? rest : rest.slice(0, semicolon)).replace(/[-.()]/g, '')
  if (!/^\+?[0-9A-Fa-f*#]+$/.test(number)) return undefined
  return { scheme: 'tel', number, params: semicolon < 0 ? noUriParams : uriParams(rest.slice(semicolon + 1)) }
}

export function formatUri(uri: Uri): string {
  switch (uri.scheme) {
    case 'other':
      return uri.text
    case 'tel':
      return `tel:${uri.number}${formatUriParams(uri.params)}`
    case 'sip':
    case 'sips': {
      const info = uri.user === undefined ? '' : `${uri.user}${uri.password === undefined ? '' : `:${uri.password}`}@`
      const port = uri.port === undefined ? '' : `:${uri.port}`
      const headers = uri.headers === undefined ? '' : `?${uri.headers}`
      return `${uri.scheme}:${info}${uri.host}${port}${formatUriParams(uri.params)}${headers}`
    }
  }
}

function formatUriParams(params: ReadonlyMap<string, string | undefined>): string {
  let text = ''
  for (const [name, value] of params) text += value === undefined ? `;${name}` : `;${name}=${value}`
  return text
}

function escapesAreWhole(text: string): boolean {
  return text.indexOf('%') < 0 || !/%(?![0-9A-Fa-f]{2})/.test(text)
}

/** `%41` → `A`, once. Bytes that are not UTF-8 become U+FFFD; a broken escape stays as it is. */
export function unescapeUri(text: string): string {
  if (text.indexOf('%') < 0) return text
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

/** Escapes what may not stand in the user part (RFC 3261 §25.1 `user`). */
export function escapeUser(text: string): string {
  return text.replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu, (c) =>
    Array.from(Buffer.from(c, 'utf8'), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}

/** Parameters that must be in both URIs or in neither (RFC 3261 §19.1.4). */
const decisive = ['user', 'ttl', 'method', 'maddr'] as const

/** RFC 3261 §19.1.4, for `sip:` and `sips:`; any other scheme is compared as text. */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.scheme === 'other' || b.scheme === 'other') return a.scheme === b.scheme && formatUri(a) === formatUri(b)
  if (a.scheme === 'tel' || b.scheme === 'tel') return a.scheme === 'tel' && b.scheme === 'tel' && a.number === b.number
  if (a.scheme !== b.scheme || a.host !== b.host || a.port !== b.port) return false
  if (unescapePart(a.user) !== unescapePart(b.user) || unescapePart(a.password) !== unescapePart(b.password))
    return false
  for (const name of decisive) if (a.params.has(name) !== b.params.has(name)) return false
  for (const [name, value] of a.params) {
    if (b.params.has(name) && fold(value) !== fold(b.params.get(name))) return false
  }
  return headerSet(a.headers) === headerSet(b.headers)
}

function unescapePart(text: string | undefined): string | undefined {
  return text === undefined ? undefined : unescapeUri(text)
}

function fold(value: string | undefined): string {
  return value === undefined ? '' : unescapeUri(value).toLowerCase()
}

function headerSet(headers: string | undefined): string {
  if (headers === undefined || headers === '') return ''
  return headers.split('&').map(unescapeUri).sort().join('&')
}
