import type { Cause } from '../../call/causes.ts'
import type { Actor, Codes, Dialect, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import {
  causeOfWord,
  codecOf,
  idsOf,
  momentOf,
  nothingHeard,
  statusAt,
  statusToSay,
  textAt,
  valueOfWire,
  wordHeard,
} from '../neighbour.ts'
import { isObject, type JsonObject } from '../shape.ts'
import { heardActorOf } from '../sip/index.ts'

/** Final values of `CallStatus` (twilio.com/docs/voice/api/call-resource, "Call Status Values"). */
export const callStatuses = ['completed', 'busy', 'no-answer', 'canceled', 'failed'] as const
export type CallStatus = (typeof callStatuses)[number]

export const heardStatuses: Readonly<Record<CallStatus, Cause>> = {
  completed: 'hangup',
  busy: 'busy',
  'no-answer': 'no-answer',
  canceled: 'cancelled',
  failed: 'error',
}

/** Any end of an answered call is `completed`; what failed before is told apart by `SipResponseCode` alone. */
export const saidStatuses: Readonly<Record<Cause, CallStatus>> = {
  hangup: 'completed',
  'script-end': 'completed',
  scheduled: 'completed',
  'time-limit': 'completed',
  cancelled: 'canceled',
  'no-answer': 'no-answer',
  busy: 'busy',
  declined: 'busy',
  unwanted: 'busy',
  blocked: 'failed',
  unavailable: 'no-answer',
  'not-found': 'failed',
  incompatible: 'failed',
  'answered-elsewhere': 'no-answer',
  'declined-elsewhere': 'no-answer',
  transferred: 'completed',
  superseded: 'canceled',
  'media-failed': 'completed',
  'media-lost': 'completed',
  'capture-failed': 'completed',
  'session-expired': 'completed',
  'no-ack': 'failed',
  'peer-gone': 'completed',
  'account-limit': 'failed',
  congestion: 'failed',
  'app-unreachable': 'failed',
  'app-invalid': 'failed',
  'app-failed': 'failed',
  'machine-detected': 'completed',
  'network-failed': 'failed',
  shutdown: 'failed',
  restarted: 'failed',
  error: 'failed',
  unknown: 'failed',
}

const tables = { heard: heardStatuses, said: saidStatuses, vague: ['failed'] as const }

/** An ending in Twilio's words: fields of a status callback. */
export type TwilioStatus = Readonly<{
  CallSid?: string
  AccountSid?: string
  From?: string
  To?: string
  CallStatus: CallStatus
  SipResponseCode?: string
}>

/**
 * Reads a status callback, the callback of a `<Dial>`, a call resource of the REST API, or a bare status; form-encoded,
 * as JSON, or as an object. Who hung up is not in them. Writes a status callback.
 *
 * @example
 * codec.read('CallSid=CA1&CallStatus=busy&SipResponseCode=486', { at: 0 }).cause // 'busy'
 *
 * @example
 * codec.write({ cause: 'declined', actor: 'callee', phase: 'ringing', at: 0 }) // { CallStatus: 'busy', SipResponseCode: '603' }
 */
export const codec: EndingCodec<TwilioStatus> = codecOf({
  dialect: 'twilio',
  read: (wire, context) => readTwilio('twilio', wire, context),
  write: writeTwilio,
  identify: (wire) => identifyTwilio(wire),
  text: (wire) => new URLSearchParams(wire as Record<string, string>).toString(),
})

/** Also of those who speak Twilio's words beside their own (TeXML, the compatibility API), which may say who hung up. */
export function readTwilio(dialect: Dialect, wire: unknown, context: ReadContext): Ending {
  const value = valueOfWire(wire)
  const bag = isObject(value) ? value : {}
  // The callback of a Dial has both: of the call that goes on, and of the one that was dialled and has ended.
  const given = typeof value === 'string' ? value : textAt(bag, 'DialCallStatus', 'CallStatus', 'status', 'Status')
  if (given === undefined) return nothingHeard(dialect, wire, context, 'no status')
  const status = given.toLowerCase()
  // A Dial whose callee was put into a conference says `answered`.
  const word = bag.DialCallStatus !== undefined && status === 'answered' ? 'completed' : status
  if (!Object.hasOwn(heardStatuses, word)) return nothingHeard(dialect, wire, context, `${given} ends no call`)
  const sip = statusAt(bag, 'DialSipResponseCode', 'SipResponseCode')
  const cause = failedApp(bag, word) ?? causeOfWord(word, tables, sip)
  const codes: Codes = { ...(sip === undefined ? {} : { sip }), platform: word }
  const detail = textAt(bag, 'ErrorMessage', 'error_message')
  return {
    cause,
    actor: actorOf(bag, cause, word, context),
    phase: context.phase ?? phaseOf(word),
    at: momentOf(textAt(bag, 'Timestamp', 'end_time', 'EndTime')) ?? context.at,
    ...(detail === undefined ? {} : { detail }),
    codes,
    raw: { dialect, value: wire },
  }
}

/** Error codes 11200 to 11299 are of fetching the document, 12100 to 12999 of what it held (twilio.com/docs/api/errors). */
function failedApp(bag: JsonObject, word: string): Cause | undefined {
  if (word !== 'failed') return undefined
  const given = bag.ErrorCode ?? bag.error_code
  const code = typeof given === 'number' || typeof given === 'string' ? Number(given) : Number.NaN
  if (code >= 11_200 && code < 11_300) return 'app-unreachable'
  return code >= 12_100 && code < 13_000 ? 'app-invalid' : undefined
}

function actorOf(bag: JsonObject, cause: Cause, word: string, context: ReadContext): Actor {
  const source = textAt(bag, 'HangupSource')?.toLowerCase()
  if (source === 'caller' || source === 'callee') return source
  if (cause === 'app-unreachable' || cause === 'app-invalid') return 'platform'
  const outgoing = textAt(bag, 'Direction')?.toLowerCase() ?? (context.direction === 'in' ? 'inbound' : '')
  if (word === 'canceled') return outgoing === 'inbound' ? 'caller' : outgoing === 'outbound-api' ? 'api' : 'unknown'
  if (word === 'completed' || word === 'no-answer') return 'unknown'
  return cause === 'error' ? 'unknown' : heardActorOf(cause, 'callee')
}

function phaseOf(word: string): Phase {
  return word === 'completed' ? 'answered' : word === 'failed' ? 'offered' : 'ringing'
}

const idNames = ['CallSid', 'AccountSid', 'From', 'To'] as const

export function identifyTwilio(wire: unknown): Readonly<Record<string, string>> {
  const value = valueOfWire(wire)
  return isObject(value) ? idsOf({ CallSid: value.sid, AccountSid: value.account_sid, ...value }, idNames) : {}
}

export function writeTwilio(ending: Ending, context: WriteContext = {}): TwilioStatus {
  const status = statusToSay('twilio', ending, context)
  const heard = wordHeard('twilio', ending, heardStatuses)
  const word =
    heard !== undefined && causeOfWord(heard, tables, status) === ending.cause ? heard : saidStatuses[ending.cause]
  const said = status !== undefined && word !== 'completed' && causeOfWord(word, tables, status) === ending.cause
  return {
    ...idsOf(context.ids, idNames),
    CallStatus: word,
    ...(said ? { SipResponseCode: String(status) } : {}),
  }
}
