import { cseq } from '../message/accessors.ts'
import { request as buildRequest } from '../message/build.ts'
import { Headers } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'

/** The ACK to a 300–699, which belongs to the INVITE's own transaction (RFC 3261 §17.1.1.3): To comes from the response. */
export function ackFor(invite: SipRequest, response: SipResponse): SipRequest {
  const headers = new Headers()
  headers.append('Via', invite.headers.all('via')[0] ?? '')
  headers.append('Max-Forwards', '70')
  headers.copy(invite.headers, 'Route')
  headers.copy(invite.headers, 'From')
  headers.copy(response.headers, 'To')
  headers.copy(invite.headers, 'Call-ID')
  headers.append('CSeq', `${cseq(invite)?.seq ?? 0} ACK`)
  return buildRequest({ method: 'ACK', uri: invite.uri, headers })
}

/**
 * The CANCEL of an INVITE (§9.1): everything that matters is copied, also the To without a tag, whatever responses have said since.
 * `reasons` is the value of its Reason header.
 */
export function cancelFor(invite: SipRequest, reasons: string | undefined): SipRequest {
  const headers = new Headers()
  headers.append('Via', invite.headers.all('via')[0] ?? '')
  headers.append('Max-Forwards', '70')
  headers.copy(invite.headers, 'Route')
  headers.copy(invite.headers, 'From')
  headers.copy(invite.headers, 'To')
  headers.copy(invite.headers, 'Call-ID')
  headers.append('CSeq', `${cseq(invite)?.seq ?? 0} CANCEL`)
  if (reasons !== undefined && reasons !== '') headers.append('Reason', reasons)
  return buildRequest({ method: 'CANCEL', uri: invite.uri, headers })
}
