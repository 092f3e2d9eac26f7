import { callId, contacts, contentLength, contentType, cseq, from, to, via } from './accessors.ts'
import { headerName } from './header-names.ts'
import type { SipRequest, SipResponse } from './message.ts'
import type { NameAddr } from './name-addr.ts'
import { isDigits, isToken } from './scan.ts'
import { parseUri } from './uri.ts'

/** What this end implements. Make one object and keep it: it is read for every request. */
export type RequestRules = Readonly<{
  transport: 'UDP' | 'TCP' | 'TLS'
  /** Every method with an implementation; any other is 501 with this list as Allow. */
  methods: readonly string[]
  /** Schemes a Request-URI may have; any other is 416. Default: sip, sips, tel. */
  schemes?: readonly string[]
  /** Option tags that may be required of us; any other is 420. Default: none. */
  extensions?: readonly string[]
  /** Body types by method, for methods that read their body; any other type is 415. Default: INVITE and UPDATE take SDP. */
  bodies?: ReadonlyMap<string, readonly string[]>
}>

/**
 * `close`: the stream it came by cannot be trusted any more.
 * `respond` carries the headers beyond those that every response copies. An ACK is never answered: its `respond` is a `drop`.
 */
export type Verdict =
  | Readonly<{ kind: 'accept' }>
  | Readonly<{
      kind: 'respond'
      status: number
      reason: string
      headers: readonly (readonly [name: string, value: string])[]
      close: boolean
    }>
  | Readonly<{ kind: 'drop'; why: string; close: boolean }>

const accept: Verdict = { kind: 'accept' }

type Rules = Required<RequestRules>
type RequestCheck = (request: SipRequest, rules: Rules) => Verdict | undefined

const defaultSchemes = ['sip', 'sips', 'tel']
const defaultBodies: ReadonlyMap<string, readonly string[]> = new Map([
  ['INVITE', ['application/sdp', 'multipart/mixed']],
  ['UPDATE', ['application/sdp', 'multipart/mixed']],
])

const completed = new WeakMap<RequestRules, Rules>()

function complete(rules: RequestRules): Rules {
  let full = completed.get(rules)
  if (full === undefined) {
    full = { schemes: defaultSchemes, extensions: [], bodies: defaultBodies, ...rules }
    completed.set(rules, full)
  }
  return full
}

/**
 * Judges what the tolerant parser let through (RFC 3261 §8.2, §16.3, §18.3; RFC 4475). The checks run in an order in which the more
 * fundamental fault wins: an unknown method with a wrong CSeq method is 501, not 400.
 */
export function validateRequest(request: SipRequest, rules: RequestRules): Verdict {
  const full = complete(rules)
  for (const check of requestChecks) {
    const verdict = check(request, full)
    if (verdict === undefined) continue
    if (verdict.kind === 'respond' && request.method === 'ACK') {
      return { kind: 'drop', why: `ACK: ${verdict.reason}`, close: verdict.close }
    }
    return verdict
  }
  return accept
}

const requestChecks: readonly RequestCheck[] = [
  // Without a Via there is no way back, and nothing to match.
  (request) => (via(request) === undefined ? drop('no readable Via') : undefined),
  (request) => (isSip2(request.version) ? undefined : respond(505, 'Version Not Supported')),
  (request) => (isToken(request.method) ? undefined : bad('Malformed Method')),
  checkSingles,
  (request, rules) =>
    lengthFault(request, rules.transport) ? bad('Bad Content-Length', rules.transport !== 'UDP') : undefined,
  (request) => (/[;,]\s*(?:[;,]|$)/.test(request.headers.get(viaField) ?? '') ? bad('Malformed Via') : undefined),
  // A branch that is nothing but the magic cookie names no transaction (RFC 4475 §3.2.1). Any other old branch is RFC 2543 and fine.
  (request) => (magicCookie.test(via(request)?.branch ?? '') ? bad('Malformed Via branch') : undefined),
  (request) => (cseq(request) === undefined ? bad('Malformed CSeq') : undefined),
  (request) => (callId(request) === undefined ? bad('Missing Call-ID') : undefined),
  (request) => (addressFault(from(request)) ? bad('Malformed From') : undefined),
  (request) => (addressFault(to(request)) ? bad('Malformed To') : undefined),
  checkMaxForwards,
  checkRequestUri,
  (request, rules) =>
    rules.methods.includes(request.method)
      ? undefined
      : respond(501, 'Not Implemented', [['Allow', rules.methods.join(', ')]]),
  (request) => (cseq(request)?.method === request.method ? undefined : bad('CSeq Method Mismatch')),
  checkContacts,
  checkRequire,
  checkBody,
  checkAccept,
]

const magicCookie = /^z9hG4bK$/i

function isSip2(version: string): boolean {
  return version === 'SIP/2.0' || /^SIP\/2\.0$/i.test(version)
}

const viaField = headerName('via')
const contact = headerName('contact')
const bodyLength = headerName('content-length')
const hops = headerName('max-forwards')
const require = headerName('require')

/** Fields that stand exactly once in every request and response (RFC 3261 §8.1.1, §20). */
const singles = [
  [headerName('from'), 'From'],
  [headerName('to'), 'To'],
  [headerName('call-id'), 'Call-ID'],
  [headerName('cseq'), 'CSeq'],
] as const

function checkSingles(request: SipRequest): Verdict | undefined {
  for (const [field, name] of singles) {
    const lines = request.headers.count(field)
    if (lines !== 1) return bad(lines === 0 ? `Missing ${name}` : `Multiple ${name}`)
  }
  return undefined
}

/** More than one, not a number, or more octets promised than a datagram holds; on a stream also absent where there is a body. */
function lengthFault(message: SipRequest | SipResponse, transport: RequestRules['transport']): boolean {
  const lines = message.headers.count(bodyLength)
  if (lines === 0) return transport !== 'UDP' && message.headers.has('content-type')
  const length = contentLength(message)
  return lines > 1 || length === undefined || length > message.body.length
}

function addressFault(value: NameAddr | undefined): boolean {
  if (value === undefined) return true
  // Unquoted, a comma would begin the next value of a list (RFC 4475 §3.1.2.15); other stray characters do no harm.
  if (value.raw.charCodeAt(0) !== 0x22 && value.display !== undefined && /[,"]/.test(value.display)) return true
  // A bare addr-spec may hold neither `,` nor `?` (RFC 3261 §20): whose they are cannot be told (RFC 4475 §3.1.2.13).
  return !value.bracketed && /[,?<>\s]/.test(value.uri)
}

function checkMaxForwards(request: SipRequest): Verdict | undefined {
  const lines = request.headers.count(hops)
  if (lines === 0) return undefined
  const value = request.headers.get(hops) as string
  // 0 is for proxies to refuse; this is a user agent (RFC 4475 §3.3.11).
  return lines > 1 || !isDigits(value) || Number(value) > 255 ? bad('Bad Max-Forwards') : undefined
}

function checkRequestUri(request: SipRequest, rules: Rules): Verdict | undefined {
  const { uri } = request
  const scheme = uri.slice(0, Math.max(0, uri.indexOf(':'))).toLowerCase()
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return bad('Malformed Request-URI')
  if (!rules.schemes.includes(scheme)) return respond(416, 'Unsupported URI Scheme')
  return parseUri(uri) === undefined ? bad('Malformed Request-URI') : undefined
}

function checkContacts(request: SipRequest): Verdict | undefined {
  if (!request.headers.has(contact)) return undefined
  const readable = contacts(request)
  const all = request.headers.all(contact).filter((value) => value !== '*')
  return readable.length < all.length || readable.some(addressFault) ? bad('Malformed Contact') : undefined
}

function checkRequire(request: SipRequest, rules: Rules): Verdict | undefined {
  // RFC 3261 §8.2.2.3: never for ACK and CANCEL.
  if (request.method === 'CANCEL' || request.method === 'ACK' || !request.headers.has(require)) return undefined
  const unknown = request.headers.all('require').filter((tag) => !rules.extensions.includes(tag.toLowerCase()))
  return unknown.length === 0 ? undefined : respond(420, 'Bad Extension', [['Unsupported', unknown.join(', ')]])
}

function checkBody(request: SipRequest, rules: Rules): Verdict | undefined {
  const types = rules.bodies.get(request.method)
  if (types === undefined || request.body.length === 0) return undefined
  if (/;\s*handling\s*=\s*optional/i.test(request.headers.get('content-disposition') ?? '')) return undefined
  const type = contentType(request)
  if (type === undefined || !types.includes(type)) {
    return respond(415, 'Unsupported Media Type', [['Accept', types.join(', ')]])
  }
  const encoded = request.headers.all('content-encoding').some((coding) => coding.toLowerCase() !== 'identity')
  return encoded ? respond(415, 'Unsupported Media Type', [['Accept-Encoding', 'identity']]) : undefined
}

/** An INVITE is answered with SDP: a caller that will not read it cannot be served (RFC 4475 §3.3.15). */
function checkAccept(request: SipRequest): Verdict | undefined {
  if (request.method !== 'INVITE' || !request.headers.has('accept')) return undefined
  const ranges = request.headers.all('accept').map((range) => range.split(';', 1)[0]?.trim().toLowerCase())
  if (ranges.some((range) => range === 'application/sdp' || range === 'application/*' || range === '*/*'))
    return undefined
  return respond(406, 'Not Acceptable', [['Warning', '399 ua "only application/sdp can be answered"']])
}

/** Where responses must have been asked for. */
export type ResponseRules = Readonly<{ transport: 'UDP' | 'TCP' | 'TLS' }>

/** A response is accepted or dropped; nobody answers one. */
export function validateResponse(response: SipResponse, rules: ResponseRules): Verdict {
  if (response.status < 100 || response.status > 699) return drop(`status ${response.status}`)
  if (!isSip2(response.version)) return drop(`version ${response.version}`)
  if (via(response) === undefined) return drop('no readable Via')
  // We never proxy, so a second Via means that it was meant for somebody else (RFC 3261 §8.1.3.3).
  if (response.headers.all('via').length > 1) return drop('more than one Via')
  for (const [field, name] of singles) {
    const lines = response.headers.count(field)
    if (lines !== 1) return drop(`${lines} lines of ${name}`)
  }
  if (cseq(response) === undefined) return drop('malformed CSeq')
  if (from(response) === undefined || to(response) === undefined) return drop('malformed From or To')
  if (lengthFault(response, rules.transport)) return drop('bad Content-Length', rules.transport !== 'UDP')
  return accept
}

function drop(why: string, close = false): Verdict {
  return { kind: 'drop', why, close }
}

/** RFC 3261 §21.4.1: the phrase says what is wrong. */
function bad(reason: string, close = false): Verdict {
  return { kind: 'respond', status: 400, reason, headers: [], close }
}

function respond(status: number, reason: string, headers: readonly (readonly [string, string])[] = []): Verdict {
  return { kind: 'respond', status, reason, headers, close: false }
}
