import type { Fault, Parsed } from '../dialect.ts'
import {
  always,
  anything,
  integer,
  isObject,
  type JsonObject,
  jsonValue,
  list,
  map,
  maybe,
  Notes,
  nameOf,
  need,
  object,
  type ReadOf,
  text,
  type WriteOf,
  word,
} from '../shape.ts'

/** The event that a SIP media application hands to its function, by type. */
export const eventTypes = [
  'NEW_INBOUND_CALL',
  'NEW_OUTBOUND_CALL',
  'RINGING',
  'CALL_ANSWERED',
  'ACTION_SUCCESSFUL',
  'ACTION_FAILED',
  'ACTION_INTERRUPTED',
  'HANGUP',
  'CALL_UPDATE_REQUESTED',
  'DIGITS_RECEIVED',
  'INVALID_LAMBDA_RESPONSE',
] as const
export type EventType = (typeof eventTypes)[number]

/** `Status` is absent before the answer, and there on every participant of a HANGUP. */
const participant = object({
  CallId: need(text()),
  ParticipantTag: need(word(['LEG-A', 'LEG-B'])),
  To: always(text()),
  From: always(text()),
  Direction: always(word(['Inbound', 'Outbound'])),
  StartTimeInMilliseconds: always(text({ pattern: /^\d{13}$/, what: 'epoch milliseconds, 13 digits' })),
  Status: maybe(word(['Connected', 'Disconnected'])),
  SipHeaders: maybe(map(text())),
})

const callDetails = object({
  TransactionId: need(text()),
  TransactionAttributes: maybe(map(anything)),
  AwsAccountId: always(text()),
  AwsRegion: always(text()),
  SipRuleId: maybe(text()),
  SipMediaApplicationId: always(text()),
  Participants: need(list(participant, { min: 1, max: 2 })),
})

const argumentsData = (type: string) =>
  object({ Type: always(word([type])), Parameters: maybe(object({ Arguments: maybe(map(text(), { max: 20 })) })) })

const hangupData = object({
  Type: need(word(['Hangup'])),
  Parameters: always(
    object({
      // A number here, text in the action.
      SipResponseCode: always(integer({ min: 0, max: 699 })),
      CallId: always(text()),
      ParticipantTag: always(word(['LEG-A', 'LEG-B'])),
    }),
  ),
})

/** What an action came to. The parameters are the action's own, with its defaults filled in, and its results beside them. */
const actionData = object({
  Type: need(text()),
  Parameters: always(map(anything)),
  ReceivedDigits: maybe(text()),
  RecordingDestination: maybe(map(anything)),
  RecordingTerminatorUsed: maybe(text()),
  CallRecordingDestination: maybe(map(anything)),
  IntentResult: maybe(map(anything)),
})

/** Pages disagree on the failure's keys, and handlers index both, so both are written. */
const failedActionData = object({
  ...actionData.fields,
  ErrorType: always(text()),
  ErrorMessage: always(text()),
  Error: maybe(text()),
  ErrorList: maybe(list(anything)),
})

const digitsData = object({
  Type: always(word(['ReceiveDigits'])),
  ReceivedDigits: need(text()),
  Parameters: always(map(anything)),
})

const head = <const T extends EventType>(type: T) => ({
  SchemaVersion: always(word(['1.0'])),
  Sequence: always(integer({ min: 1 })),
  InvocationEventType: need(word([type])),
})
const tail = { CallDetails: need(callDetails) }

const shapes = {
  NEW_INBOUND_CALL: object({ ...head('NEW_INBOUND_CALL'), ...tail }),
  NEW_OUTBOUND_CALL: object({
    ...head('NEW_OUTBOUND_CALL'),
    ActionData: maybe(argumentsData('CallCreateRequest')),
    ...tail,
  }),
  RINGING: object({ ...head('RINGING'), ...tail }),
  CALL_ANSWERED: object({ ...head('CALL_ANSWERED'), ...tail }),
  ACTION_SUCCESSFUL: object({ ...head('ACTION_SUCCESSFUL'), ActionData: need(actionData), ...tail }),
  ACTION_FAILED: object({ ...head('ACTION_FAILED'), ActionData: need(failedActionData), ...tail }),
  ACTION_INTERRUPTED: object({ ...head('ACTION_INTERRUPTED'), ActionData: need(actionData), ...tail }),
  HANGUP: object({ ...head('HANGUP'), ActionData: always(hangupData), ...tail }),
  CALL_UPDATE_REQUESTED: object({
    ...head('CALL_UPDATE_REQUESTED'),
    ActionData: always(argumentsData('CallUpdateRequest')),
    ...tail,
  }),
  DIGITS_RECEIVED: object({ ...head('DIGITS_RECEIVED'), ActionData: need(digitsData), ...tail }),
  INVALID_LAMBDA_RESPONSE: object({
    ...head('INVALID_LAMBDA_RESPONSE'),
    ...tail,
    ErrorType: always(text()),
    ErrorMessage: always(text()),
  }),
} as const

/** Something as the literal type that it is known to have. */
type Typed<T, E> = Omit<T, 'InvocationEventType'> & Readonly<{ InvocationEventType: E }>

/** An event as it was read; `raw` is the value it was read from. */
export type InvocationEvent = {
  [E in EventType]: Typed<ReadOf<(typeof shapes)[E]>, E> & Readonly<{ raw: JsonObject }>
}[EventType]
export type InvocationEventOf<E extends EventType> = Extract<InvocationEvent, { InvocationEventType: E }>

/** An event to be sent to a function. */
export type OutgoingEvent = { [E in EventType]: WriteOf<(typeof shapes)[E]> }[EventType]
export type Participant = ReadOf<typeof participant>
export type CallDetails = ReadOf<typeof callDetails>

/** Misprints of the guide that fixtures have copied. */
const misprints: ReadonlyMap<string, EventType> = new Map([['NEW_INCOMING_CALL', 'NEW_INBOUND_CALL']])

/**
 * The type of an event, or null if it is none.
 *
 * @example
 * eventTypeOf({ InvocationEventType: 'HANGUP' }) // 'HANGUP'
 */
export function eventTypeOf(event: JsonObject): EventType | null {
  const type = event.InvocationEventType ?? event.InvocationEvent
  if (typeof type !== 'string') return null
  return (eventTypes as readonly string[]).includes(type) ? (type as EventType) : (misprints.get(type) ?? null)
}

/**
 * Reads an invocation event from JSON text or an object. Tolerant: what is odd becomes a warning and is left out; a fault
 * is what makes the event useless. Never throws. Faults: `chime.json`, `chime.wrong-type`, `chime.not-an-event`, `chime.missing`.
 *
 * @example
 * const parsed = parseInvocation({
 *   SchemaVersion: '1.0',
 *   Sequence: 4,
 *   InvocationEventType: 'HANGUP',
 *   ActionData: { Type: 'Hangup', Parameters: { SipResponseCode: 486, CallId: 'call-id-1', ParticipantTag: 'LEG-A' } },
 *   CallDetails: { TransactionId: 't', Participants: [{ CallId: 'call-id-1', ParticipantTag: 'LEG-A', Status: 'Disconnected' }] },
 * })
 * parsed.ok && parsed.value.InvocationEventType // 'HANGUP'
 */
export function parseInvocation(input: unknown): Parsed<InvocationEvent> {
  const notes = new Notes('chime')
  const event = jsonValue(input, notes)
  if (notes.faults.length > 0) return { ok: false, faults: notes.faults }
  if (!isObject(event)) {
    notes.fault('wrong-type', '$', `an event is an object, and this is ${nameOf(event)}`)
    return notes.result(undefined as never)
  }
  const type = eventTypeOf(event)
  if (type === null) return { ok: false, faults: [notAnEvent(event)] }
  const read = shapes[type].read(mended(event, type), '$', notes)
  return notes.result({ ...read, raw: event } as unknown as InvocationEvent)
}

function notAnEvent(event: JsonObject): Fault {
  const type = event.InvocationEventType
  const message =
    type === undefined
      ? 'an event has an InvocationEventType'
      : `${JSON.stringify(type)} is none of ${eventTypes.join(', ')}`
  return { code: 'chime.not-an-event', place: '$.InvocationEventType', message }
}

/** The published misprints of keys, and INVALID_LAMBDA_RESPONSE's error where the prose, not the sample, puts it. */
function mended(event: JsonObject, type: EventType): JsonObject {
  const { InvocationEvent: _misprint, ...rest } = event
  const mended: Record<string, unknown> = { ...rest, InvocationEventType: type }
  const details = event.CallDetails
  if (isObject(details) && details.SipMediaApplicationId === undefined && details.SipApplicationId !== undefined) {
    mended.CallDetails = { ...details, SipMediaApplicationId: details.SipApplicationId }
  }
  if (type === 'INVALID_LAMBDA_RESPONSE' && isObject(event.ActionData)) {
    mended.ErrorType ??= event.ActionData.ErrorType
    mended.ErrorMessage ??= event.ActionData.ErrorMessage
  }
  return mended
}

/**
 * Writes an event as functions in the field rely on it: `Sequence` a number, `StartTimeInMilliseconds` 13 digits as
 * text, and on a HANGUP a `Status` on every participant. Faults: `chime.missing`, `chime.wrong-type`, `chime.value`,
 * `chime.unknown-key`, `chime.not-an-event`.
 *
 * @example
 * serialiseInvocation({ InvocationEventType: 'RINGING' }).ok // false
 */
export function serialiseInvocation(event: OutgoingEvent): Parsed<JsonObject> {
  const type = isObject(event) ? eventTypeOf(event) : null
  if (type === null) return { ok: false, faults: [notAnEvent(isObject(event) ? event : {})] }
  const notes = new Notes('chime')
  const written = (shapes[type] as { write(value: unknown, path: string, notes: Notes): unknown }).write(
    event,
    '$',
    notes,
  )
  if (type === 'HANGUP') requireStatus(event, notes)
  return notes.result(written as JsonObject)
}

function requireStatus(event: JsonObject, notes: Notes): void {
  const details = event.CallDetails
  const participants = isObject(details) && Array.isArray(details.Participants) ? details.Participants : []
  for (const [i, one] of participants.entries()) {
    if (isObject(one) && one.Status !== undefined) continue
    const place = `$.CallDetails.Participants[${i}].Status`
    notes.fault('missing', place, 'a HANGUP gives the status of everyone: handlers index it unguarded')
  }
}
