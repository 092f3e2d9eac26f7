import { via } from '../message/accessors.ts'
import type { SipRequest } from '../message/message.ts'
import type { Address } from './flow.ts'

/**
 * Notes in the top Via where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4): `received` if the sender asked for rport or
 * named another host, `rport` if it asked. What the sender itself wrote there is never believed.
 */
export function stampVia(request: SipRequest, source: Address): void {
  const top = via(request)
  if (top === undefined) return
  const wantsRport = top.wantsRport
  if (!wantsRport && top.host === source.host && top.received === undefined) return
  const line = request.headers.get('via') as string
  // The top value is the first of its line; others may follow it.
  const rest = line.length > top.raw.length ? line.slice(line.indexOf(top.raw) + top.raw.length) : ''
  const semicolon = top.raw.indexOf(';')
  const head = semicolon < 0 ? top.raw : top.raw.slice(0, semicolon)
  let params = semicolon < 0 ? '' : top.raw.slice(semicolon)
  if (wantsRport || top.received !== undefined)
    params = params.replace(/\s*;\s*(?:rport|received)(?:\s*=\s*[^;]*)?(?=;|$)/gi, '')
  const rport = wantsRport ? `;rport=${source.port}` : ''
  request.headers.replaceFirst('via', `${head}${params};received=${source.host}${rport}${rest}`)
}
