import { callId, from, type SipRequest, to } from '../../sip/index.ts'
import type { Offer } from '../../switchboard/ports.ts'
import { userOf } from './source.ts'

/** More of a caller's own headers than this nobody hands to an app. */
const customLimit = 32

/** An INVITE as an offer: who calls whom, in the words that routes and platforms use. */
export function offerOf(request: SipRequest, source: Offer['source']): Offer {
  const caller = from(request)
  const callee = to(request)
  const display = caller?.display
  const called = userOf(request.uri)
  return {
    network: 'sip',
    // The Request-URI says where the call is to go; To says what was once dialled.
    to: called === '' ? userOf(callee?.uri) : called,
    from: userOf(caller?.uri),
    ...(display === undefined || display === '' ? {} : { fromName: display }),
    toAddress: request.uri,
    fromAddress: caller?.uri ?? '',
    source,
    ids: { 'call-id': callId(request) ?? '' },
    headers: customHeaders(request),
  }
}

const isCustom = (name: string): boolean => /^(x-|user-to-user$|diversion$|p-asserted-identity$)/i.test(name)

function customHeaders(request: SipRequest): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of request.headers.matching(isCustom).slice(0, customLimit)) headers[name] ??= value
  return headers
}
