import { type CSeq, parseCSeq } from './cseq.ts'
import { type HeaderName, headerName } from './header-names.ts'
import { HeaderMemo, type Headers } from './headers.ts'
import type { SipMessage } from './message.ts'
import { type NameAddr, parseNameAddr } from './name-addr.ts'
import { parseParams } from './params.ts'
import { parseReason, type Reason } from './reason.ts'
import { digits } from './scan.ts'
import { parseVia, type Via } from './via.ts'

/**
 * Typed readers of header fields. Each value is read once per message and kept until its headers change; undefined means absent
 * or malformed (`validateRequest` tells which). `maxScalar` is the largest value of delta-seconds and of every counter.
 */
type Holder = Readonly<{ headers: Headers }>

const maxScalar = 0xffff_ffff

/** The fields that are read of every message, looked up once. */
const row = {
  via: headerName('via'),
  from: headerName('from'),
  to: headerName('to'),
  cseq: headerName('cseq'),
  callId: headerName('call-id'),
}

/** The top Via. */
export function via(message: Holder): Via | undefined {
  const memo = memoOf(message.headers)
  if (memo.via === undefined) memo.via = read(message.headers, row.via, parseVia) ?? null
  return memo.via ?? undefined
}

export function from(message: Holder): NameAddr | undefined {
  const memo = memoOf(message.headers)
  if (memo.from === undefined) memo.from = read(message.headers, row.from, parseNameAddr) ?? null
  return memo.from ?? undefined
}

export function to(message: Holder): NameAddr | undefined {
  const memo = memoOf(message.headers)
  if (memo.to === undefined) memo.to = read(message.headers, row.to, parseNameAddr) ?? null
  return memo.to ?? undefined
}

export function cseq(message: Holder): CSeq | undefined {
  const memo = memoOf(message.headers)
  if (memo.cseq === undefined) memo.cseq = read(message.headers, row.cseq, parseCSeq) ?? null
  return memo.cseq ?? undefined
}

export function callId(message: Holder): string | undefined {
  const memo = memoOf(message.headers)
  if (memo.callId === undefined) memo.callId = message.headers.get(row.callId) || null
  return memo.callId ?? undefined
}

/** Octets. */
export function contentLength(message: Holder): number | undefined {
  return typed(message.headers, 'content-length', (value) => digits(value, Number.MAX_SAFE_INTEGER))
}

/** Seconds. A value past 2^32−1 reads as absent. */
export function expires(message: Holder): number | undefined {
  return typed(message.headers, 'expires', scalar)
}

export function maxForwards(message: Holder): number | undefined {
  return typed(message.headers, 'max-forwards', scalar)
}

/** Seconds (RFC 4028 §5). */
export function minSessionExpires(message: Holder): number | undefined {
  return typed(message.headers, 'min-se', (value) => scalar(beforeParams(value)))
}

export type SessionExpires = Readonly<{ seconds: number; refresher?: 'uac' | 'uas' }>

/** RFC 4028 §4. */
export function sessionExpires(message: Holder): SessionExpires | undefined {
  return typed(message.headers, 'session-expires', parseSessionExpires)
}

/** `type/subtype` in lower case, without parameters. */
export function contentType(message: Holder): string | undefined {
  return typed(message.headers, 'content-type', (value) => beforeParams(value).toLowerCase() || undefined)
}

/** Every Contact but `*`; values that are not addresses are left out. */
export function contacts(message: Holder): readonly NameAddr[] {
  return listed(message.headers, 'contact', parseNameAddr)
}

/** Route or Record-Route, top first. */
export function routes(message: Holder, name: 'route' | 'record-route'): readonly NameAddr[] {
  return listed(message.headers, name, parseNameAddr)
}

/** Every Reason value of every line, in order; values without a protocol name are left out. */
export function reasons(message: Holder): readonly Reason[] {
  return listed(message.headers, 'reason', parseReason)
}

/** True for a request inside a dialog: it has a To tag (RFC 3261 §12.2). */
export function inDialog(message: SipMessage): boolean {
  return to(message)?.tag !== undefined
}

function memoOf(headers: Headers): HeaderMemo {
  headers.memo ??= new HeaderMemo()
  return headers.memo
}

function read<T>(headers: Headers, name: string | HeaderName, parse: (value: string) => T | undefined): T | undefined {
  const value = headers.get(name)
  return value === undefined ? undefined : parse(value)
}

function typed<T>(headers: Headers, name: string, parse: (value: string) => T | undefined): T | undefined {
  const memo = memoOf(headers)
  memo.rest ??= new Map()
  if (memo.rest.has(name)) return memo.rest.get(name) as T | undefined
  const parsed = read(headers, name, parse)
  memo.rest.set(name, parsed)
  return parsed
}

const none: readonly never[] = Object.freeze([])

function listed<T>(headers: Headers, name: string, parse: (value: string) => T | undefined): readonly T[] {
  const memo = memoOf(headers)
  memo.rest ??= new Map()
  const known = memo.rest.get(name)
  if (known !== undefined) return known as readonly T[]
  let list: T[] | undefined
  for (const value of headers.all(name)) {
    const parsed = value === '*' ? undefined : parse(value)
    if (parsed === undefined) continue
    list ??= []
    list.push(parsed)
  }
  memo.rest.set(name, list ?? none)
  return list ?? none
}

function scalar(value: string): number | undefined {
  return digits(value, maxScalar)
}

function beforeParams(value: string): string {
  const semicolon = value.indexOf(';')
  return (semicolon < 0 ? value : value.slice(0, semicolon)).trim()
}

function parseSessionExpires(value: string): SessionExpires | undefined {
  const seconds = scalar(beforeParams(value))
  if (seconds === undefined) return undefined
  const semicolon = value.indexOf(';')
  const refresher = semicolon < 0 ? undefined : parseParams(value, semicolon).get('refresher')?.toLowerCase()
  return refresher === 'uac' || refresher === 'uas' ? { seconds, refresher } : { seconds }
}
