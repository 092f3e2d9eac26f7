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
  statusAt,
  textAt,
  valueOfWire,
} from '../neighbour.ts'
import { isObject, type JsonObject } from '../shape.ts'
import { heardActorOf } from '../sip/index.ts'

/** Final values of `status` (developer.vonage.com/voice/voice-api/webhook-reference, "Event webhook"). */
export const finalStatuses = [
  'completed',
  'busy',
  'cancelled',
  'unanswered',
  'rejected',
  'failed',
  'timeout',
  'disconnected',
] as const
export type FinalStatus = (typeof finalStatuses)[number]

export const heardStatuses: Readonly<Record<FinalStatus, Cause>> = {
  completed: 'hangup',
  busy: 'busy',
  cancelled: 'cancelled',
  unanswered: 'no-answer',
  rejected: 'declined',
  failed: 'error',
  timeout: 'no-answer',
  disconnected: 'hangup',
}

/** Values of `detail`, as the vendor's own SDKs list them: they say more than the status. */
export const heardDetails = {
  invalid_number: 'not-found',
  restricted: 'blocked',
  declined: 'declined',
  cannot_route: 'not-found',
  number_out_of_service: 'not-found',
  internal_error: 'error',
  carrier_timeout: 'network-failed',
  unavailable: 'unavailable',
} as const satisfies Readonly<Record<string, Cause>>

export type Detail = keyof typeof heardDetails

const say = (status: FinalStatus, detail?: Detail) => (detail === undefined ? { status } : { status, detail })

export const saidStatuses: Readonly<Record<Cause, Readonly<{ status: FinalStatus; detail?: Detail }>>> = {
  hangup: say('completed'),
  'script-end': say('completed'),
  scheduled: say('completed'),
  'time-limit': say('completed'),
  cancelled: say('cancelled'),
  'no-answer': say('unanswered'),
  busy: say('busy'),
  declined: say('rejected', 'declined'),
  unwanted: say('rejected', 'declined'),
  blocked: say('rejected', 'restricted'),
  unavailable: say('unanswered', 'unavailable'),
  'not-found': say('failed', 'invalid_number'),
  incompatible: say('failed'),
  'answered-elsewhere': say('cancelled'),
  'declined-elsewhere': say('cancelled'),
  transferred: say('completed'),
  superseded: say('cancelled'),
  'media-failed': say('failed'),
  'media-lost': say('completed'),
  'capture-failed': say('failed'),
  'session-expired': say('completed'),
  'no-ack': say('failed'),
  'peer-gone': say('completed'),
  'account-limit': say('rejected', 'restricted'),
  congestion: say('failed', 'internal_error'),
  'app-unreachable': say('failed'),
  'app-invalid': say('failed'),
  'app-failed': say('failed'),
  'machine-detected': say('completed'),
  'network-failed': say('failed', 'carrier_timeout'),
  shutdown: say('failed', 'internal_error'),
  restarted: say('failed', 'internal_error'),
  error: say('failed', 'internal_error'),
  unknown: say('failed'),
}

const tables = {
  heard: heardStatuses,
  said: Object.fromEntries(Object.entries(saidStatuses).map(([cause, { status }]) => [cause, status])) as Record<
    Cause,
    FinalStatus
  >,
  vague: ['failed'] as const,
}

/** An ending in Vonage's words: an event webhook. */
export type VonageEvent = Readonly<{
  uuid?: string
  conversation_uuid?: string
  from?: string
  to?: string
  direction?: 'inbound' | 'outbound'
  status: FinalStatus
  detail?: Detail
  timestamp: string
}>

/**
 * Reads a final event webhook, as JSON, as the query of a GET, or a bare status. Writes one.
 *
 * @example
 * codec.read({ uuid: 'u', conversation_uuid: 'CON-1', status: 'rejected', detail: 'restricted' }, { at: 0 }).cause // 'blocked'
 *
 * @example
 * codec.write({ cause: 'busy', actor: 'callee', phase: 'ringing', at: 0 }) // { status: 'busy', timestamp: '1970-01-01T00:00:00.000Z' }
 */
export const codec: EndingCodec<VonageEvent> = codecOf({ dialect: 'vonage', read, write, identify })

function read(wire: unknown, context: ReadContext): Ending {
  const value = valueOfWire(wire)
  const bag = isObject(value) ? value : {}
  const given = typeof value === 'string' ? value : textAt(bag, 'status')
  if (given === undefined) return nothingHeard('vonage', wire, context, 'no status')
  if (!Object.hasOwn(heardStatuses, given)) return nothingHeard('vonage', wire, context, `${given} ends no call`)
  const sip = statusAt(bag, 'sip_code')
  const detail = textAt(bag, 'detail')
  const finer =
    detail !== undefined && given !== 'completed' && Object.hasOwn(heardDetails, detail)
      ? heardDetails[detail as Detail]
      : undefined
  const cause = finer ?? causeOfWord(given, tables, sip)
  const reason = textAt(bag, 'reason')
  const codes: Codes = { ...(sip === undefined ? {} : { sip }), platform: detail ?? given }
  return {
    cause,
    actor: actorOf(bag, cause, given, finer !== undefined, context),
    phase: context.phase ?? phaseOf(bag, given),
    at: momentOf(bag.end_time) ?? momentOf(bag.timestamp) ?? context.at,
    ...(reason === undefined ? {} : { detail: reason }),
    codes,
    raw: { dialect: 'vonage', value: wire },
  }
}

function actorOf(bag: JsonObject, cause: Cause, word: string, detailed: boolean, context: ReadContext): Actor {
  const { disconnected_by: by } = bag
  if (by === 'platform') return 'platform'
  if (by === 'user') {
    const direction =
      textAt(bag, 'direction') ?? (context.direction === 'in' ? 'inbound' : context.direction && 'outbound')
    return direction === 'inbound' ? 'caller' : direction === 'outbound' ? 'callee' : 'unknown'
  }
  if (word === 'busy') return 'callee'
  if (word === 'timeout') return 'timer'
  // By itself, `rejected` may be the callee, the carrier or the platform.
  return detailed ? heardActorOf(cause, 'callee') : 'unknown'
}

function phaseOf(bag: JsonObject, word: string): Phase {
  if (word === 'completed' || word === 'disconnected') return 'answered'
  return word === 'failed' && bag.start_time === undefined ? 'offered' : 'ringing'
}

const idNames = ['uuid', 'conversation_uuid', 'from', 'to'] as const

function identify(wire: unknown): Readonly<Record<string, string>> {
  const value = valueOfWire(wire)
  return isObject(value) ? idsOf({ uuid: value.call_uuid, ...value }, idNames) : {}
}

/** Status and detail as this vendor itself reported them, if they still say the cause. */
function heardPair({ raw, cause }: Ending): Readonly<{ status: FinalStatus; detail?: Detail }> | undefined {
  if (raw?.dialect !== 'vonage' || read(raw.value, { at: 0 }).cause !== cause) return undefined
  const value = valueOfWire(raw.value)
  const status = typeof value === 'string' ? value : isObject(value) ? value.status : undefined
  const detail = isObject(value) ? value.detail : undefined
  if (typeof status !== 'string' || !Object.hasOwn(heardStatuses, status)) return undefined
  const word = status as FinalStatus
  return typeof detail === 'string' && Object.hasOwn(heardDetails, detail)
    ? { status: word, detail: detail as Detail }
    : { status: word }
}

function write(ending: Ending, context: WriteContext = {}): VonageEvent {
  const { cause } = ending
  const { status, detail } = heardPair(ending) ?? saidStatuses[cause]
  const { direction } = context
  // The side that rings out gives up by its own timer.
  const word = status === 'unanswered' && cause === 'no-answer' && ending.actor === 'timer' ? 'timeout' : status
  return {
    ...idsOf(context.ids, idNames),
    ...(direction === undefined ? {} : { direction: direction === 'in' ? 'inbound' : 'outbound' }),
    status: word,
    ...(detail === undefined ? {} : { detail }),
    timestamp: isoOf(ending.at),
  }
}
