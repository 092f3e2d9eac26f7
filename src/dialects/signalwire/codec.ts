import type { Cause } from '../../call/causes.ts'
import type { Actor, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import { codecOf, idsOf, nothingHeard, objectAt, textAt, valueOfWire } from '../neighbour.ts'
import { isObject, type JsonObject } from '../shape.ts'
import { identifyTwilio, readTwilio } from '../twilio/codec.ts'

/** Values of `end_reason` (developer.signalwire.com, Relay "DisconnectReason"); `failed` is in older clients only. */
export const endReasons = ['hangup', 'cancel', 'busy', 'noAnswer', 'decline', 'error'] as const
export type EndReason = (typeof endReasons)[number]

export const heardReasons: Readonly<Record<EndReason | 'failed', Cause>> = {
  hangup: 'hangup',
  cancel: 'cancelled',
  busy: 'busy',
  noAnswer: 'no-answer',
  decline: 'declined',
  error: 'error',
  failed: 'error',
}

export const saidReasons: Readonly<Record<Cause, EndReason>> = {
  hangup: 'hangup',
  'script-end': 'hangup',
  scheduled: 'hangup',
  'time-limit': 'hangup',
  cancelled: 'cancel',
  'no-answer': 'noAnswer',
  busy: 'busy',
  declined: 'decline',
  unwanted: 'decline',
  blocked: 'decline',
  unavailable: 'noAnswer',
  'not-found': 'error',
  incompatible: 'error',
  'answered-elsewhere': 'cancel',
  'declined-elsewhere': 'cancel',
  transferred: 'hangup',
  superseded: 'cancel',
  'media-failed': 'error',
  'media-lost': 'error',
  'capture-failed': 'error',
  'session-expired': 'error',
  'no-ack': 'error',
  'peer-gone': 'error',
  'account-limit': 'error',
  congestion: 'error',
  'app-unreachable': 'error',
  'app-invalid': 'error',
  'app-failed': 'error',
  'machine-detected': 'hangup',
  'network-failed': 'error',
  shutdown: 'error',
  restarted: 'error',
  error: 'error',
  unknown: 'error',
}

/** An ending in SignalWire's words: the last state event of a Relay call. */
export type SignalWireEvent = Readonly<{
  event_type: 'calling.call.state'
  params: Readonly<{
    call_id?: string
    node_id?: string
    tag?: string
    call_state: 'ended'
    end_reason: EndReason
  }>
}>

/**
 * Reads a Relay `calling.call.state` (whole JSON-RPC notification, event, or its params), a status callback of the
 * compatibility API, a SWML `hangup`, or a bare reason. Writes the state event.
 *
 * @example
 * codec.read({ event_type: 'calling.call.state', params: { call_state: 'ended', end_reason: 'noAnswer' } }, { at: 0 }).cause // 'no-answer'
 *
 * @example
 * codec.write({ cause: 'busy', actor: 'callee', phase: 'ringing', at: 0 }).params.end_reason // 'busy'
 */
export const codec: EndingCodec<SignalWireEvent> = codecOf({ dialect: 'signalwire', read, write, identify })

/** The innermost params: the notification wraps the event, and the event the call's state. */
function paramsOf(value: unknown): JsonObject {
  let params = isObject(value) ? value : {}
  for (let depth = 0; depth < 3 && params.call_state === undefined && params.end_reason === undefined; depth++) {
    const inner = objectAt(params, 'params')
    if (inner === undefined) break
    params = inner
  }
  return params
}

function read(wire: unknown, context: ReadContext): Ending {
  const value = valueOfWire(wire)
  if (isObject(value) && textAt(value, 'CallStatus', 'DialCallStatus') !== undefined) {
    return readTwilio('signalwire', wire, context)
  }
  const params = paramsOf(value)
  const script = isObject(value) ? objectAt(value, 'hangup') : undefined
  const given =
    typeof value === 'string'
      ? value
      : (textAt(params, 'end_reason') ?? (script === undefined ? undefined : (textAt(script, 'reason') ?? 'hangup')))
  const { call_state: state } = params
  if (given === undefined || (typeof state === 'string' && state !== 'ended' && state !== 'ending')) {
    return nothingHeard('signalwire', wire, context, typeof state === 'string' ? `${state} ends no call` : 'no reason')
  }
  const cause = Object.hasOwn(heardReasons, given) ? heardReasons[given as EndReason] : 'unknown'
  return {
    cause,
    actor: script === undefined ? actorOf(given, params) : 'app',
    phase: context.phase ?? phaseOf(cause),
    at: context.at,
    codes: { platform: given },
    raw: { dialect: 'signalwire', value: wire },
  }
}

function actorOf(word: string, params: JsonObject): Actor {
  if (word === 'busy' || word === 'decline') return 'callee'
  return word === 'cancel' && params.direction === 'inbound' ? 'caller' : 'unknown'
}

function phaseOf(cause: Cause): Phase {
  if (cause === 'hangup' || cause === 'unknown') return 'answered'
  return cause === 'error' ? 'offered' : 'ringing'
}

const idNames = ['call_id', 'node_id', 'tag'] as const

function identify(wire: unknown): Readonly<Record<string, string>> {
  const value = valueOfWire(wire)
  return { ...identifyTwilio(value), ...idsOf(paramsOf(value), idNames) }
}

function write(ending: Ending, context: WriteContext = {}): SignalWireEvent {
  return {
    event_type: 'calling.call.state',
    params: { ...idsOf(context.ids, idNames), call_state: 'ended', end_reason: saidReasons[ending.cause] },
  }
}
