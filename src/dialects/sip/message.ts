import type { Fault, Parsed } from '../dialect.ts'
import type { SipRaw } from './read.ts'

/** A SIP message that ends something, read from its text. Only what says why is interpreted. */
export type SipMessage = Readonly<{
  /** Response: its status line. BYE and CANCEL: the request. */
  content: SipRaw
  /** Method of the transaction: a response's from its CSeq, undefined if it has none. */
  method?: string
  startLine: string
  /** Every header line in order, folded lines joined, names as written. */
  headers: readonly (readonly [name: string, value: string])[]
}>

export type SipFaultCode =
  | 'sip.message-empty'
  | 'sip.message-start-line'
  | 'sip.message-not-final'
  | 'sip.message-header'

/**
 * Reads a final response, a CANCEL or a BYE as text, as a trace prints it: bare line feeds, leading blank lines and
 * a missing URI are tolerated. Never throws. For framing, transactions and everything else there is a real parser.
 *
 * @example
 * const parsed = parseSipMessage('SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\n')
 * parsed.ok && parsed.value.content // { message: 'response', status: 486, reason: 'Busy Here', reasons: [] }
 */
export function parseSipMessage(text: string): Parsed<SipMessage> {
  const lines = text.trimStart().split(/\r\n|\n|\r/)
  const startLine = (lines[0] ?? '').trim()
  if (startLine === '') return refuse('sip.message-empty', '1:1', 'there is no message')
  const warnings: Fault[] = []
  const headers: [string, string][] = []
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string
    if (line.trim() === '') break
    const last = headers.at(-1)
    if (/^[ \t]/.test(line) && last !== undefined) {
      last[1] = `${last[1]} ${line.trim()}`
      continue
    }
    const colon = line.indexOf(':')
    if (colon < 1) {
      warnings.push({ code: 'sip.message-header', place: `${i + 1}:1`, message: 'this line is not a header' })
      continue
    }
    headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
  }
  const reasons = headers.filter(([name]) => name.toLowerCase() === 'reason').map(([, value]) => value)
  const status = /^SIP\/\d+\.\d+\s+(\d{3})(?:\s+(.*))?$/i.exec(startLine)
  if (status !== null) {
    const code = Number(status[1])
    if (code < 200) return refuse('sip.message-not-final', '1:9', `${code} is a provisional response: it ends nothing`)
    const phrase = status[2] ?? ''
    const content: SipRaw = { message: 'response', status: code, ...(phrase === '' ? {} : { reason: phrase }), reasons }
    const method = headers
      .find(([name]) => name.toLowerCase() === 'cseq')?.[1]
      .split(/\s+/)[1]
      ?.toUpperCase()
    const value = { content, ...(method === undefined ? {} : { method }), startLine, headers }
    return { ok: true, value, warnings }
  }
  const request = /^(BYE|CANCEL)(?:\s.*)?$/.exec(startLine)
  if (request !== null) {
    const method = request[1] as 'BYE' | 'CANCEL'
    return { ok: true, value: { content: { message: method, reasons }, method, startLine, headers }, warnings }
  }
  return refuse(
    'sip.message-start-line',
    '1:1',
    'the first line is neither a status line nor a BYE or CANCEL',
    'give a final response, a BYE or a CANCEL, from its first line on',
  )
}

/** What a raw value says, whether it was kept as text or as fields; undefined if it is no SIP message. */
export function contentOf(value: unknown): SipRaw | undefined {
  if (typeof value === 'string') {
    const parsed = parseSipMessage(value)
    return parsed.ok ? parsed.value.content : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { message, status, reason, phrase, reasons } = value as Readonly<Record<string, unknown>>
  const lines = (typeof reasons === 'string' ? [reasons] : Array.isArray(reasons) ? reasons : []) as string[]
  if (message === 'BYE' || message === 'CANCEL') return { message, reasons: lines }
  if (typeof status !== 'number') return undefined
  const text = typeof reason === 'string' ? reason : typeof phrase === 'string' ? phrase : undefined
  return { message: 'response', status, ...(text === undefined ? {} : { reason: text }), reasons: lines }
}

/**
 * The lines that say why, as they stand in a message: the start line without its URI, and one Reason line per value.
 *
 * @example
 * sipLines({ message: 'CANCEL', reasons: ['SIP;cause=603'] }) // 'CANCEL\r\nReason: SIP;cause=603'
 */
export function sipLines(content: SipRaw): string {
  const first =
    content.message === 'response'
      ? `SIP/2.0 ${content.status}${content.reason === undefined ? '' : ` ${content.reason}`}`
      : content.message
  return [first, ...(content.reasons ?? []).map((value) => `Reason: ${value}`)].join('\r\n')
}

function refuse(code: SipFaultCode, place: string, message: string, remedy?: string): Parsed<never> {
  return { ok: false, faults: [remedy === undefined ? { code, place, message } : { code, place, message, remedy }] }
}
