import { type Cause, causeNames } from '../../call/causes.ts'
import type { Actor, Codes, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import { isObject, type JsonObject } from '../shape.ts'
import { causeOfStatus, heardActorOf } from '../sip/index.ts'
import { causeOf, type DisconnectCause, errorMessages, heardCauses, legacyCauses, saidCauses } from './causes.ts'
import { endingOfDocument } from './document-ending.ts'
import { readTime, writeTime } from './time.ts'
import { queryFields, wireKeys } from './webhooks.ts'

/** An ending in Bandwidth's words: a Disconnect event, with as much of it as the writer was told. */
export type BandwidthDisconnect = Readonly<{
  eventType: 'disconnect'
  accountId?: string
  applicationId?: string
  from?: string
  to?: string
  direction?: 'inbound' | 'outbound'
  callId?: string
  callUrl?: string
  endTime: string
  cause: DisconnectCause
  errorMessage?: string
  sipResponseCode?: number
  tag?: string
}>

/**
 * Reads a Disconnect event of any year, the ends of transfers and bridges, a REST call state, an Insights record, a hangup
 * of the first API, a BXML document (what it ends a call with), or a bare cause; as an object, JSON text, or the query of a GET. The event does not say who hung up,
 * so `hangup` is nobody's deed. Writes a Disconnect event.
 *
 * @example
 * codec.read({ eventType: 'disconnect', cause: 'timeout', errorMessage: 'Call was not answered' }, { at: 0 }).cause // 'no-answer'
 *
 * @example
 * codec.write({ cause: 'busy', actor: 'callee', phase: 'ringing', at: 0 }) // { eventType: 'disconnect', endTime: '1970-01-01T00:00:00.000Z', cause: 'busy', errorMessage: 'Callee is busy' }
 */
export const codec: EndingCodec<BandwidthDisconnect> = {
  dialect: 'bandwidth',
  read(wire, context) {
    if (typeof wire === 'string' && /^[\s\uFEFF]*</.test(wire)) {
      return { ...endingOfDocument(wire, context), raw: { dialect: 'bandwidth', value: wire } }
    }
    const value = decoded(wire)
    if (typeof value === 'string') return endingOf(value, undefined, undefined, wire, undefined, context)
    if (!isObject(value)) return nothing(wire, context, 'no event')
    return readEvent(wireKeys(value), wire, context)
  },
  write,
  says: Object.fromEntries(causeNames.map((cause) => [cause, heardCauses[saidCauses[cause]]])) as Record<Cause, Cause>,
  identify,
}

function decoded(wire: unknown): unknown {
  if (typeof wire !== 'string') return wire
  const first = wire.charCodeAt(0)
  if (first === 123 || /^\s*[[{]/.test(wire)) {
    try {
      return JSON.parse(wire)
    } catch {
      return undefined
    }
  }
  return queryFields(wire) ?? wire.trim()
}

/** Events that end a leg by their type; the others do so only if they carry a cause. */
const ending: ReadonlySet<unknown> = new Set(['disconnect', 'transferDisconnect', 'transferComplete', 'bridgeComplete'])

function readEvent(event: JsonObject, wire: unknown, context: ReadContext): Ending {
  const { eventType, cause } = event
  if (eventType === 'hangup' || (eventType === 'timeout' && cause === undefined))
    return readLegacy(event, wire, context)
  if (event.hangUpSource !== undefined) return readInsights(event, wire, context)
  const said = cause ?? event.disconnectCause
  if (said === undefined || (eventType !== undefined && !ending.has(eventType))) {
    return nothing(wire, context, typeof eventType === 'string' ? `${eventType} ends no call` : 'no cause')
  }
  return endingOf(said, numeric(event.sipResponseCode), event.errorMessage, wire, event, context)
}

/** The query of a GET carries numbers as text. */
function numeric(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : undefined
}

function endingOf(
  said: unknown,
  sip: number | undefined,
  message: unknown,
  wire: unknown,
  event: JsonObject | undefined,
  context: ReadContext,
): Ending {
  const cause = causeOf(said, sip, message)
  const code = sip !== undefined && sip >= 100 && sip <= 699 ? sip : undefined
  const detail = typeof message === 'string' && message !== '' ? message : undefined
  const codes: Codes = {
    ...(code === undefined ? {} : { sip: code }),
    ...(typeof said === 'string' ? { platform: said } : {}),
  }
  return {
    cause,
    actor: actorOf(said, cause, code, event, context),
    phase: phaseOf(said, event, context),
    at: (event === undefined ? undefined : (readTime(event.endTime) ?? readTime(event.eventTime))) ?? context.at,
    ...(detail === undefined ? {} : { detail }),
    codes,
    raw: { dialect: 'bandwidth', value: wire },
  }
}

function actorOf(
  said: unknown,
  cause: Cause,
  code: number | undefined,
  event: JsonObject | undefined,
  context: ReadContext,
): Actor {
  switch (said) {
    case 'busy':
    case 'rejected':
      // With a code that a person did not say (404, 608), the network.
      return heardActorOf(cause, 'callee')
    case 'timeout':
      // With a code, the network gave up; without one, the call's own callTimeout passed.
      return code === undefined ? 'timer' : 'network'
    case 'cancel': {
      // The originator of an outgoing call is the API. A transferred leg may also have lost a race: unknown.
      if (event?.eventType === 'transferDisconnect') return 'unknown'
      const outgoing = event?.direction ?? (context.direction === 'in' ? 'inbound' : context.direction && 'outbound')
      return outgoing === 'inbound' ? 'caller' : outgoing === 'outbound' ? 'api' : 'unknown'
    }
    case 'callback-error':
    case 'invalid-bxml':
    case 'application-error':
    case 'account-limit':
    case 'node-capacity-exceeded':
      return 'platform'
    default:
      return 'unknown'
  }
}

const beforeAnswer: ReadonlySet<unknown> = new Set(['busy', 'timeout', 'cancel', 'rejected'])
const beforeRinging: ReadonlySet<unknown> = new Set(['account-limit', 'node-capacity-exceeded'])

/** `answerTime` is there if it was answered. A whole event without one says that it was not. */
function phaseOf(said: unknown, event: JsonObject | undefined, context: ReadContext): Phase {
  if (typeof event?.answerTime === 'string') return 'answered'
  if (context.phase !== undefined) return context.phase
  if (beforeAnswer.has(said)) return 'ringing'
  if (beforeRinging.has(said)) return 'offered'
  const whole = event?.eventType === 'disconnect' && event.startTime !== undefined && event.endTime !== undefined
  return whole ? 'ringing' : 'answered'
}

function readLegacy(event: JsonObject, wire: unknown, context: ReadContext): Ending {
  const { cause } = event
  const said = event.eventType === 'timeout' ? 'NO_ANSWER' : cause
  const known = typeof said === 'string' && Object.hasOwn(legacyCauses, said) ? legacyCauses[said] : undefined
  return {
    cause: known ?? 'unknown',
    actor: 'unknown',
    phase: context.phase ?? (known === undefined || known === 'hangup' ? 'answered' : 'ringing'),
    at: readTime(event.time) ?? context.at,
    ...(typeof cause === 'string' ? { codes: { platform: cause } } : {}),
    raw: { dialect: 'bandwidth', value: wire },
  }
}

const sources: Readonly<Record<string, Actor>> = {
  CALLING_PARTY: 'caller',
  CALLED_PARTY: 'callee',
  BANDWIDTH_INTERNAL: 'platform',
}

/** The Insights API knows who hung up; its code is -1 where it knows none. */
function readInsights(event: JsonObject, wire: unknown, context: ReadContext): Ending {
  const complete = event.callResult === 'COMPLETE'
  const code = typeof event.sipResponseCode === 'number' ? event.sipResponseCode : undefined
  const source = event.hangUpSource
  const sip = code !== undefined && code >= 100 && code <= 699 ? code : undefined
  const text = typeof event.sipResponseDescription === 'string' ? event.sipResponseDescription : undefined
  const codes: Codes = { ...(sip === undefined ? {} : { sip }), ...(text === undefined ? {} : { text }) }
  return {
    cause: complete ? 'hangup' : sip === undefined ? 'unknown' : causeOfStatus(sip),
    actor: (typeof source === 'string' && Object.hasOwn(sources, source) ? sources[source] : undefined) ?? 'unknown',
    phase: context.phase ?? (complete ? 'answered' : 'ringing'),
    at: readTime(event.endTime) ?? context.at,
    ...(Object.keys(codes).length === 0 ? {} : { codes }),
    raw: { dialect: 'bandwidth', value: wire },
  }
}

function nothing(wire: unknown, { at, phase }: ReadContext, detail: string): Ending {
  const raw = { dialect: 'bandwidth', value: wire } as const
  return { cause: 'unknown', actor: 'unknown', phase: phase ?? 'offered', at, detail, raw }
}

const idKeys = ['accountId', 'applicationId', 'from', 'to', 'callId', 'callUrl', 'tag'] as const

/** Identifiers of the call that an event is about, in the event's own names. */
function identify(wire: unknown): Readonly<Record<string, string>> {
  const value = decoded(wire)
  if (!isObject(value)) return {}
  const event = wireKeys(value)
  const ids: Record<string, string> = {}
  for (const key of idKeys) if (typeof event[key] === 'string') ids[key] = event[key]
  return ids
}

/** A heard sentence is kept while its cause is; otherwise the cause's own. */
function messageFor(ending: Ending, cause: DisconnectCause): string | undefined {
  if (cause === 'hangup') return undefined
  const heard = ending.raw?.dialect === 'bandwidth' && ending.codes?.platform === cause ? ending.detail : undefined
  return heard ?? errorMessages[cause]
}

function write(ending: Ending, context: WriteContext = {}): BandwidthDisconnect {
  const cause = saidCauses[ending.cause]
  const { direction, ids = {}, phase = ending.phase } = context
  const message = messageFor(ending, cause)
  const sip = ending.codes?.sip
  // Only a refused outgoing call has a code, and only one that still says the same.
  const refused = direction !== 'in' && phase !== 'answered' && cause !== 'hangup' && sip !== undefined && sip >= 300
  const code = refused && causeOf(cause, sip) === ending.cause && causeOfStatus(sip) === ending.cause ? sip : undefined
  const { accountId, applicationId, from, to, callId, callUrl, tag } = ids
  return {
    eventType: 'disconnect',
    ...(accountId === undefined ? {} : { accountId }),
    ...(applicationId === undefined ? {} : { applicationId }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(direction === undefined ? {} : { direction: direction === 'in' ? 'inbound' : 'outbound' }),
    ...(callId === undefined ? {} : { callId }),
    ...(callUrl === undefined ? {} : { callUrl }),
    endTime: writeTime(ending.at),
    cause,
    ...(message === undefined ? {} : { errorMessage: message }),
    ...(code === undefined ? {} : { sipResponseCode: code }),
    ...(tag === undefined ? {} : { tag }),
  }
}
