import { contentType } from './accessors.ts'
import type { SipMessage } from './message.ts'
import { parseParams } from './params.ts'

/**
 * The part of the body that has this type: the whole body, or the first such part of a multipart (RFC 5621), at most one level deep.
 * `type` in lower case, like `application/sdp`. Bytes are never decoded. undefined if there is no such part.
 */
export function bodyOfType(message: SipMessage, type: string): Uint8Array | undefined {
  if (message.body.length === 0) return undefined
  const whole = contentType(message)
  if (whole === type) return message.body
  if (whole === undefined || !whole.startsWith('multipart/')) return undefined
  const value = message.headers.get('content-type') as string
  const boundary = parseParams(value, value.indexOf(';') + 1 || value.length).get('boundary')
  if (boundary === undefined || boundary === '' || boundary.length > 70) return undefined
  return partOfType(message.body, boundary, type)
}

function partOfType(bytes: Uint8Array, boundary: string, type: string): Uint8Array | undefined {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const delimiter = `--${boundary}`
  let at = lineThatStartsWith(body, delimiter, 0)
  while (at >= 0) {
    const headStart = body.indexOf('\n', at + delimiter.length) + 1
    const next = headStart === 0 ? -1 : lineThatStartsWith(body, delimiter, headStart)
    if (next < 0) return undefined
    const part = body.subarray(headStart, next)
    const { head, content } = splitPart(part)
    if (typeOf(head) === type) return content
    at = next
  }
  return undefined
}

/** Index of the delimiter, which stands at the start of a line. */
function lineThatStartsWith(body: Buffer, delimiter: string, from: number): number {
  let at = body.indexOf(delimiter, from, 'latin1')
  while (at > 0 && body[at - 1] !== 0x0a) at = body.indexOf(delimiter, at + 1, 'latin1')
  return at
}

/** The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1). */
function splitPart(part: Buffer): { head: string; content: Buffer } {
  let end = part.length
  if (part[end - 1] === 0x0a) end--
  if (part[end - 1] === 0x0d) end--
  const crlf = part.indexOf('\r\n\r\n', 0, 'latin1')
  const start = crlf < 0 ? part.indexOf('\n\n', 0, 'latin1') + 2 : crlf + 4
  // No empty line: all of it is head.
  if (start < 2 || start > end) return { head: part.toString('latin1'), content: part.subarray(part.length) }
  return { head: part.toString('latin1', 0, start), content: part.subarray(start, end) }
}

function typeOf(head: string): string | undefined {
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':')
    if (colon >= 0 && /^content-type\s*$/i.test(line.slice(0, colon))) {
      return line
        .slice(colon + 1)
        .split(';', 1)[0]
        ?.trim()
        .toLowerCase()
    }
  }
  return undefined
}
