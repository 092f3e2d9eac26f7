import type { Dialog } from '../dialog/dialog.ts'
import { contentType } from '../message/accessors.ts'
import { request as buildRequest } from '../message/build.ts'
import { Headers } from '../message/headers.ts'
import { emptyBody, type SipMessage, type SipRequest, type SipResponse } from '../message/message.ts'
import { parseNameAddr } from '../message/name-addr.ts'
import { parseUri } from '../message/uri.ts'
import type { IntakeRules } from '../transport/intake.ts'
import type { HeaderLines } from './facts.ts'

/** Methods that we implement: Allow, and the rules of the intake. */
export const methods: readonly string[] = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'INFO',
  'UPDATE',
  'REFER',
  'NOTIFY',
  'REGISTER',
]

/** What we let a peer use inside a call. */
export const allow = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, NOTIFY'

export const sdpType = 'application/sdp'

export type RequestBody = Readonly<{ type: string; text: string }>

/** A request inside a dialog (RFC 3261 §12.2.1.1), with loose or strict routing as the first Route asks. */
export function dialogRequest(
  dialog: Dialog,
  method: string,
  seq: number,
  via: string,
  contact: string | undefined,
  lines: HeaderLines,
  body: RequestBody | undefined,
): SipRequest {
  const headers = new Headers()
  headers.append('Via', via)
  headers.append('Max-Forwards', '70')
  const uri = routeInto(headers, dialog)
  headers.append('From', dialog.local)
  headers.append('To', dialog.remote)
  headers.append('Call-ID', dialog.callId)
  headers.append('CSeq', `${seq} ${method}`)
  if (contact !== undefined) headers.append('Contact', contact)
  for (const [name, value] of lines) headers.append(name, value)
  if (body === undefined) return buildRequest({ method, uri, headers })
  headers.append('Content-Type', body.type)
  return buildRequest({ method, uri, headers, body: Buffer.from(body.text, 'utf8') })
}

/** Writes the Route lines; returns the Request-URI. A first hop without `lr` becomes the Request-URI, and the target goes last. */
function routeInto(headers: Headers, dialog: Dialog): string {
  const { routes, target } = dialog
  const first = routes[0]
  if (first === undefined) return target
  const hop = parseNameAddr(first)?.uri ?? ''
  if (isLoose(hop)) {
    for (const route of routes) headers.append('Route', route)
    return target
  }
  for (const route of routes.slice(1)) headers.append('Route', route)
  headers.append('Route', `<${target}>`)
  return hop
}

function isLoose(uri: string): boolean {
  const parsed = parseUri(uri)
  return (parsed?.scheme === 'sip' || parsed?.scheme === 'sips') && parsed.params.has('lr')
}

/** The session description of a message, or of the first part that has one (RFC 5621); undefined if there is none. */
export function sdpOf(message: SipMessage): string | undefined {
  const { body } = message
  if (body.length === 0) return undefined
  const type = contentType(message)
  if (type === sdpType) return textOf(body)
  if (type?.startsWith('multipart/') !== true) return undefined
  const boundary = /boundary="?([^";]+)"?/i.exec(message.headers.get('content-type') ?? '')?.[1]
  if (boundary === undefined) return undefined
  for (const part of textOf(body).split(`--${boundary}`)) {
    const split = part.indexOf('\r\n\r\n')
    if (split >= 0 && /content-type\s*:\s*application\/sdp/i.test(part.slice(0, split))) {
      return part.slice(split + 4).replace(/\r\n$/, '')
    }
  }
  return undefined
}

export function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}

/** Adds a session description to a message under construction. */
export function sdpBody(headers: Headers, sdp: string | undefined): Uint8Array {
  if (sdp === undefined) return emptyBody
  headers.append('Content-Type', sdpType)
  return Buffer.from(sdp, 'utf8')
}

/** A response with another body: messages are immutable but for their headers. */
export function withBody(response: SipResponse, sdp: string | undefined): SipResponse {
  return sdp === undefined ? response : { ...response, body: sdpBody(response.headers, sdp) }
}

/** What the transports shall let through: everything else is refused without state (RFC 3261 §8.2). */
export const requestRules: IntakeRules = { methods, extensions: ['timer'] }
