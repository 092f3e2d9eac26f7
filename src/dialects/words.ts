import type { Cause } from '../call/causes.ts'
import type { Dialect, Ending } from '../call/ending.ts'
import type { WriteContext } from './dialect.ts'
import { codecs } from './index.ts'
import { sipSays } from './sip/index.ts'

/** Names of the dialects as people write them. */
export const dialectTitles: Readonly<Record<Dialect, string>> = {
  sip: 'SIP',
  matrix: 'Matrix',
  whatsapp: 'WhatsApp',
  chime: 'Chime',
  bandwidth: 'Bandwidth',
  vobiz: 'Vobiz',
  plivo: 'Plivo',
  twilio: 'Twilio',
  telnyx: 'Telnyx',
  vonage: 'Vonage',
  signalwire: 'SignalWire',
  'whatsapp-cloud': 'WhatsApp Cloud',
}

/**
 * The word for a cause in a dialect, short, for tables; the whole value is what its codec writes. SIP has three: the
 * final response, the Reason of the CANCEL, and the Reason of the BYE.
 *
 * @example
 * wordFor('vobiz', 'busy') // '3010 USER_BUSY'
 */
export function wordFor(dialect: Dialect, cause: Cause, vocabulary?: string): string {
  const context: WriteContext = vocabulary === undefined ? {} : { vocabulary }
  return renderers[dialect](cause, context)
}

/** Some dialects say more of a call that was not answered; the causes of such calls are told there. */
function before(cause: Cause): WriteContext {
  return sipSays[cause].usual === 'bye' ? { phase: 'answered' } : { phase: 'ringing' }
}

type Renderer = (cause: Cause, context: WriteContext) => string

const plain = (cause: Cause): Ending => ({ cause, actor: 'unknown', phase: 'answered', at: 0 })

const renderers: Readonly<Record<Dialect, Renderer>> = {
  sip(cause) {
    const refused = codecs.sip.write(plain(cause), { phase: 'ringing', direction: 'in' })
    const withdrawn = codecs.sip.write(plain(cause), { phase: 'ringing', direction: 'out' })
    const left = codecs.sip.write(plain(cause), { phase: 'answered' })
    const status = refused.message === 'response' ? String(refused.status) : '–'
    return [status, reasonsOf(withdrawn.reasons), reasonsOf(left.reasons)].join(' · ')
  },
  matrix(cause, context) {
    const { type, content } = codecs.matrix.write(plain(cause), context)
    const reason = 'reason' in content ? content.reason : undefined
    if (type === 'm.call.hangup') return reason ?? '(none)'
    return type.slice('m.call.'.length)
  },
  whatsapp(cause, context) {
    const { content } = codecs.whatsapp.write(plain(cause), context)
    const child = Array.isArray(content) ? content[0] : undefined
    return child?.attrs.reason ?? '(none)'
  },
  chime: (cause) => codecs.chime.write(plain(cause)).Parameters.SipResponseCode,
  vobiz: (cause) => hangupWords(codecs.vobiz.write(plain(cause))),
  plivo: (cause) => hangupWords(codecs.plivo.write(plain(cause))),
  bandwidth: (cause) => codecs.bandwidth.write(plain(cause)).cause,
  twilio(cause) {
    const { CallStatus, SipResponseCode } = codecs.twilio.write(plain(cause), before(cause))
    return SipResponseCode === undefined ? CallStatus : `${CallStatus} ${SipResponseCode}`
  },
  telnyx(cause) {
    const { hangup_cause, sip_hangup_cause } = codecs.telnyx.write(plain(cause), before(cause)).data.payload
    return /^\d/.test(sip_hangup_cause ?? '') ? `${hangup_cause} ${sip_hangup_cause}` : hangup_cause
  },
  vonage(cause) {
    const { status, detail } = codecs.vonage.write(plain(cause), before(cause))
    return detail === undefined ? status : `${status} ${detail}`
  },
  signalwire: (cause) => codecs.signalwire.write(plain(cause)).params.end_reason,
  'whatsapp-cloud'(cause) {
    const event = codecs['whatsapp-cloud'].write(plain(cause), before(cause))
    const [error] = 'errors' in event ? (event.errors ?? []) : []
    return error === undefined ? event.status : `${event.status} ${error.code}`
  },
}

function hangupWords({ HangupCauseCode, HangupCause }: { HangupCauseCode: string; HangupCause: string }): string {
  return HangupCause === '' ? HangupCauseCode : `${HangupCauseCode} ${HangupCause}`
}

/** `Q.850;cause=16;text="Max duration"` is `Q.850;16 "Max duration"`; several are joined by a plus. */
function reasonsOf(reasons: readonly string[] | undefined): string {
  if (reasons === undefined || reasons.length === 0) return '–'
  return reasons.map((reason) => reason.replace(/\s*;\s*cause=/i, ';').replace(/\s*;\s*text=/i, ' ')).join(' + ')
}
