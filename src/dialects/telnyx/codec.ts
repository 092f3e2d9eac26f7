import type { Cause } from '../../call/causes.ts'
import type { Actor, Codes, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import {
  causeOfWord,
  codecOf,
  idsOf,
  isoOf,
  momentOf,
  nothingHeard,
  objectAt,
  statusAt,
  statusToSay,
  textAt,
  valueOfWire,
  wordHeard,
} from '../neighbour.ts'
import { isObject, type JsonObject } from '../shape.ts'
import { heardActorOf } from '../sip/index.ts'
import { readTwilio } from '../twilio/codec.ts'

/** Values of `hangup_cause` (developers.telnyx.com/api-reference/callbacks/call-hangup). */
export const hangupCauses = [
  'call_rejected',
  'normal_clearing',
  'originator_cancel',
  'timeout',
  'time_limit',
  'user_busy',
  'not_found',
  'no_answer',
  'unspecified',
] as const
export type HangupCause = (typeof hangupCauses)[number]

export const heardCauses: Readonly<Record<HangupCause, Cause>> = {
  call_rejected: 'declined',
  normal_clearing: 'hangup',
  originator_cancel: 'cancelled',
  timeout: 'no-answer',
  time_limit: 'time-limit',
  user_busy: 'busy',
  not_found: 'not-found',
  no_answer: 'no-answer',
  unspecified: 'unknown',
}

/** `sip_hangup_cause` tells apart what one word covers. */
export const saidCauses: Readonly<Record<Cause, HangupCause>> = {
  hangup: 'normal_clearing',
  'script-end': 'normal_clearing',
  scheduled: 'normal_clearing',
  'time-limit': 'time_limit',
  cancelled: 'originator_cancel',
  'no-answer': 'no_answer',
  busy: 'user_busy',
  declined: 'call_rejected',
  unwanted: 'call_rejected',
  blocked: 'call_rejected',
  unavailable: 'no_answer',
  'not-found': 'not_found',
  incompatible: 'unspecified',
  'answered-elsewhere': 'originator_cancel',
  'declined-elsewhere': 'originator_cancel',
  transferred: 'normal_clearing',
  superseded: 'originator_cancel',
  'media-failed': 'unspecified',
  'media-lost': 'unspecified',
  'capture-failed': 'unspecified',
  'session-expired': 'unspecified',
  'no-ack': 'unspecified',
  'peer-gone': 'unspecified',
  'account-limit': 'unspecified',
  congestion: 'unspecified',
  'app-unreachable': 'unspecified',
  'app-invalid': 'unspecified',
  'app-failed': 'unspecified',
  'machine-detected': 'normal_clearing',
  'network-failed': 'unspecified',
  shutdown: 'unspecified',
  restarted: 'unspecified',
  error: 'unspecified',
  unknown: 'unspecified',
}

const tables = { heard: heardCauses, said: saidCauses, vague: ['unspecified'] as const }

/** An ending in Telnyx's words: a `call.hangup` event of Call Control. */
export type TelnyxHangup = Readonly<{
  data: Readonly<{
    record_type: 'event'
    event_type: 'call.hangup'
    payload: Readonly<{
      call_control_id?: string
      call_leg_id?: string
      call_session_id?: string
      connection_id?: string
      from?: string
      to?: string
      end_time: string
      state: 'hangup'
      hangup_cause: HangupCause
      hangup_source: 'caller' | 'callee' | 'unknown'
      sip_hangup_cause: string
    }>
  }>
}>

/**
 * Reads a `call.hangup` event (whole, or its payload), a TeXML status callback, or a bare cause. Writes the event.
 *
 * @example
 * codec.read({ data: { event_type: 'call.hangup', payload: { hangup_cause: 'time_limit', hangup_source: 'unknown' } } }, { at: 0 }).cause // 'time-limit'
 *
 * @example
 * codec.write({ cause: 'busy', actor: 'callee', phase: 'ringing', at: 0 }).data.payload.hangup_cause // 'user_busy'
 */
export const codec: EndingCodec<TelnyxHangup> = codecOf({ dialect: 'telnyx', read, write, identify })

function payloadOf(value: unknown): JsonObject {
  if (!isObject(value)) return {}
  const data = objectAt(value, 'data') ?? value
  return objectAt(data, 'payload') ?? data
}

function read(wire: unknown, context: ReadContext): Ending {
  const value = valueOfWire(wire)
  if (isObject(value) && textAt(value, 'CallStatus') !== undefined) return readTwilio('telnyx', wire, context)
  const payload = payloadOf(value)
  const given = typeof value === 'string' ? value : textAt(payload, 'hangup_cause')
  if (given === undefined) {
    const type = isObject(value) ? textAt(objectAt(value, 'data') ?? value, 'event_type') : undefined
    return nothingHeard('telnyx', wire, context, type === undefined ? 'no hangup cause' : `${type} ends no call`)
  }
  const sip = statusAt(payload, 'sip_hangup_cause')
  const cause = causeOfWord(given, tables, sip)
  const codes: Codes = { ...(sip === undefined ? {} : { sip }), platform: given }
  return {
    cause,
    actor: actorOf(payload, cause, given),
    phase: context.phase ?? phaseOf(given),
    at: momentOf(payload.end_time) ?? momentOf(payload.occurred_at) ?? context.at,
    codes,
    raw: { dialect: 'telnyx', value: wire },
  }
}

function actorOf(payload: JsonObject, cause: Cause, word: string): Actor {
  const { hangup_source: source } = payload
  if (source === 'caller' || source === 'callee') return source
  if (word === 'timeout' || word === 'time_limit') return 'timer'
  if (source === 'unknown') return 'unknown'
  if (word === 'originator_cancel') return 'caller'
  if (word === 'normal_clearing' || word === 'no_answer' || cause === 'unknown') return 'unknown'
  return heardActorOf(cause, 'callee')
}

function phaseOf(word: string): Phase {
  return word === 'normal_clearing' || word === 'time_limit' || word === 'unspecified' ? 'answered' : 'ringing'
}

const idNames = ['call_control_id', 'call_leg_id', 'call_session_id', 'connection_id', 'from', 'to'] as const

function identify(wire: unknown): Readonly<Record<string, string>> {
  return idsOf(payloadOf(valueOfWire(wire)), idNames)
}

function write(ending: Ending, context: WriteContext = {}): TelnyxHangup {
  const { cause, actor } = ending
  const plain = saidCauses[cause]
  // The dialling side's own limit has a word of its own.
  const usual = plain === 'no_answer' && cause === 'no-answer' && actor === 'timer' ? 'timeout' : plain
  const status = statusToSay('telnyx', ending, context)
  const heard = wordHeard('telnyx', ending, heardCauses)
  const word = heard !== undefined && causeOfWord(heard, tables, status) === cause ? heard : usual
  const said = status !== undefined && causeOfWord(word, tables, status) === cause
  return {
    data: {
      record_type: 'event',
      event_type: 'call.hangup',
      payload: {
        ...idsOf(context.ids, idNames),
        end_time: isoOf(ending.at),
        state: 'hangup',
        hangup_cause: word,
        hangup_source: actor === 'caller' || actor === 'callee' ? actor : 'unknown',
        sip_hangup_cause: said ? String(status) : 'unspecified',
      },
    },
  }
}
