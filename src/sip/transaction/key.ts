import { callId, cseq, from, via } from '../message/accessors.ts'
import type { SipRequest } from '../message/message.ts'
import type { Via } from '../message/via.ts'
import { magicCookie } from './identifiers.ts'

/**
 * Which server transaction a request belongs to (RFC 3261 §17.2.3): branch and sent-by of the top Via. The method is not part of the
 * key: INVITE, ACK and CANCEL share one map, every other method has its own prefix (`methodKey`).
 *
 * A Via without the magic cookie is a client of RFC 2543: then Request-URI, From tag, Call-ID, CSeq number and the whole Via must be
 * the same. The To tag is left out, because the ACK carries the one from our response.
 */
export function serverKey(request: SipRequest, top: Via): string {
  const { branch } = top
  if (branch?.startsWith(magicCookie)) {
    return flat(`${branch}|${top.host}:${top.port ?? ''}`)
  }
  return flat(
    `2543|${request.uri}|${from(request)?.tag ?? ''}|${callId(request) ?? ''}|${cseq(request)?.seq ?? ''}|${via(request)?.raw ?? ''}`,
  )
}

/** A request outside a dialog that came here by two ways (§8.2.2.2): same From tag, Call-ID and CSeq, another branch. */
export function mergeKey(request: SipRequest): string {
  const { seq, method } = cseq(request) ?? { seq: 0, method: '' }
  return flat(`${callId(request)}|${from(request)?.tag ?? ''}|${seq} ${method}`)
}

/**
 * The same text, in one piece of its own. A joined string holds on to its parts, and those to the whole message that they were cut from, for
 * as long as a transaction is remembered. Asked for a character, V8 joins them for good; the answer is used, or it would not ask.
 */
function flat(text: string): string {
  return text.charCodeAt(text.length - 1) === 0 ? '' : text
}
