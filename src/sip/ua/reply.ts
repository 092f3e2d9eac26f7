import { reasons, to } from '../message/accessors.ts'
import { responseTo } from '../message/build.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import { allow } from './compose.ts'
import type { Farewell, HeaderLines } from './facts.ts'
import type { SessionHost } from './host.ts'

/** Builds a response with our product name and the given lines. `tag` goes into a To that has none. */
export function compose(
  host: SessionHost,
  request: SipRequest,
  status: number,
  tag: string | undefined,
  lines: HeaderLines,
  phrase?: string,
): SipResponse {
  const response = responseTo(request, status, phrase, tag)
  for (const [name, value] of lines) response.headers.append(name, value)
  if (host.product !== '') response.headers.append('Server', host.product)
  return response
}

const none: HeaderLines = []

/** A response without a body, to a request that no session owns or inside a dialog. */
export function reply(
  host: SessionHost,
  transaction: ServerTransaction,
  request: SipRequest,
  status: number,
  lines: HeaderLines = none,
  phrase?: string,
): void {
  // Inside a dialog To has its tag.
  const tag = to(request)?.tag === undefined ? host.layer.ids.tag() : undefined
  transaction.respond(compose(host, request, status, tag, lines, phrase))
}

/** RFC 3261 §11.2. */
export function replyOptions(host: SessionHost, transaction: ServerTransaction, request: SipRequest): void {
  reply(host, transaction, request, 200, [
    ['Contact', host.contact(transaction.flow)],
    ['Allow', allow],
    ['Accept', 'application/sdp'],
    ['Accept-Encoding', 'identity'],
    ['Accept-Language', 'en'],
    ['Supported', 'timer'],
  ])
}

/** RFC 3261 §14.2: "try again in 0 to 10 seconds". */
export function replyLater(host: SessionHost, transaction: ServerTransaction, request: SipRequest): void {
  reply(host, transaction, request, 500, [['Retry-After', String(host.layer.ids.below(11))]])
}

export function farewell(request: SipRequest): Farewell {
  return { reasons: reasons(request), raw: request.headers.all('reason'), request }
}
