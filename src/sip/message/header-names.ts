/** Header field names: the compact forms of RFC 3261 §7.3.3 (and later), the spelling we emit, and which fields are lists. */

/** key (lower case, long form) → [spelling we emit, compact letter or '', is a comma-separated list] */
const table: readonly (readonly [name: string, compact: string, list: boolean])[] = [
  ['Accept', '', true],
  ['Accept-Contact', 'a', true],
  ['Accept-Encoding', '', true],
  ['Accept-Language', '', true],
  ['Alert-Info', '', true],
  ['Allow', '', true],
  ['Allow-Events', 'u', true],
  ['Authentication-Info', '', false],
  ['Authorization', '', false],
  ['CSeq', '', false],
  ['Call-ID', 'i', false],
  ['Call-Info', '', true],
  ['Contact', 'm', true],
  ['Content-Disposition', '', false],
  ['Content-Encoding', 'e', true],
  ['Content-Language', '', true],
  ['Content-Length', 'l', false],
  ['Content-Type', 'c', false],
  ['Date', '', false],
  ['Diversion', '', true],
  ['Error-Info', '', true],
  ['Event', 'o', false],
  ['Expires', '', false],
  ['From', 'f', false],
  ['History-Info', '', true],
  ['Identity', 'y', false],
  ['In-Reply-To', '', true],
  ['MIME-Version', '', false],
  ['Max-Forwards', '', false],
  ['Min-Expires', '', false],
  ['Min-SE', '', false],
  ['Organization', '', false],
  ['P-Asserted-Identity', '', true],
  ['P-Preferred-Identity', '', true],
  ['Path', '', true],
  ['Priority', '', false],
  ['Privacy', '', false],
  ['Proxy-Authenticate', '', false],
  ['Proxy-Authorization', '', false],
  ['Proxy-Require', '', true],
  ['RAck', '', false],
  ['RSeq', '', false],
  ['Reason', '', true],
  ['Record-Route', '', true],
  ['Refer-To', 'r', false],
  ['Referred-By', 'b', false],
  ['Reject-Contact', 'j', true],
  ['Replaces', '', false],
  ['Reply-To', '', false],
  ['Request-Disposition', 'd', true],
  ['Require', '', true],
  ['Retry-After', '', false],
  ['Route', '', true],
  ['Server', '', false],
  ['Service-Route', '', true],
  ['Session-Expires', 'x', false],
  ['Subject', 's', false],
  ['Subscription-State', '', false],
  ['Supported', 'k', true],
  ['Timestamp', '', false],
  ['To', 't', false],
  ['Unsupported', '', true],
  ['User-Agent', '', false],
  ['Via', 'v', true],
  ['WWW-Authenticate', '', false],
  ['Warning', '', true],
]

export type HeaderName = Readonly<{
  /** Lower-case long form: what two names are compared by. */
  key: string
  /** The spelling we emit. */
  name: string
  /** The compact letter, lower case, as a character code; 0 if there is none. */
  compact: number
  /** True for fields whose value is a comma-separated list, which may be spread over several lines. */
  list: boolean
  /** Its number in the table, from 1 on; 0 for a name that is not in it. */
  id: number
}>

const known = new Map<string, HeaderName>()
/** For the reader of a head: the rows whose names are so long, and those with a compact letter by its code. */
const byLength: HeaderName[][] = []
const byLetter = new Uint8Array(128)
for (const [index, [name, compact, list]] of table.entries()) {
  const code = compact === '' ? 0 : compact.charCodeAt(0)
  const row = { key: name.toLowerCase(), name, compact: code, list, id: index + 1 }
  known.set(name, row)
  known.set(row.key, row)
  if (compact !== '') known.set(compact, row)
  byLength[name.length] ??= []
  byLength[name.length]!.push(row)
  byLetter[code] = row.id
}
byLetter[0] = 0

/** The number of the field whose name stands from `start` to `end`, in any spelling; 0 if it is none that we know. */
export function headerIdAt(text: string, start: number, end: number): number {
  if (end - start === 1) return byLetter[text.charCodeAt(start) | 0x20] ?? 0
  const rows = byLength[end - start]
  if (rows === undefined) return 0
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as HeaderName
    if (isNamed(text, start, row.key)) return row.id
  }
  return 0
}

/** Whether the lower-case `key` stands at `start`, in whatever case. */
export function isNamed(text: string, start: number, key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const code = text.charCodeAt(start + i)
    if ((code >= 0x41 && code <= 0x5a ? code | 0x20 : code) !== key.charCodeAt(i)) return false
  }
  return true
}

/** Any spelling of a field name (long, compact, any case) → its row; a row is made up for a name we do not know. */
export function headerName(spelling: string): HeaderName {
  const direct = known.get(spelling)
  if (direct !== undefined) return direct
  const key = spelling.toLowerCase()
  return known.get(key) ?? { key, name: spelling, compact: 0, list: false, id: 0 }
}
