import { via } from '../message/accessors.ts'
import type { SipRequest } from '../message/message.ts'
import { indexOutside } from '../message/scan.ts'
import type { Address, Flow, Transport, TransportName } from './flow.ts'

/**
 * Notes in the top Via where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4): `received` if the sender asked for rport or
 * named another host, `rport` if it asked. What the sender itself wrote there is never believed.
 */
export function stampVia(request: SipRequest, source: Address): void {
  const top = via(request)
  if (top === undefined) return
  const wantsRport = top.wantsRport
  if (!wantsRport && unbracketed(top.host) === source.host && top.received === undefined) return
  const line = request.headers.get('via') as string
  // The top value is the first of its line; others may follow it.
  const rest = line.length > top.raw.length ? line.slice(line.indexOf(top.raw) + top.raw.length) : ''
  const stamp = wantsRport ? `;received=${source.host};rport=${source.port}` : `;received=${source.host}`
  request.headers.replaceFirst('via', `${withoutStamps(top.raw)}${stamp}${rest}`)
}

/** The Via value without its `received` and `rport`. */
function withoutStamps(raw: string): string {
  let start = raw.indexOf(';')
  if (start < 0) return raw
  let kept = raw.slice(0, start)
  while (start < raw.length) {
    let end = indexOutside(raw, 0x3b, start + 1)
    if (end < 0) end = raw.length
    const param = raw.slice(start, end)
    if (!isStamp(param)) kept += param
    start = end
  }
  return kept
}

function isStamp(param: string): boolean {
  const equals = param.indexOf('=')
  const name = (equals < 0 ? param.slice(1) : param.slice(1, equals)).trim().toLowerCase()
  return name === 'rport' || name === 'received'
}

/**
 * The flow for responses to a request (RFC 3261 §18.2.2, RFC 3581 §4): on a stream the same connection, or a new one to the sender if it
 * is gone; over UDP back to where it came from if rport was asked for, else to the port the Via names. A `maddr` is not followed: it would
 * let anybody aim our responses.
 */
export function returnFlow(request: SipRequest, flow: Flow, transport: Transport): Flow {
  const sameWay = flow.reliable ? flow.open : via(request)?.wantsRport
  return sameWay === true ? flow : sentByFlow(request, flow, transport)
}

/** The flow to where the request came from, at the port that its Via names (sent-by): for a stream whose connection is gone. */
export function sentByFlow(request: SipRequest, flow: Flow, transport: Transport): Flow {
  const top = via(request)
  if (top === undefined) return flow
  const port = top.port ?? defaultPort(flow.transport)
  return port === flow.remote.port ? flow : transport.flowTo({ host: flow.remote.host, port }, 'response')
}

export function defaultPort(transport: TransportName): number {
  return transport === 'TLS' ? 5061 : 5060
}

export function unbracketed(host: string): string {
  return host.charCodeAt(0) === 0x5b ? host.slice(1, -1) : host
}
