import type { Cause } from '../../call/causes.ts'
import type { Actor, Codes, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import { codecOf, idsOf, momentOf, nothingHeard, objectAt, textAt, valueOfWire } from '../neighbour.ts'
import { isObject, type JsonObject } from '../shape.ts'

/**
 * `status` of a terminate event (developers.facebook.com, WhatsApp Business Platform, "Call Terminate webhook"). A call
 * that nobody picked up counts as COMPLETED: it lacks `start_time`.
 */
export const terminateStatuses = ['COMPLETED', 'FAILED'] as const
export type TerminateStatus = (typeof terminateStatuses)[number]

/** Codes of `errors[]` ("Calling error codes" of the same documents). */
export const heardErrors: Readonly<Record<number, Cause>> = {
  138001: 'unavailable',
  138003: 'superseded',
  138006: 'blocked',
  138007: 'network-failed',
  138019: 'media-failed',
  138020: 'media-failed',
  138021: 'media-lost',
  138022: 'media-lost',
  138023: 'media-failed',
}

type SaidRow = Readonly<{ status: TerminateStatus; error?: number }>
const completed: SaidRow = { status: 'COMPLETED' }
const failed = (error?: number): SaidRow => (error === undefined ? { status: 'FAILED' } : { status: 'FAILED', error })

/** A person's end of a call is COMPLETED, with times or without; only what broke has an error code. */
export const saidRows: Readonly<Record<Cause, SaidRow>> = {
  hangup: completed,
  'script-end': completed,
  scheduled: completed,
  'time-limit': completed,
  cancelled: completed,
  'no-answer': completed,
  busy: completed,
  declined: completed,
  unwanted: completed,
  blocked: failed(138006),
  unavailable: failed(138001),
  'not-found': failed(138001),
  incompatible: failed(138019),
  'answered-elsewhere': completed,
  'declined-elsewhere': completed,
  transferred: completed,
  superseded: failed(138003),
  'media-failed': failed(138020),
  'media-lost': failed(138021),
  'capture-failed': failed(138022),
  'session-expired': failed(138021),
  'no-ack': failed(138007),
  'peer-gone': failed(138021),
  'account-limit': failed(),
  congestion: failed(),
  'app-unreachable': failed(),
  'app-invalid': failed(),
  'app-failed': failed(),
  'machine-detected': completed,
  'network-failed': failed(138007),
  shutdown: failed(),
  restarted: failed(),
  error: failed(),
  unknown: completed,
}

/** Of a refusal there is a status webhook besides, and it alone says so. */
export type CloudRejection = Readonly<{
  id?: string
  type: 'call'
  status: 'REJECTED'
  timestamp: string
  recipient_id?: string
}>
export type CloudTermination = Readonly<{
  id?: string
  from?: string
  to?: string
  event: 'terminate'
  timestamp: string
  status: TerminateStatus
  end_time?: string
  errors?: readonly Readonly<{ code: number }>[]
}>

/** An ending in the Cloud API's words: one entry of `calls`, or, for a refusal, one of `statuses`. */
export type CloudCallEvent = CloudTermination | CloudRejection

/**
 * Reads the `calls` webhook (whole, its value, or one entry): a `terminate`, or a `REJECTED` status. Writes one entry.
 *
 * @example
 * codec.read({ id: 'wacid.1', event: 'terminate', status: 'FAILED', errors: [{ code: 138021 }] }, { at: 0 }).cause // 'media-lost'
 *
 * @example
 * codec.write({ cause: 'declined', actor: 'callee', phase: 'ringing', at: 0 }) // { type: 'call', status: 'REJECTED', timestamp: '0' }
 */
export const codec: EndingCodec<CloudCallEvent> = codecOf({ dialect: 'whatsapp-cloud', read, write, identify })

const first = (value: unknown): JsonObject | undefined => (Array.isArray(value) ? value.find(isObject) : undefined)

type Found = Readonly<{ call: JsonObject; errors: unknown }>

/** The call that a webhook is about. Its errors stand in it, or beside it. */
function callOf(value: unknown): Found {
  if (!isObject(value)) return { call: {}, errors: undefined }
  const change = first((first(value.entry) ?? value).changes) ?? value
  const body = objectAt(change, 'value') ?? change
  const calls = Array.isArray(body.calls) ? body.calls.filter(isObject) : []
  const ended = calls.find(({ event }) => event === 'terminate') ?? calls[0]
  const statuses = Array.isArray(body.statuses) ? body.statuses.filter(isObject) : []
  const rejected = statuses.find(({ status }) => wordOf(status) === 'REJECTED') ?? statuses[0]
  const call = ended ?? rejected ?? body
  return { call, errors: call.errors ?? body.errors }
}

/** One sample shows the status as a list, in mixed case. */
function wordOf(status: unknown): string | undefined {
  const one = Array.isArray(status) ? status[0] : status
  return typeof one === 'string' ? one.toUpperCase() : undefined
}

function read(wire: unknown, context: ReadContext): Ending {
  const value = valueOfWire(wire)
  const { call, errors } = typeof value === 'string' ? { call: { status: value }, errors: undefined } : callOf(value)
  const word = wordOf((call as JsonObject).status)
  const event = (call as JsonObject).event
  if (event !== undefined && event !== 'terminate') {
    return nothingHeard('whatsapp-cloud', wire, context, `${typeof event === 'string' ? event : 'this'} ends no call`)
  }
  if (word === 'REJECTED') return ended('declined', 'callee', 'ringing', call, word, wire, context)
  if (word !== 'COMPLETED' && word !== 'FAILED') {
    return nothingHeard('whatsapp-cloud', wire, context, word === undefined ? 'no status' : `${word} ends no call`)
  }
  const error = first(errors)
  const code = error === undefined ? undefined : Number(error.code)
  const detail =
    error === undefined
      ? undefined
      : (textAt(objectAt(error, 'error_data') ?? {}, 'details') ?? textAt(error, 'message', 'title'))
  if (word === 'FAILED') {
    const cause = (code === undefined ? undefined : heardErrors[code]) ?? 'error'
    const phase: Phase = isPickedUp(call) ? 'answered' : 'offered'
    return ended(
      cause,
      'unknown',
      phase,
      call,
      code !== undefined && Number.isFinite(code) ? code : word,
      wire,
      context,
      detail,
    )
  }
  return readCompleted(call, wire, context)
}

/** The three times are there only if it was. */
const isPickedUp = ({ start_time, end_time, duration }: JsonObject): boolean =>
  start_time !== undefined || end_time !== undefined || duration !== undefined

/** Picked up, or missed. A bare status, or an entry without a direction, leaves that to the context. */
function readCompleted(call: JsonObject, wire: unknown, context: ReadContext): Ending {
  const answered =
    isPickedUp(call) || (call.id === undefined && call.event === undefined && context.phase === undefined)
  if (answered || context.phase === 'answered')
    return ended('hangup', 'unknown', 'answered', call, 'COMPLETED', wire, context)
  return ended('no-answer', 'unknown', 'ringing', call, 'COMPLETED', wire, context)
}

function ended(
  cause: Cause,
  actor: Actor,
  phase: Phase,
  call: JsonObject,
  platform: string | number,
  value: unknown,
  context: ReadContext,
  detail?: string,
): Ending {
  const codes: Codes = { platform }
  return {
    cause,
    actor,
    phase: phase === 'answered' ? phase : (context.phase ?? phase),
    at: momentOf(call.end_time) ?? momentOf(call.timestamp) ?? context.at,
    ...(detail === undefined ? {} : { detail }),
    codes,
    raw: { dialect: 'whatsapp-cloud', value },
  }
}

const idNames = ['id', 'from', 'to', 'recipient_id'] as const

function identify(wire: unknown): Readonly<Record<string, string>> {
  const { call } = callOf(valueOfWire(wire))
  return idsOf({ id: (call as JsonObject).call_id, ...call }, idNames)
}

/** Status and error code as the platform itself reported them, if they still say the cause. */
function heardRow({ raw, cause, codes }: Ending): SaidRow | undefined {
  if (raw?.dialect !== 'whatsapp-cloud') return undefined
  const code = codes?.platform
  if (typeof code === 'number') return (heardErrors[code] ?? 'error') === cause ? failed(code) : undefined
  if (code === 'COMPLETED') return cause === 'hangup' || cause === 'no-answer' ? completed : undefined
  return code === 'FAILED' && cause === 'error' ? failed() : undefined
}

function write(ending: Ending, context: WriteContext = {}): CloudCallEvent {
  const { cause, at } = ending
  const timestamp = String(Math.floor(Number.isFinite(at) ? at / 1000 : 0))
  const { id, from, to, recipient_id } = context.ids ?? {}
  if (cause === 'declined' || cause === 'unwanted') {
    return {
      ...(id === undefined ? {} : { id }),
      type: 'call',
      status: 'REJECTED',
      timestamp,
      ...(recipient_id === undefined ? {} : { recipient_id }),
    }
  }
  const { status, error } = heardRow(ending) ?? saidRows[cause]
  const { phase = ending.phase } = context
  return {
    ...(id === undefined ? {} : { id }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    event: 'terminate',
    timestamp,
    status,
    // Present only of calls that were picked up; since when, the writer does not know.
    ...(phase === 'answered' ? { end_time: timestamp } : {}),
    ...(error === undefined ? {} : { errors: [{ code: error }] }),
  }
}
