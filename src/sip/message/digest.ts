import { createHash } from 'node:crypto'
import type { Headers } from './headers.ts'
import { indexOutside, isToken, quote, unquote } from './scan.ts'

/** Digest authentication: RFC 2617 and 7616 as SIP uses them (RFC 3261 §22, RFC 8760). Schemes other than Digest are not read. */
export type DigestAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256'

export const digestAlgorithms: readonly DigestAlgorithm[] = ['SHA-512-256', 'SHA-256', 'MD5']

const hashes: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
}

export type Qop = 'auth' | 'auth-int'

/** One WWW-Authenticate or Proxy-Authenticate value that we can answer. */
export type Challenge = Readonly<{
  realm: string
  nonce: string
  algorithm: DigestAlgorithm
  /** True for the `-sess` variant of the algorithm. */
  session: boolean
  /** Empty: the legacy form without qop (RFC 2069). */
  qop: readonly Qop[]
  opaque?: string
  /** Our last credentials were right, only the nonce was too old. */
  stale: boolean
}>

/** One Authorization or Proxy-Authorization value. */
export type Credentials = Readonly<{
  username: string
  realm: string
  nonce: string
  /** As the client wrote it: what it hashed. */
  uri: string
  /** Lower-case hexadecimal. */
  response: string
  algorithm: DigestAlgorithm
  session: boolean
  qop?: Qop
  cnonce?: string
  /** Eight hexadecimal digits on the wire. */
  nonceCount?: number
  opaque?: string
}>

/** undefined for another scheme, an unknown algorithm, only unknown qops, or a value without realm or nonce. */
export function parseChallenge(value: string): Challenge | undefined {
  const fields = digestFields(value)
  const realm = fields?.get('realm')
  const nonce = fields?.get('nonce')
  const algorithm = readAlgorithm(fields?.get('algorithm'))
  if (fields === undefined || realm === undefined || nonce === undefined || algorithm === undefined) return undefined
  const offered = fields.get('qop')
  const qop = (offered ?? '')
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each): each is Qop => each === 'auth' || each === 'auth-int')
  if (offered !== undefined && offered.trim() !== '' && qop.length === 0) return undefined
  const opaque = fields.get('opaque')
  const stale = fields.get('stale')?.toLowerCase() === 'true'
  return { realm, nonce, ...algorithm, qop, ...(opaque === undefined ? {} : { opaque }), stale }
}

/** undefined for another scheme, an unknown algorithm, or a value that lacks a field it needs. */
export function parseCredentials(value: string): Credentials | undefined {
  const fields = digestFields(value)
  if (fields === undefined) return undefined
  const username = fields.get('username')
  const realm = fields.get('realm')
  const nonce = fields.get('nonce')
  const uri = fields.get('uri')
  const response = fields.get('response')?.toLowerCase()
  const algorithm = readAlgorithm(fields.get('algorithm'))
  if (username === undefined || realm === undefined || nonce === undefined || uri === undefined) return undefined
  if (response === undefined || !/^[0-9a-f]+$/.test(response) || algorithm === undefined) return undefined
  const qop = fields.get('qop')?.toLowerCase()
  if (qop !== undefined && qop !== 'auth' && qop !== 'auth-int') return undefined
  const cnonce = fields.get('cnonce')
  const nc = fields.get('nc')
  if (nc !== undefined && !/^[0-9a-fA-F]{1,8}$/.test(nc)) return undefined
  const opaque = fields.get('opaque')
  return {
    username,
    realm,
    nonce,
    uri,
    response,
    ...algorithm,
    ...(qop === undefined ? {} : { qop }),
    ...(cnonce === undefined ? {} : { cnonce }),
    ...(nc === undefined ? {} : { nonceCount: Number.parseInt(nc, 16) }),
    ...(opaque === undefined ? {} : { opaque }),
  }
}

/** The challenges of a 401 or 407 that we can answer, in the server's order of preference (RFC 8760 §2.4: answer the first). */
export function challengesOf(
  message: Readonly<{ headers: Headers }>,
  name: 'www-authenticate' | 'proxy-authenticate',
): Challenge[] {
  const found: Challenge[] = []
  for (const value of message.headers.all(name)) {
    const challenge = parseChallenge(value)
    if (challenge !== undefined) found.push(challenge)
  }
  return found
}

/** Either the password, or H(username:realm:password) in hexadecimal for the algorithm in use. */
export type Secret = Readonly<{ password: string }> | Readonly<{ ha1: string }>

export type DigestAnswer = Readonly<{
  challenge: Challenge
  username: string
  secret: Secret
  method: string
  /** The Request-URI as it will be sent. */
  uri: string
  /** Our own random text, and how often this nonce has been used by us, this time included: both only used with qop. */
  cnonce: string
  nonceCount: number
  body?: Uint8Array
}>

/** The value of Authorization or Proxy-Authorization that answers a challenge. */
export function formatCredentials(answer: DigestAnswer): string {
  const { challenge } = answer
  const qop = challenge.qop.includes('auth') ? 'auth' : challenge.qop[0]
  const response = digestResponse(answer.secret, answer.method, answer.body, {
    ...challenge,
    username: answer.username,
    uri: answer.uri,
    cnonce: answer.cnonce,
    nonceCount: answer.nonceCount,
    ...(qop === undefined ? { qop: undefined } : { qop }),
  })
  const fields = [
    `username=${quote(answer.username)}`,
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `uri=${quote(answer.uri)}`,
    `response="${response}"`,
    `algorithm=${challenge.algorithm}${challenge.session ? '-sess' : ''}`,
  ]
  if (qop !== undefined || challenge.session) fields.push(`cnonce=${quote(answer.cnonce)}`)
  if (qop !== undefined) fields.push(`qop=${qop}`, `nc=${hex8(answer.nonceCount)}`)
  if (challenge.opaque !== undefined) fields.push(`opaque=${quote(challenge.opaque)}`)
  return `Digest ${fields.join(', ')}`
}

type Hashed = Readonly<{
  username: string
  realm: string
  nonce: string
  uri: string
  algorithm: DigestAlgorithm
  session: boolean
  qop?: Qop | undefined
  cnonce?: string | undefined
  nonceCount?: number | undefined
}>

/** RFC 7616 §3.4.1–3.4.3, in lower-case hexadecimal. */
export function digestResponse(secret: Secret, method: string, body: Uint8Array | undefined, fields: Hashed): string {
  const hash = hashes[fields.algorithm]
  const cnonce = fields.cnonce ?? ''
  let ha1 =
    'ha1' in secret ? secret.ha1.toLowerCase() : hex(hash, `${fields.username}:${fields.realm}:${secret.password}`)
  if (fields.session) ha1 = hex(hash, `${ha1}:${fields.nonce}:${cnonce}`)
  const a2 = `${method}:${fields.uri}`
  const ha2 = hex(hash, fields.qop === 'auth-int' ? `${a2}:${hex(hash, body ?? '')}` : a2)
  const middle =
    fields.qop === undefined ? fields.nonce : `${fields.nonce}:${hex8(fields.nonceCount ?? 0)}:${cnonce}:${fields.qop}`
  return hex(hash, `${ha1}:${middle}:${ha2}`)
}

function hex(hash: string, data: string | Uint8Array): string {
  return createHash(hash).update(data).digest('hex')
}

function hex8(count: number): string {
  return count.toString(16).padStart(8, '0')
}

/** No algorithm means MD5 (RFC 2617 §3.2.1). */
function readAlgorithm(name: string | undefined): { algorithm: DigestAlgorithm; session: boolean } | undefined {
  const upper = (name ?? 'MD5').toUpperCase()
  const session = upper.endsWith('-SESS')
  const plain = session ? upper.slice(0, -5) : upper
  const algorithm = digestAlgorithms.find((each) => each === plain)
  return algorithm === undefined ? undefined : { algorithm, session }
}

/** `Digest a="1", b=2` → its fields, names in lower case, values unquoted. The first of two with one name wins. */
function digestFields(value: string): Map<string, string> | undefined {
  const text = value.trim()
  if (!/^digest[ \t]/i.test(text)) return undefined
  const fields = new Map<string, string>()
  let start = 7
  while (start < text.length) {
    let end = indexOutside(text, 0x2c, start)
    if (end < 0) end = text.length
    const equals = text.indexOf('=', start)
    if (equals > start && equals < end) {
      const name = text.slice(start, equals).trim().toLowerCase()
      if (isToken(name) && !fields.has(name)) fields.set(name, unquote(text.slice(equals + 1, end).trim()))
    }
    start = end + 1
  }
  return fields
}
