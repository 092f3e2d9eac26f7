/** One value of a Reason header field (RFC 3326 §2, RFC 8606 for `location`). */
export type SipReason = Readonly<{
  /** As written; compare it without regard to case (`SIP`, `Q.850`, `RELEASE_CAUSE`, `X.int` …). */
  protocol: string
  cause?: number
  text?: string
  /** ISUP cause location of RFC 8606: `U` is the user. */
  location?: string
  /** The value as it stood in the header, without its neighbours. */
  raw: string
}>

/**
 * Reads the values of any number of Reason header lines, in order. Never throws; what does not look like a value is
 * left out. Quoted text may hold `;` and `,`; parameters may come in any order, spaced and cased anyhow.
 *
 * @example
 * parseReasons('SIP;cause=503, Q.850;cause=41').map(({ cause }) => cause) // [503, 41]
 */
export function parseReasons(lines: readonly unknown[] | string | undefined): SipReason[] {
  if (lines === undefined) return []
  const all = typeof lines === 'string' ? [lines] : lines
  const reasons: SipReason[] = []
  for (const line of all) {
    if (typeof line !== 'string') continue
    for (const value of split(line, ',')) {
      const reason = parseReason(value)
      if (reason !== undefined) reasons.push(reason)
    }
  }
  return reasons
}

/**
 * One value, or undefined if it has no protocol.
 *
 * @example
 * parseReason('Q.850;cause=16')?.cause // 16
 */
export function parseReason(value: string): SipReason | undefined {
  const raw = value.trim()
  const [first = '', ...rest] = split(raw, ';')
  const protocol = first.trim()
  if (!/^[\w.!%*+`'~-]+$/.test(protocol)) return undefined
  const reason: { protocol: string; cause?: number; text?: string; location?: string; raw: string } = { protocol, raw }
  for (const param of rest) {
    const equals = param.indexOf('=')
    if (equals === -1) continue
    const name = param.slice(0, equals).trim().toLowerCase()
    const content = unquoted(param.slice(equals + 1).trim())
    if (name === 'cause' && reason.cause === undefined && /^\d{1,9}$/.test(content)) reason.cause = Number(content)
    else if (name === 'text' && reason.text === undefined) reason.text = content
    else if (name === 'location' && reason.location === undefined) reason.location = content
  }
  return reason
}

/**
 * A value as it goes on the wire: `Q.850;cause=102;text="Media timeout"`.
 *
 * @example
 * formatReason({ protocol: 'Q.850', cause: 102, text: 'Media timeout' }) // 'Q.850;cause=102;text="Media timeout"'
 */
export function formatReason(reason: Readonly<{ protocol: string; cause?: number; text?: string }>): string {
  const cause = reason.cause === undefined ? '' : `;cause=${reason.cause}`
  return `${reason.protocol}${cause}${reason.text === undefined ? '' : `;text=${quoted(reason.text)}`}`
}

/**
 * The first value of a protocol, without regard to case.
 *
 * @example
 * reasonOf(parseReasons('SIP;cause=503, q.850;cause=41'), 'Q.850')?.cause // 41
 */
export function reasonOf(reasons: readonly SipReason[], protocol: string): SipReason | undefined {
  const wanted = protocol.toLowerCase()
  for (const reason of reasons) if (reason.protocol.toLowerCase() === wanted) return reason
  return undefined
}

/**
 * RFC 3326 §2: a message carries at most one value per protocol. The first one stays.
 *
 * @example
 * onePerProtocol(parseReasons('SIP;cause=503, SIP;cause=500')).length // 1
 */
export function onePerProtocol(reasons: readonly SipReason[]): SipReason[] {
  const seen = new Set<string>()
  return reasons.filter(({ protocol }) => {
    const key = protocol.toLowerCase()
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Splits outside quoted strings; an unclosed quote runs to the end. */
function split(text: string, at: ',' | ';'): string[] {
  const pieces: string[] = []
  let begin = 0
  let inQuotes = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (inQuotes && character === '\\') i++
    else if (character === '"') inQuotes = !inQuotes
    else if (character === at && !inQuotes) {
      pieces.push(text.slice(begin, i))
      begin = i + 1
    }
  }
  pieces.push(text.slice(begin))
  return pieces
}

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  const end = text.length > 1 && text.endsWith('"') ? -1 : undefined
  return text.slice(1, end).replaceAll(/\\(.)/gs, '$1')
}

// Line breaks and other control characters would end the header or forge another one.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters removed
const controls = /[\u0000-\u001f\u007f]+/g

function quoted(text: string): string {
  return `"${text.replaceAll(controls, ' ').replaceAll(/["\\]/g, '\\$&')}"`
}
