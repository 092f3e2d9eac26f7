import type { Fault, Parsed } from '../dialect.ts'
import {
  type CallContents,
  type CallEvent,
  type CallEventOf,
  type CallEventType,
  type CallFields,
  type Candidate,
  callEventType,
  callEventTypes,
  type Envelope,
  type Era,
  type SessionDescription,
  type StreamMetadata,
  type StreamMetadataMap,
} from './event.ts'
import { FieldReader, fault, isObject, isOpaqueId, type JsonObject, nameOf, present } from './fields.ts'
import { readEra } from './version.ts'

/** Milliseconds taken for an invite or a negotiate that came without its `lifetime`; what the large clients send. */
export const defaultLifetime = 60_000

/**
 * Parses one event of the `m.call.*` family from JSON text or from an object with `type` and `content`. Tolerant: what
 * is odd and harmless becomes a warning; a fault is what makes the event unusable, so that it must be dropped. Never
 * throws. Faults: `matrix.json`, `matrix.not-a-call-event`, `matrix.missing`, `matrix.wrong-type`, `matrix.value`.
 *
 * @example
 * const parsed = parseCallEvent({
 *   type: 'm.call.hangup',
 *   content: { call_id: 'c1', version: '1', party_id: 'p1', reason: 'user_busy' },
 * })
 * parsed.ok && parsed.value.type === 'm.call.hangup' && parsed.value.content.reason // 'user_busy'
 *
 * @example
 * const bad = parseCallEvent({ type: 'm.call.hangup', content: { version: '1', party_id: 'p1' } })
 * !bad.ok && bad.faults[0].place // '$.content.call_id'
 */
export function parseCallEvent(input: unknown): Parsed<CallEvent> {
  let event = input
  if (typeof input === 'string') {
    try {
      event = JSON.parse(input)
    } catch (error) {
      return refuse(fault('matrix.json', '$', `not JSON: ${error instanceof Error ? error.message : String(error)}`))
    }
  }
  if (!isObject(event))
    return refuse(fault('matrix.wrong-type', '$', `an event is an object, and this is ${nameOf(event)}`))
  const type = callEventType(event.type)
  if (type === null) {
    const message = `the type is none of ${callEventTypes.join(', ')}`
    return refuse(fault('matrix.not-a-call-event', '$.type', message))
  }
  const content = event.content
  if (!isObject(content)) return refuse(fault('matrix.wrong-type', '$.content', `content is ${nameOf(content)}`))
  return parseContent(type, content, event)
}

function parseContent<T extends CallEventType>(type: T, content: JsonObject, event: JsonObject): Parsed<CallEvent> {
  const fields = new FieldReader()
  const common = readCommon(content, fields)
  if (common === null) return { ok: false, faults: fields.faults }
  const own = readers[type](content, fields)
  if (fields.faults.length > 0) return { ok: false, faults: fields.faults }
  const value = {
    type,
    era: common.era,
    content: { ...common.fields, ...own },
    envelope: readEnvelope(event, fields),
    raw: event,
  } as unknown as CallEventOf<T>
  return { ok: true, value: value as CallEvent, warnings: fields.warnings }
}

function refuse(...faults: Fault[]): Parsed<never> {
  return { ok: false, faults }
}

function readCommon(content: JsonObject, fields: FieldReader): Readonly<{ era: Era; fields: CallFields }> | null {
  const call_id = fields.requireString(content, 'call_id', '$.content')
  const era = readEra(content.version, content.party_id)
  if (era === null) {
    const { version } = content
    const place = '$.content.version'
    fields.faults.push(
      version === undefined
        ? fault('matrix.missing', place, 'a version is required', 'version is "1", or the integer 0')
        : fault('matrix.wrong-type', place, `${nameOf(version)} is no version`, 'version is "1", or the integer 0'),
    )
  }
  if (era === null || fields.faults.length > 0) return null
  if (!isOpaqueId(call_id)) warnGrammar(fields, 'call_id')
  if (era === 0) return { era, fields: { call_id, version: 0 } }
  const party_id = fields.optionalString(content, 'party_id', '$.content')
  if (party_id === undefined) {
    if (content.party_id === undefined || content.party_id === null) {
      fields.warnings.push(fault('matrix.missing', '$.content.party_id', 'version 1 requires a party_id'))
    }
    return { era, fields: { call_id, version: '1' } }
  }
  // Some clients use base64, whose + / and = are outside the grammar: they are who they say they are all the same.
  if (!isOpaqueId(party_id)) warnGrammar(fields, 'party_id')
  return { era, fields: { call_id, version: '1', party_id } }
}

function warnGrammar(fields: FieldReader, key: string): void {
  const message = 'outside the grammar of opaque identifiers: 1 to 255 of 0-9 A-Z a-z - . _ ~'
  fields.warnings.push(fault('matrix.grammar', `$.content.${key}`, message))
}

function readEnvelope(event: JsonObject, fields: FieldReader): Envelope {
  const unsigned = fields.optionalObject(event, 'unsigned', '$')
  const age = unsigned === undefined ? undefined : fields.optionalNumber(unsigned, 'age', '$.unsigned')
  return present({
    event_id: fields.optionalString(event, 'event_id', '$'),
    room_id: fields.optionalString(event, 'room_id', '$'),
    sender: fields.optionalString(event, 'sender', '$'),
    origin_server_ts: fields.optionalNumber(event, 'origin_server_ts', '$'),
    unsigned: age === undefined ? undefined : { age },
  })
}

type Own<T extends CallEventType> = Omit<CallContents[T], keyof CallFields>

/** What each type has beyond the common fields. */
const readers: { [T in CallEventType]: (content: JsonObject, fields: FieldReader) => Own<T> } = {
  'm.call.invite': (content, fields) =>
    present({
      offer: readDescription(content, 'offer', fields),
      lifetime: readLifetime(content, fields),
      invitee: fields.optionalString(content, 'invitee', '$.content'),
      sdp_stream_metadata: readMetadata(content, fields),
      capabilities: readCapabilities(content, fields),
    }),
  'm.call.candidates': (content, fields) => ({ candidates: readCandidates(content, fields) }),
  'm.call.answer': (content, fields) =>
    present({
      answer: readDescription(content, 'answer', fields),
      sdp_stream_metadata: readMetadata(content, fields),
      capabilities: readCapabilities(content, fields),
    }),
  'm.call.select_answer': (content, fields) => ({
    selected_party_id: fields.requireString(content, 'selected_party_id', '$.content'),
  }),
  'm.call.reject': (content, fields) => present({ reason: fields.optionalString(content, 'reason', '$.content') }),
  'm.call.hangup': (content, fields) => present({ reason: fields.optionalString(content, 'reason', '$.content') }),
  'm.call.negotiate': (content, fields) =>
    present({
      // The schema once called it `offer`.
      description: readDescription(content, content.description === undefined ? 'offer' : 'description', fields),
      lifetime: readLifetime(content, fields),
      sdp_stream_metadata: readMetadata(content, fields),
    }),
  'm.call.sdp_stream_metadata_changed': (content, fields) => {
    const metadata = readMetadata(content, fields)
    if (metadata === undefined) fields.requireObject(content, 'sdp_stream_metadata', '$.content')
    return { sdp_stream_metadata: metadata ?? {} }
  },
  'm.call.asserted_identity': (content, fields) => ({ asserted_identity: readIdentity(content, fields) }),
  'm.call.replaces': (content, fields) => {
    const user = fields.optionalObject(content, 'target_user', '$.content')
    return present({
      replacement_id: fields.requireString(content, 'replacement_id', '$.content'),
      target_room: fields.optionalString(content, 'target_room', '$.content'),
      target_user: user === undefined ? undefined : readTarget(user, fields),
      create_call: fields.optionalString(content, 'create_call', '$.content'),
      await_call: fields.optionalString(content, 'await_call', '$.content'),
    })
  },
  'm.call.reject_locally': (content, fields) => ({ reason: fields.requireString(content, 'reason', '$.content') }),
}

function readDescription(content: JsonObject, key: string, fields: FieldReader): SessionDescription {
  const path = `$.content.${key}`
  const description = fields.requireObject(content, key, '$.content')
  if (fields.faults.length > 0) return { type: key, sdp: '' }
  const sdp = fields.requireString(description, 'sdp', path)
  const type = fields.optionalString(description, 'type', path)
  if (type !== undefined) return { type, sdp }
  // The type is redundant in an invite and in an answer; in a negotiate it is the only thing that says which it is.
  if (key === 'description') fields.requireString(description, 'type', path)
  else if (description.type === undefined) {
    fields.warnings.push(fault('matrix.missing', `${path}.type`, 'the type of the session description is required'))
  }
  return { type: key, sdp }
}

function readLifetime(content: JsonObject, fields: FieldReader): number {
  const place = '$.content.lifetime'
  const lifetime = fields.optionalNumber(content, 'lifetime', '$.content')
  if (lifetime !== undefined && lifetime >= 0) return Math.trunc(lifetime)
  if (lifetime !== undefined) {
    fields.warnings.push(fault('matrix.value', place, 'a lifetime is not negative: taken as over'))
    return 0
  }
  if (content.lifetime === undefined || content.lifetime === null) {
    fields.warnings.push(fault('matrix.missing', place, `a lifetime is required: taken as ${defaultLifetime} ms`))
  }
  return defaultLifetime
}

/** The stable key, or the one of MSC3077 that older clients still send. */
function readMetadata(content: JsonObject, fields: FieldReader): StreamMetadataMap | undefined {
  const old = 'org.matrix.msc3077.sdp_stream_metadata'
  const key = content.sdp_stream_metadata === undefined ? old : 'sdp_stream_metadata'
  const map = fields.optionalObject(content, key, '$.content')
  if (map === undefined) return undefined
  const result: Record<string, StreamMetadata> = Object.create(null)
  for (const [stream, entry] of Object.entries(map)) {
    const path = `$.content.${key}['${stream}']`
    if (!isObject(entry)) {
      fields.warnings.push(fault('matrix.wrong-type', path, `a stream is described by an object, not ${nameOf(entry)}`))
      continue
    }
    result[stream] = present({
      purpose: fields.optionalString(entry, 'purpose', path) ?? '',
      audio_muted: fields.optionalBoolean(entry, 'audio_muted', path),
      video_muted: fields.optionalBoolean(entry, 'video_muted', path),
    })
    if (entry.purpose === undefined)
      fields.warnings.push(fault('matrix.missing', `${path}.purpose`, 'a purpose is required'))
  }
  return { ...result }
}

function readCapabilities(content: JsonObject, fields: FieldReader) {
  const capabilities = fields.optionalObject(content, 'capabilities', '$.content')
  if (capabilities === undefined) return undefined
  return present({
    'm.call.transferee': fields.optionalBoolean(capabilities, 'm.call.transferee', '$.content.capabilities'),
    'm.call.dtmf': fields.optionalBoolean(capabilities, 'm.call.dtmf', '$.content.capabilities'),
  })
}

function readCandidates(content: JsonObject, fields: FieldReader): readonly Candidate[] {
  const list = content.candidates
  const place = '$.content.candidates'
  if (!Array.isArray(list)) {
    fields.faults.push(
      list === undefined
        ? fault('matrix.missing', place, 'a list of candidates is required')
        : fault('matrix.wrong-type', place, `a list is required, and this is ${nameOf(list)}`),
    )
    return []
  }
  const result: Candidate[] = []
  for (const [index, entry] of list.entries()) {
    const path = `${place}[${index}]`
    if (!isObject(entry) || typeof entry.candidate !== 'string') {
      fields.warnings.push(
        fault('matrix.wrong-type', path, 'a candidate is an object with the string `candidate`: left out'),
      )
      continue
    }
    const { candidate } = entry
    const sdpMid = fields.optionalString(entry, 'sdpMid', path)
    const sdpMLineIndex = fields.optionalNumber(entry, 'sdpMLineIndex', path)
    if (candidate !== '' && sdpMid === undefined && sdpMLineIndex === undefined) {
      fields.warnings.push(fault('matrix.missing', path, 'one of sdpMid and sdpMLineIndex is required'))
    }
    result.push(present({ candidate, sdpMid, sdpMLineIndex }))
  }
  return result
}

function readIdentity(content: JsonObject, fields: FieldReader) {
  const identity = content.asserted_identity
  if (identity === null) return null
  const object = fields.requireObject(content, 'asserted_identity', '$.content')
  return readProfile(object, '$.content.asserted_identity', fields)
}

function readTarget(user: JsonObject, fields: FieldReader) {
  const path = '$.content.target_user'
  const { display_name, avatar_url } = readProfile(user, path, fields)
  return present({ id: fields.requireString(user, 'id', path), display_name, avatar_url })
}

function readProfile(object: JsonObject, path: string, fields: FieldReader) {
  return present({
    id: fields.optionalString(object, 'id', path),
    display_name: fields.optionalString(object, 'display_name', path),
    avatar_url: fields.optionalString(object, 'avatar_url', path),
  }) as Readonly<{ id?: string; display_name?: string; avatar_url?: string }>
}
