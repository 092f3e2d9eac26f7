import type { Parsed } from '../dialect.ts'
import {
  always,
  anything,
  flag,
  integer,
  isObject,
  type JsonObject,
  jsonValue,
  type Kind,
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
import { disconnectCauses } from './causes.ts'
import { readTime, time } from './time.ts'

/**
 * Every voice webhook, with its keys. Nothing is formally required by the published schema; `always` is what the service
 * was seen to send always, and what goes out.
 */

const name = <const N extends string>(...names: N[]) => ({ eventType: need(word(names)), eventTime: always(time) })
const direction = word(['inbound', 'outbound'])
/** `c-` and hexadecimal groups: 47 characters, which tests of the vendor's SDKs count. */
const callId = text({
  pattern: /^c-[\da-f]{8}-[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
  what: 'a call id',
})
const digitsOnly = text({ pattern: /^\d+$/, what: 'digits' })
const cause = word(disconnectCauses)

const call = {
  accountId: always(digitsOnly),
  applicationId: always(text()),
  from: always(text()),
  to: always(text()),
  direction: always(direction),
  callId: always(callId),
  callUrl: always(text()),
}
/** Seen live since 2024, and published in 2026: left out of the 2023 key set. */
const since2026 = { privacy: maybe(flag), sipCallId: maybe(text()) }
const times = { enqueuedTime: maybe(time), startTime: maybe(time), answerTime: maybe(time) }
const base = { ...call, ...since2026, ...times, tag: maybe(text({ max: 4096 })) }
/** Only where the event is about the second leg of a Transfer. */
const transfer = { parentCallId: maybe(callId), transferCallerId: maybe(text()), transferTo: maybe(text()) }
const failure = { cause: maybe(cause), errorMessage: maybe(text()), errorId: maybe(text()) }
const conference = { conferenceId: always(text()), name: always(text()), tag: maybe(text()) }
/** ISO 8601 duration, e.g. `PT4.9891287S`. */
const duration = text({ pattern: /^PT(\d+H)?(\d+M)?(\d+(\.\d+)?S)?$/, what: 'an ISO 8601 duration' })
const recording = {
  recordingId: always(text()),
  mediaUrl: maybe(text()),
  endTime: always(time),
  duration: always(duration),
  channels: maybe(integer({ min: 1 })),
  fileFormat: always(word(['wav', 'mp3'])),
}
const detection = object({
  value: always(word(['human', 'answering-machine', 'tone-detected', 'silence', 'timeout', 'error'])),
  duration: always(duration),
})
const streamCause = word(['connection-error', 'duplicate', 'error', 'track-limit', 'closed'])
const stream = {
  mediaStream: always(map(anything)),
  originalMediaStream: maybe(map(anything)),
  cause: maybe(streamCause),
  errorMessage: maybe(text()),
}
const liveTranscription = {
  realTimeTranscription: maybe(map(anything)),
  transcription: maybe(map(anything)),
  cause: maybe(streamCause),
  errorMessage: maybe(text()),
}

const shapes = {
  initiate: object({
    ...name('initiate'),
    ...base,
    diversion: maybe(map(text())),
    stirShaken: maybe(map(text())),
    uui: maybe(text()),
    sipHeaders: maybe(map(text())),
    callerDisplayName: maybe(text()),
  }),
  answer: object({ ...name('answer'), ...base, machineDetectionResult: maybe(detection) }),
  redirect: object({ ...name('redirect'), ...base, ...transfer }),
  gather: object({
    ...name('gather'),
    ...base,
    ...transfer,
    digits: always(text()),
    terminatingDigit: maybe(text()),
    text: maybe(text()),
  }),
  recordComplete: object({ ...name('recordComplete'), ...base, ...transfer, ...recording }),
  transferAnswer: object({ ...name('transferAnswer'), ...base, ...transfer }),
  transferComplete: object({ ...name('transferComplete'), ...base, ...transfer, ...failure }),
  transferDisconnect: object({
    ...name('transferDisconnect'),
    ...base,
    ...transfer,
    endTime: always(time),
    ...failure,
    sipResponseCode: maybe(integer({ min: 100, max: 699 })),
  }),
  bridgeComplete: object({ ...name('bridgeComplete'), ...base, ...failure }),
  bridgeTargetComplete: object({ ...name('bridgeTargetComplete'), ...base }),
  referComplete: object({
    ...name('referComplete'),
    ...base,
    referCallStatus: always(text()),
    referSipResponseCode: maybe(integer({ min: 100, max: 699 })),
    notifySipResponseCode: maybe(integer({ min: 100, max: 699 })),
  }),
  conferenceCreated: object({ ...name('conferenceCreated'), ...conference }),
  conferenceRedirect: object({ ...name('conferenceRedirect'), ...conference }),
  conferenceMemberJoin: object({
    ...name('conferenceMemberJoin'),
    ...conference,
    from: always(text()),
    to: always(text()),
    callId: always(callId),
  }),
  conferenceMemberExit: object({
    ...name('conferenceMemberExit'),
    ...conference,
    from: always(text()),
    to: always(text()),
    callId: always(callId),
  }),
  conferenceCompleted: object({ ...name('conferenceCompleted'), ...conference }),
  conferenceRecordingAvailable: object({
    ...name('conferenceRecordingAvailable'),
    ...conference,
    accountId: always(digitsOnly),
    ...recording,
    startTime: always(time),
    status: always(word(['complete', 'partial', 'error'])),
  }),
  machineDetectionComplete: object({
    ...name('machineDetectionComplete'),
    ...base,
    machineDetectionResult: always(detection),
  }),
  dtmf: object({ ...name('dtmf'), ...base, ...transfer, digit: always(text()) }),
  recordingAvailable: object({
    ...name('recordingAvailable'),
    ...base,
    ...transfer,
    ...recording,
    status: always(word(['complete', 'partial', 'error'])),
  }),
  transcriptionAvailable: object({
    ...name('transcriptionAvailable'),
    ...base,
    ...transfer,
    ...recording,
    endTime: maybe(time),
    transcription: always(
      object({ id: always(text()), url: maybe(text()), status: always(text()), completedTime: maybe(time) }),
    ),
  }),
  mediaStreamStarted: object({ ...name('mediaStreamStarted'), ...base, ...stream }),
  mediaStreamRejected: object({ ...name('mediaStreamRejected'), ...base, ...stream }),
  mediaStreamStopped: object({ ...name('mediaStreamStopped'), ...base, ...stream }),
  realTimeTranscriptionStarted: object({ ...name('realTimeTranscriptionStarted'), ...base, ...liveTranscription }),
  realTimeTranscriptionRejected: object({ ...name('realTimeTranscriptionRejected'), ...base, ...liveTranscription }),
  realTimeTranscriptionStopped: object({ ...name('realTimeTranscriptionStopped'), ...base, ...liveTranscription }),
  realTimeTranscriptionAvailable: object({ ...name('realTimeTranscriptionAvailable'), ...base, ...liveTranscription }),
  disconnect: object({
    ...name('disconnect'),
    ...base,
    endTime: always(time),
    cause: always(cause),
    errorMessage: maybe(text()),
    errorId: maybe(text()),
    sipResponseCode: maybe(integer({ min: 100, max: 699 })),
  }),
} as const

export type WebhookType = keyof typeof shapes
export const webhookTypes = Object.keys(shapes) as readonly WebhookType[]

/**
 * What the app's answer to a webhook may hold. `call`: any verb. `transfer-answer`: no Bridge, Conference, Forward,
 * Transfer. `conference`: the conference verbs only. `none`: asynchronous, the answer's body is ignored.
 */
export type WebhookReply = 'call' | 'transfer-answer' | 'conference' | 'none'

export const webhookReplies: Readonly<Record<WebhookType, WebhookReply>> = {
  initiate: 'call',
  answer: 'call',
  redirect: 'call',
  gather: 'call',
  recordComplete: 'call',
  transferAnswer: 'transfer-answer',
  transferComplete: 'call',
  transferDisconnect: 'none',
  bridgeComplete: 'call',
  bridgeTargetComplete: 'call',
  referComplete: 'call',
  conferenceCreated: 'conference',
  conferenceRedirect: 'conference',
  conferenceMemberJoin: 'conference',
  conferenceMemberExit: 'conference',
  conferenceCompleted: 'none',
  conferenceRecordingAvailable: 'none',
  machineDetectionComplete: 'none',
  dtmf: 'none',
  recordingAvailable: 'none',
  transcriptionAvailable: 'none',
  mediaStreamStarted: 'none',
  mediaStreamRejected: 'none',
  mediaStreamStopped: 'none',
  realTimeTranscriptionStarted: 'none',
  realTimeTranscriptionRejected: 'none',
  realTimeTranscriptionStopped: 'none',
  realTimeTranscriptionAvailable: 'none',
  disconnect: 'none',
}

/** A webhook as it was read; what this list does not know is `other`, because the vendor's list grows. */
export type Webhook =
  | { [T in WebhookType]: Readonly<{ type: T; event: ReadOf<(typeof shapes)[T]>; raw: JsonObject }> }[WebhookType]
  | Readonly<{ type: 'other'; event: JsonObject; raw: JsonObject }>

export type OutgoingWebhook = {
  [T in WebhookType]: WriteOf<(typeof shapes)[T]> & Readonly<{ eventType: T }>
}[WebhookType]
export type DisconnectEvent = ReadOf<typeof shapes.disconnect>
export type OutgoingDisconnect = Extract<OutgoingWebhook, { eventType: 'disconnect' }>

/** The page of the Disconnect event, and one of the vendor's SDKs, spell every key with a capital: `EventType`. */
export function wireKeys(event: JsonObject): JsonObject {
  if (event.eventType !== undefined || typeof event.EventType !== 'string') return event
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value]),
  )
}

/** Names that documents and schemas give to events that are otherwise named on the wire. */
const aliases: ReadonlyMap<string, WebhookType> = new Map([['recordingComplete', 'recordComplete']])

/**
 * The type of a webhook by its eventType, aliases included; null for one that is not known.
 *
 * @example
 * webhookTypeOf({ eventType: 'recordingComplete' }) // 'recordComplete'
 */
export function webhookTypeOf(event: JsonObject): WebhookType | null {
  const { eventType } = event
  if (typeof eventType !== 'string') return null
  return Object.hasOwn(shapes, eventType) ? (eventType as WebhookType) : (aliases.get(eventType) ?? null)
}

/**
 * Reads a webhook from JSON text, an object, or the query of a GET. Every key set of 2023 and 2026 and every spelling
 * seen is taken; null is absent; what is odd is a warning. Never throws. Faults: `bandwidth.json`,
 * `bandwidth.wrong-type`, `bandwidth.missing` (no eventType).
 *
 * @example
 * const parsed = parseWebhook('{"eventType":"disconnect","cause":"busy","errorMessage":"Callee is busy"}')
 * parsed.ok && parsed.value.type === 'disconnect' && parsed.value.event.cause // 'busy'
 */
export function parseWebhook(input: unknown): Parsed<Webhook> {
  const notes = new Notes('bandwidth')
  const given = queryFields(input) ?? jsonValue(input, notes)
  if (notes.faults.length > 0) return { ok: false, faults: notes.faults }
  if (!isObject(given)) {
    notes.fault('wrong-type', '$', `an event is an object, and this is ${nameOf(given)}`)
    return notes.result(undefined as never)
  }
  const event = wireKeys(given)
  const type = webhookTypeOf(event)
  if (type === null) {
    if (typeof event.eventType !== 'string') notes.fault('missing', '$.eventType', 'an event has an eventType')
    else
      notes.warn(
        'value',
        '$.eventType',
        `${JSON.stringify(event.eventType)} is no event of the voice API that is known`,
      )
    return notes.result({ type: 'other', event, raw: given })
  }
  const read = (shapes[type] as Kind<unknown>).read(mended(event, type), '$', notes)
  return notes.result({ type, event: read, raw: given } as Webhook)
}

function mended(event: JsonObject, type: WebhookType): JsonObject {
  if (event.eventType !== type) return { ...event, eventType: type }
  const { transcription } = event
  if (type === 'transcriptionAvailable' && isObject(transcription) && transcription.completeTime !== undefined) {
    const { completeTime, ...rest } = transcription
    return { ...event, transcription: { completedTime: completeTime, ...rest } }
  }
  return event
}

/**
 * The fields of a GET's query, with or without its question mark; undefined if it is none.
 *
 * @example
 * queryFields('?eventType=disconnect&cause=busy') // { eventType: 'disconnect', cause: 'busy' }
 */
export function queryFields(input: unknown): JsonObject | undefined {
  if (typeof input !== 'string') return undefined
  const query = /^\s*(?:[a-z]+:\/\/[^?]*\?|\?)?([\w.]+=[^\s]*)\s*$/i.exec(input)?.[1]
  return query === undefined ? undefined : Object.fromEntries(new URLSearchParams(query))
}

/**
 * The query of a webhook that is delivered by GET: one field per key; of nested values, their JSON.
 *
 * @example
 * webhookQuery({ eventType: 'disconnect', from: '+15550100' }) // 'eventType=disconnect&from=%2B15550100'
 */
export function webhookQuery(event: JsonObject): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(event)) {
    if (value === undefined || value === null) continue
    query.set(key, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  return query.toString()
}

/** `2023`: the seventeen keys that the page of the Disconnect event lists. `2026`: with what was added and seen since. */
export type WebhookProfile = '2023' | '2026'
const addedKeys: readonly string[] = ['privacy', 'sipCallId', 'sipResponseCode', 'callerDisplayName', 'sipHeaders']

/**
 * Writes a webhook as the service sends it: published keys only, absent ones left out, times in UTC with three decimals.
 * Of a Disconnect the rules hold that apps rely on: `hangup` has no error keys, any other cause has an errorMessage,
 * only an outgoing call was enqueued, and its times are in order. Faults: `bandwidth.missing`,
 * `bandwidth.wrong-type`, `bandwidth.value`, `bandwidth.unknown-key`.
 *
 * @example
 * const written = serialiseWebhook({ eventType: 'disconnect', cause: 'hangup' })
 * written.ok ? '' : written.faults[0].place // '$.eventTime'
 */
export function serialiseWebhook(event: OutgoingWebhook, profile: WebhookProfile = '2023'): Parsed<JsonObject> {
  const notes = new Notes('bandwidth')
  const type = isObject(event) ? webhookTypeOf(event) : null
  if (type === null || type !== event.eventType) {
    notes.fault('value', '$.eventType', `${JSON.stringify(event?.eventType)} is none of ${webhookTypes.join(', ')}`)
    return notes.result({})
  }
  const written = (shapes[type] as Kind<unknown, never>).write(event as never, '$', notes) as Record<string, unknown>
  if (type === 'disconnect') checkDisconnect(event as OutgoingDisconnect, notes)
  if (profile === '2023') for (const key of addedKeys) delete written[key]
  return notes.result(written)
}

function checkDisconnect(event: OutgoingDisconnect, notes: Notes): void {
  if (event.cause === 'hangup') {
    for (const key of ['errorMessage', 'errorId', 'sipResponseCode'] as const) {
      if (event[key] !== undefined) notes.fault('value', `$.${key}`, 'a hangup has no error')
    }
  } else if (event.errorMessage === undefined) {
    notes.fault('missing', '$.errorMessage', 'every cause but hangup has one')
  }
  if (event.direction === 'inbound' && event.enqueuedTime !== undefined) {
    notes.fault('value', '$.enqueuedTime', 'only an outgoing call is enqueued')
  }
  let last: readonly [string, number] | undefined
  for (const key of ['enqueuedTime', 'startTime', 'answerTime', 'endTime', 'eventTime'] as const) {
    const at = readTime(event[key])
    if (at === undefined) continue
    if (last !== undefined && at < last[1]) notes.fault('value', `$.${key}`, `it is before ${last[0]}`)
    last = [key, at]
  }
}
