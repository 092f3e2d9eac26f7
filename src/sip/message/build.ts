import { to } from './accessors.ts'
import { headerName } from './header-names.ts'
import { encode, Headers } from './headers.ts'
import { emptyBody, type SipMessage, type SipRequest, type SipResponse } from './message.ts'
import { reasonPhrase } from './reason-phrases.ts'

export type RequestParts = Readonly<{
  method: string
  uri: string
  /** In the order they shall be sent. Content-Length is added by `serialise`. */
  headers: Headers | Iterable<readonly [name: string, value: string]>
  body?: Uint8Array
}>

export function request(parts: RequestParts): SipRequest {
  return {
    kind: 'request',
    method: parts.method,
    uri: parts.uri,
    version: 'SIP/2.0',
    headers: parts.headers instanceof Headers ? parts.headers : headersOf(parts.headers),
    body: parts.body ?? emptyBody,
  }
}

export function headersOf(lines: Iterable<readonly [name: string, value: string]>): Headers {
  const headers = new Headers()
  for (const [name, value] of lines) headers.append(name, value)
  return headers
}

const copied = {
  via: headerName('via'),
  recordRoute: headerName('record-route'),
  from: headerName('from'),
  to: headerName('to'),
  callId: headerName('call-id'),
  cseq: headerName('cseq'),
}

/**
 * A response with what RFC 3261 §8.2.6 copies: the whole Via stack, From, To, Call-ID and CSeq, byte for byte; Timestamp in a 100;
 * Record-Route where it may create a dialog (§12.1.1: 101–299 to a request that can). `toTag` is added to a To that has none, except in a 100.
 * The response is the caller's own: add Contact, body and the rest to `headers`.
 */
export function responseTo(
  request: SipRequest,
  status: number,
  reason?: string,
  toTag?: string,
  body?: Uint8Array,
): SipResponse {
  const headers = new Headers()
  headers.copy(request.headers, copied.via)
  if (status > 100 && status < 300 && createsDialog(request.method)) headers.copy(request.headers, copied.recordRoute)
  headers.copy(request.headers, copied.from)
  headers.copy(request.headers, copied.to)
  headers.copy(request.headers, copied.callId)
  headers.copy(request.headers, copied.cseq)
  if (status === 100) headers.copy(request.headers, 'timestamp')
  const phrase = reason ?? reasonPhrase(status)
  const response: SipResponse = {
    kind: 'response',
    status,
    reason: phrase,
    version: 'SIP/2.0',
    headers,
    body: body ?? emptyBody,
  }
  if (toTag !== undefined && status > 100) {
    const current = to(request)
    if (current !== undefined && current.tag === undefined)
      headers.replaceFirst(copied.to, `${current.raw};tag=${toTag}`)
  }
  return response
}

/** RFC 3261 §12.1, 6665 §4.1, 3515 §2.4.6. */
function createsDialog(method: string): boolean {
  return method === 'INVITE' || method === 'SUBSCRIBE' || method === 'REFER' || method === 'NOTIFY'
}

/** The bytes to send. Content-Length is always written, last, from the body's real length. */
export function serialise(message: SipMessage): Buffer {
  const { body } = message
  const start =
    message.kind === 'request'
      ? `${encode(message.method)} ${encode(message.uri).replaceAll(' ', '%20')} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${encode(message.reason)}\r\n`
  const head = `${start}${message.headers.toWire()}Content-Length: ${body.length}\r\n\r\n`
  const bytes = Buffer.allocUnsafe(head.length + body.length)
  bytes.write(head, 0, 'latin1')
  if (body.length > 0) bytes.set(body, head.length)
  return bytes
}
