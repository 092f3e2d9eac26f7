import { isAscii } from 'node:buffer'
import { headerIdAt } from './header-names.ts'
import { Headers } from './headers.ts'
import { emptyBody, type SipMessage } from './message.ts'
import { digits, isDigits } from './scan.ts'

/** Bytes that are not a SIP message. `message` is what could be read, for a stateless 400. */
export type ParseFault = Readonly<{
  kind: 'fault'
  code: 'sip.parse.empty' | 'sip.parse.start-line' | 'sip.parse.too-many-headers'
  detail: string
  message?: SipMessage
}>

/** More lines than this are an attack, not a message: every look-up walks them. */
const maxHeaderLines = 512

/**
 * Reads one message: a datagram, or one frame of a stream. Never throws.
 *
 * Tolerant: any line ending, folding, blank lines before the start line, lines without a colon (skipped), a missing end of the head.
 * What the content means is judged by `validateRequest` and `validateResponse`. Octets past Content-Length are ignored
 * (RFC 3261 §18.3).
 */
export function parse(bytes: Uint8Array): SipMessage | ParseFault {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString('latin1')
  let at = 0
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  if (at >= text.length) return { kind: 'fault', code: 'sip.parse.empty', detail: 'nothing but white space' }

  let end = text.indexOf('\n', at)
  if (end < 0) end = text.length
  const startLine = text.slice(at, text.charCodeAt(end - 1) === 0x0d ? end - 1 : end)
  at = end + 1

  const head = indexHead(text, at, isAscii(buffer))
  const { headers } = head
  const message = readStartLine(startLine, headers, bodyOf(buffer, head.bodyAt, headers))
  if (message === undefined) return { kind: 'fault', code: 'sip.parse.start-line', detail: startLine.slice(0, 120) }
  if (message.kind !== 'fault' && headers.length > maxHeaderLines) {
    return { kind: 'fault', code: 'sip.parse.too-many-headers', detail: `${headers.length} header lines`, message }
  }
  return message
}

/**
 * Indexes the header lines of `text` (one character per byte) from `from` on, up to the first empty line or the end. `bodyAt` is the
 * index past that line.
 */
export function indexHead(text: string, from: number, ascii: boolean): { headers: Headers; bodyAt: number } {
  const index: number[] = []
  let kept = false
  let at = from
  let colon = -1
  while (at < text.length) {
    let end = text.indexOf('\n', at)
    const next = end < 0 ? text.length : end + 1
    if (end < 0) end = text.length
    if (end > at && text.charCodeAt(end - 1) === 0x0d) end--
    if (end === at) {
      at = next
      break
    }
    while (end > at && text.charCodeAt(end - 1) <= 0x20) end--
    const first = text.charCodeAt(at)
    if (first === 0x20 || first === 0x09) {
      // A continuation: the line before now ends here. If that one had no colon, both are skipped.
      if (kept && end > at) index[index.length - 1] = end
    } else {
      kept = false
      // Searched again only past the last one found: a head without colons is walked once, not once for each line.
      if (colon < at) {
        colon = text.indexOf(':', at)
        if (colon < 0) colon = text.length
      }
      if (colon > at && colon < end) {
        let nameEnd = colon
        while (nameEnd > at && text.charCodeAt(nameEnd - 1) <= 0x20) nameEnd--
        // An empty value may still be continued on the next line, so its end must lie past the colon.
        index.push(at, nameEnd, headerIdAt(text, at, nameEnd), Math.max(end, colon + 1))
        kept = true
      }
    }
    at = next
  }
  return { headers: Headers.indexed(text, index, ascii), bodyAt: at }
}

function bodyOf(buffer: Buffer, at: number, headers: Headers): Uint8Array {
  if (at >= buffer.length) return emptyBody
  const length = digits(headers.get('content-length') ?? '', Number.MAX_SAFE_INTEGER)
  if (length === 0) return emptyBody
  return buffer.subarray(at, length === undefined ? buffer.length : Math.min(buffer.length, at + length))
}

function readStartLine(line: string, headers: Headers, body: Uint8Array): SipMessage | ParseFault | undefined {
  const text = line.trimEnd()
  if (text.startsWith('SIP/') || text.startsWith('sip/')) {
    const space = text.indexOf(' ')
    if (space < 0) return undefined
    const rest = text.slice(space + 1).trimStart()
    const after = rest.indexOf(' ')
    const code = after < 0 ? rest : rest.slice(0, after)
    if (!isDigits(code)) return undefined
    const reason = after < 0 ? '' : utf8(rest.slice(after + 1).trim())
    return { kind: 'response', status: Number(code), reason, version: text.slice(0, space), headers, body }
  }
  const space = text.indexOf(' ')
  const last = text.lastIndexOf(' ')
  if (space <= 0) return undefined
  const method = text.slice(0, space)
  const version = text.slice(last + 1)
  if (last === space || !/^sip\//i.test(version)) {
    const uri = utf8(text.slice(space + 1).trim())
    const message = { kind: 'request', method, uri, version: '', headers, body } as const
    return { kind: 'fault', code: 'sip.parse.start-line', detail: text.slice(0, 120), message }
  }
  return { kind: 'request', method, uri: utf8(text.slice(space + 1, last).trim()), version, headers, body }
}

function utf8(wire: string): string {
  return /[\x80-\xff]/.test(wire) ? Buffer.from(wire, 'latin1').toString('utf8') : wire
}
