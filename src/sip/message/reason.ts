import { type Params, parseParams } from './params.ts'
import { isDigits, isToken, quote } from './scan.ts'

/**
 * One Reason value (RFC 3326, 6432, 8606). For protocol `SIP` the cause is a status code, for `Q.850` the decimal ITU-T cause.
 * A Reason never changes what the protocol does.
 */
export type Reason = Readonly<{
  /** `SIP` and `Q.850` in that spelling, whatever was received; any other as received. */
  protocol: string
  /** Missing if it was absent or not a number. */
  cause?: number
  text?: string
  /** RFC 8606, upper case: `U`, `LN`, `RLN`, `LOC-6` … Only ever beside `Q.850`. */
  location?: string
  /** All parameters, unquoted, names in lower case. */
  params: Params
  /** As received, or as it would be sent. */
  raw: string
}>

const protocols = new Map([
  ['sip', 'SIP'],
  ['q.850', 'Q.850'],
])

/** Reads one value (no list). undefined if it does not begin with a protocol name. */
export function parseReason(raw: string): Reason | undefined {
  const text = raw.trim()
  let end = text.indexOf(';')
  if (end < 0) end = text.length
  const name = text.slice(0, end).trim()
  if (!isToken(name)) return undefined
  const protocol = protocols.get(name.toLowerCase()) ?? name
  const params = parseParams(text, end)
  const cause = params.get('cause')
  const words = params.get('text')
  const location = protocol === 'Q.850' ? params.get('location') : undefined
  return {
    protocol,
    ...(cause !== undefined && isDigits(cause) && cause.length <= 9 ? { cause: Number(cause) } : {}),
    ...(words === undefined ? {} : { text: words }),
    ...(location === undefined || location === '' ? {} : { location: location.toUpperCase() }),
    params,
    raw: text,
  }
}

export type ReasonToSend = Readonly<{ protocol: string; cause?: number; text?: string; location?: string }>

/** `Q.850;cause=16;text="Max duration"`. A protocol that is not a token cannot be sent and gives ''. */
export function formatReason(reason: ReasonToSend): string {
  if (!isToken(reason.protocol)) return ''
  const protocol = protocols.get(reason.protocol.toLowerCase()) ?? reason.protocol
  let value = protocol
  if (reason.cause !== undefined) value += `;cause=${reason.cause}`
  if (reason.text !== undefined) value += `;text=${quote(reason.text)}`
  if (reason.location !== undefined && protocol === 'Q.850' && isToken(reason.location)) {
    value += `;location=${reason.location.toUpperCase()}`
  }
  return value
}

/** The header's value, or undefined if there is nothing to send. At most one value per protocol (RFC 3326 §2): the first wins. */
export function formatReasons(reasons: readonly ReasonToSend[]): string | undefined {
  const seen = new Set<string>()
  const values: string[] = []
  for (const reason of reasons) {
    const protocol = reason.protocol.toLowerCase()
    const value = seen.has(protocol) ? '' : formatReason(reason)
    if (value === '') continue
    seen.add(protocol)
    values.push(value)
  }
  return values.length === 0 ? undefined : values.join(', ')
}
