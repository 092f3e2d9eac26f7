import { type CSeq, parseCSeq } from './cseq.ts'
import type { Headers } from './headers.ts'
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

/** The top Via. */
export function via(message: Holder): Via | undefined {
  return typed(message.headers, 'via', 'via', parseVia)
}

export function from(message: Holder): NameAddr | undefined {
  return typed(message.headers, 'from', 'from', parseNameAddr)
}

export function to(message: Holder): NameAddr | undefined {
  return typed(message.headers, 'to', 'to', parseNameAddr)
}

export function cseq(message: Holder): CSeq | undefined {
  return typed(message.headers, 'cseq', 'cseq', parseCSeq)
}

export function callId(message: Holder): string | undefined {
  return typed(message.headers, 'call-id', 'call-id', nonEmpty)
}

/** Octets. */
export function contentLength(message: Holder): number | undefined {
  return typed(message.headers, 'content-length', 'content-length', (value) => digits(value, Number.MAX_SAFE_INTEGER))
}

/** Seconds. A value past 2^32−1 reads as absent. */
export function expires(message: Holder): number | undefined {
  return typed(message.headers, 'expires', 'expires', scalar)
}

export function maxForwards(message: Holder): number | undefined {
  return typed(message.headers, 'max-forwards', 'max-forwards', scalar)
}

/** Seconds (RFC 4028 §5). */
export function minSessionExpires(message: Holder): number | undefined {
  return typed(message.headers, 'min-se', 'min-se', (value) => scalar(beforeParams(value)))
}

export type SessionExpires = Readonly<{ seconds: number; refresher?: 'uac' | 'uas' }>

/** RFC 4028 §4. */
export function sessionExpires(message: Holder): SessionExpires | undefined {
  return typed(message.headers, 'session-expires', 'session-expires', parseSessionExpires)
}

/** `type/subtype` in lower case, without parameters. */
export function contentType(message: Holder): string | undefined {
  return typed(
    message.headers,
    'content-type',
    'content-type',
    (value) => beforeParams(value).toLowerCase() || undefined,
  )
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

/** Method and option-tag lists (Allow, Require, Supported …), as written. */
export function tokens(
  message: Holder,
  name: 'allow' | 'require' | 'proxy-require' | 'supported' | 'unsupported' | 'accept',
): string[] {
  return message.headers.all(name)
}

/** True for a request inside a dialog: it has a To tag (RFC 3261 §12.2). */
export function inDialog(message: SipMessage): boolean {
  return to(message)?.tag !== undefined
}

function typed<T extends object | string | number>(
  headers: Headers,
  slot: string,
  name: string,
  read: (value: string) => T | undefined,
): T | undefined {
  headers.memo ??= {}
  const memo = headers.memo
  const known = memo[slot]
  if (known !== undefined) return known === null ? undefined : (known as T)
  const value = headers.get(name)
  const parsed = value === undefined ? undefined : read(value)
  memo[slot] = parsed === undefined ? null : parsed
  return parsed
}

const none: readonly never[] = Object.freeze([])

function listed<T>(headers: Headers, name: string, read: (value: string) => T | undefined): readonly T[] {
  headers.memo ??= {}
  const memo = headers.memo
  const known = memo[name]
  if (known !== undefined) return known as readonly T[]
  let list: T[] | undefined
  for (const value of headers.all(name)) {
    if (value === '*') continue
    const parsed = read(value)
    if (parsed === undefined) continue
    list ??= []
    list.push(parsed)
  }
  memo[name] = list ?? none
  return list ?? none
}

function nonEmpty(value: string): string | undefined {
  return value === '' ? undefined : value
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
