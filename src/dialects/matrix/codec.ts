import type { Cause } from '../../call/causes.ts'
import type { Actor, Ending, Phase } from '../../call/ending.ts'
import type { EndingCodec, ReadContext, WriteContext } from '../dialect.ts'
import { callEventType, type HangupReason } from './event.ts'
import { isObject, type JsonObject } from './fields.ts'
import { foreignReadings, publishedReadings, type Reading, readingOf, says, words } from './reasons.ts'

/**
 * An ending as Matrix says it: the event to send. Identifiers that the writer was not given are absent, so that whoever
 * sends it adds them; `serialiseCallEvent` checks that nothing is missing.
 */
export type MatrixEnding =
  | Readonly<{ type: 'm.call.hangup'; content: EndingContent & Readonly<{ reason?: string }> }>
  | Readonly<{ type: 'm.call.reject'; content: EndingContent & Readonly<{ reason?: string }> }>
  | Readonly<{ type: 'm.call.select_answer'; content: EndingContent & Readonly<{ selected_party_id?: string }> }>

type EndingContent = Readonly<{ call_id?: string; party_id?: string; version: '1' | 0 }>

/**
 * `spec` (the default): what the specification says, to the letter.
 * `clients`: what the large clients really honour. Before the answer a callee refuses with `m.call.reject` and an extra
 * `reason`, as they ignore its hangup; `replaced` for a lost crossing call; MSC4006 for a call taken elsewhere.
 * `v0`: for a peer of version 0, which knows neither reject nor select_answer and shows reasons as errors.
 */
export const vocabularies = ['spec', 'clients', 'v0'] as const
export type MatrixVocabulary = (typeof vocabularies)[number]

/**
 * Endings in Matrix's words. Reads a whole event, its content alone, JSON text of either, or a bare reason.
 *
 * @example
 * codec.read({ type: 'm.call.hangup', content: { call_id: 'c', version: '1', party_id: 'p', reason: 'ice_timeout' } }, { at: 0 }).cause // 'media-lost'
 *
 * @example
 * codec.write({ cause: 'busy', actor: 'callee', phase: 'ringing', at: 0 }) // { type: 'm.call.hangup', content: { version: '1', reason: 'user_busy' } }
 */
export const codec: EndingCodec<MatrixEnding> = { dialect: 'matrix', read, write, says, identify }

// ---------------------------------------------------------------- reading

const rejected: Reading = { cause: 'declined', actor: 'callee', phase: 'ringing' }
const selected: Reading = { cause: 'answered-elsewhere', actor: 'callee', phase: 'ringing' }
const replaces: Reading = { cause: 'transferred', actor: 'sender', phase: 'answered' }
const left: Reading = { cause: 'peer-gone', actor: 'sender', phase: 'answered' }

function read(wire: unknown, context: ReadContext): Ending {
  const value = typeof wire === 'string' ? fromText(wire) : wire
  if (typeof value === 'string') return ending(readingOf(value), wire, context, unknownReason)
  if (!isObject(value)) return ending(null, wire, context, 'no Matrix event')
  const { type } = value
  const content = isObject(value.content) ? value.content : value
  if (type === 'm.room.member') return readMember(content, wire, context, value)
  const name = type === undefined ? typeFromContent(content) : callEventType(type)
  switch (name) {
    case 'm.call.hangup':
    case 'm.call.reject_locally':
      return readHangup(content.reason, wire, context, value)
    case 'm.call.reject':
      return readReject(content.reason, wire, context, value)
    case 'm.call.select_answer':
      return ending(selected, wire, context, unknownReason, value)
    case 'm.call.replaces':
      return ending(replaces, wire, context, unknownReason, value)
    default:
      return ending(null, wire, context, name === null ? 'no Matrix call event' : `${name} ends no call`, value)
  }
}

const unknownReason = 'a reason that is not known'

/** JSON text is its value; any other text is taken as a bare reason. */
function fromText(text: string): unknown {
  if (!/^\s*[{["]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Content that came without its event. */
function typeFromContent(content: JsonObject) {
  if (content.selected_party_id !== undefined) return 'm.call.select_answer'
  const other = ['offer', 'answer', 'candidates', 'description', 'sdp_stream_metadata', 'asserted_identity']
  if (other.some((key) => content[key] !== undefined)) return null
  return content.call_id === undefined && content.reason === undefined ? null : 'm.call.hangup'
}

function readHangup(reason: unknown, wire: unknown, context: ReadContext, event: JsonObject): Ending {
  const text = reason === undefined || reason === null || typeof reason === 'string'
  return ending(text ? readingOf(reason) : null, wire, context, unknownReason, event)
}

/** A reject is a refusal whatever it says; a reason that is known says what kind (the large clients write one). */
function readReject(reason: unknown, wire: unknown, context: ReadContext, event: JsonObject): Ending {
  const reading = typeof reason === 'string' ? readingOf(reason) : rejected
  return ending(reading === null || reading.cause === 'by-phase' ? rejected : reading, wire, context, '', event)
}

/** A peer that leaves the room, or is banned from it, has left the call. */
function readMember(content: JsonObject, wire: unknown, context: ReadContext, event: JsonObject): Ending {
  const { membership } = content
  const gone = membership === 'leave' || membership === 'ban'
  return ending(gone ? left : null, wire, context, 'a membership that ends no call', event)
}

/** The last moment that a Date can hold (ECMA-262 §21.4.1.1). */
const lastInstant = 8.64e15

function ending(
  reading: Reading | null,
  wire: unknown,
  context: ReadContext,
  otherwise: string,
  event?: JsonObject,
): Ending {
  const raw = { dialect: 'matrix', value: wire } as const
  const sent = event?.origin_server_ts
  const at = typeof sent === 'number' && sent >= 0 && sent <= lastInstant ? sent : context.at
  if (reading === null) {
    return { cause: 'unknown', actor: 'unknown', phase: context.phase ?? 'answered', at, detail: otherwise, raw }
  }
  const phase = context.phase ?? reading.phase
  const sender = senderOf(context)
  if (reading.cause === 'by-phase') {
    const cause = personCause(phase, sender)
    return { cause, actor: cause === 'cancelled' ? 'caller' : sender, phase, at, raw }
  }
  return { cause: reading.cause, actor: reading.actor === 'sender' ? sender : reading.actor, phase, at, raw }
}

/** Whose act an event is: who sent it, or, as events come from the far end, which way the call went. */
function senderOf({ sender, direction }: ReadContext): Actor & ('caller' | 'callee' | 'unknown') {
  if (sender !== undefined) return sender
  if (direction === undefined) return 'unknown'
  return direction === 'in' ? 'caller' : 'callee'
}

/**
 * A person ended it. Before the answer that is the caller's withdrawal; from the callee, who by the letter sends a
 * reject, it is a refusal: all that version 0 had, and what some clients of version 1 still send.
 */
function personCause(phase: Phase, sender: 'caller' | 'callee' | 'unknown'): Cause {
  if (phase === 'answered') return 'hangup'
  return sender === 'callee' ? 'declined' : 'cancelled'
}

function identify(wire: unknown): Readonly<Record<string, string>> {
  const value = typeof wire === 'string' ? fromText(wire) : wire
  if (!isObject(value)) return {}
  const content = isObject(value.content) ? value.content : value
  const ids: Record<string, string> = {}
  for (const key of ['call_id', 'party_id', 'selected_party_id']) {
    const id = content[key]
    if (typeof id === 'string') ids[key] = id
  }
  return ids
}

// ---------------------------------------------------------------- writing

function write({ cause }: Ending, context: WriteContext = {}): MatrixEnding {
  const { ids, phase, direction, vocabulary } = context
  const word = words[cause]
  if (vocabulary === 'v0') return writeEra0(word, ids)
  const clients = vocabulary === 'clients'
  const answered = phase === 'answered'
  switch (word) {
    case 'select_answer':
      // A listener whose identifiers are known, and no party to name: nobody was selected on this network.
      if (ids?.call_id !== undefined && ids.selected_party_id === undefined) {
        return hangup(clients ? completedElsewhere : 'user_hangup', ids)
      }
      return {
        type: 'm.call.select_answer',
        content: content(ids, '1', { selected_party_id: ids?.selected_party_id }),
      }
    case 'reject':
      // Only a callee rejects, and only before the answer.
      if (answered || direction === 'out') return hangup('user_hangup', ids)
      return { type: 'm.call.reject', content: content(ids, '1', {}) }
    default: {
      const reason = clients && cause === 'superseded' ? 'replaced' : word
      if (clients && direction === 'in' && phase !== undefined && !answered) {
        return { type: 'm.call.reject', content: content(ids, '1', { reason }) }
      }
      return hangup(reason, ids)
    }
  }
}

/** MSC4006, open: the INVITE of a fork was cancelled because the call was completed elsewhere. */
const completedElsewhere = 'org.matrix.msc4006.completed_elsewhere'

function hangup(reason: string, ids: WriteContext['ids']): MatrixEnding {
  return { type: 'm.call.hangup', content: content(ids, '1', { reason }) }
}

/** Version 0 knows two reasons. */
function writeEra0(word: HangupReason | 'reject' | 'select_answer', ids: WriteContext['ids']): MatrixEnding {
  const media = word === 'ice_failed' || word === 'ice_timeout'
  const reason = media ? 'ice_failed' : word === 'invite_timeout' ? word : undefined
  return { type: 'm.call.hangup', content: content(ids, 0, { reason }) }
}

type OwnField = Readonly<Partial<Record<'reason' | 'selected_party_id', string | undefined>>>

function content(ids: WriteContext['ids'], version: '1' | 0, own: OwnField) {
  const result: { call_id?: string; party_id?: string; version: '1' | 0; reason?: string; selected_party_id?: string } =
    {
      ...(ids?.call_id === undefined ? {} : { call_id: ids.call_id }),
      ...(ids?.party_id === undefined || version === 0 ? {} : { party_id: ids.party_id }),
      version,
    }
  if (own.reason !== undefined) result.reason = own.reason
  if (own.selected_party_id !== undefined) result.selected_party_id = own.selected_party_id
  return result
}

/** Every reason that this dialect reads, published ones first. */
export const knownReasons: readonly string[] = [...Object.keys(publishedReadings), ...Object.keys(foreignReadings)]
