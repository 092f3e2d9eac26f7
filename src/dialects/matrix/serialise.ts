import type { Fault, Parsed } from '../dialect.ts'
import {
  type CallContents,
  type CallEventType,
  type Candidate,
  callEventType,
  type HangupReason,
  hangupReasons,
} from './event.ts'
import { fault, isOpaqueId } from './fields.ts'

/** What goes on the wire: the event's type and its content. */
export type WireEvent = Readonly<{ type: string; content: Readonly<Record<string, unknown>> }>

/** An event to be sent; `version` is `'1'`, or 0 for a peer that spoke version 0. */
export type OutgoingEvent = { [T in CallEventType]: Readonly<{ type: T; content: CallContents[T] }> }[CallEventType]

/** Names that clients know for the events that are not in the specification. */
const wireNames: Partial<Record<CallEventType, string>> = {
  'm.call.asserted_identity': 'org.matrix.call.asserted_identity',
}

/** Version 0 has these, and nothing else. */
const era0: readonly CallEventType[] = ['m.call.invite', 'm.call.candidates', 'm.call.answer', 'm.call.hangup']

const isReason = (reason: string): reason is HangupReason => (hangupReasons as readonly string[]).includes(reason)

/**
 * Writes an event as the strictest published schema has it: our party inside the grammar (a call or a party that somebody
 * else named is said back as it came, with a warning), `version` the string `"1"`,
 * a hangup with one of the seven reasons, whole durations. An absent hangup reason is
 * written as `user_hangup`, which is what its absence means; to a version 0 peer it is left out, as such peers show
 * reasons as errors. What cannot be said is a fault, with its path; never throws.
 * Faults: `matrix.grammar`, `matrix.missing`, `matrix.value`, `matrix.not-in-version-0`, `matrix.not-a-call-event`.
 *
 * @example
 * const written = serialiseCallEvent({
 *   type: 'm.call.hangup',
 *   content: { call_id: 'c1', version: '1', party_id: 'p1' },
 * })
 * written.ok && written.value.content // { call_id: 'c1', version: '1', party_id: 'p1', reason: 'user_hangup' }
 */
export function serialiseCallEvent(event: OutgoingEvent): Parsed<WireEvent> {
  const faults: Fault[] = []
  const type = callEventType(event?.type)
  const content = event?.content as CallContents[CallEventType] | undefined
  if (type === null || typeof content !== 'object' || content === null) {
    return { ok: false, faults: [fault('matrix.not-a-call-event', '$.type', 'no event of the m.call family')] }
  }
  if (content.version === 0 && !era0.includes(type)) {
    faults.push(fault('matrix.not-in-version-0', '$.type', `${type} is unknown to version 0`))
  }
  const warnings: Fault[] = []
  // Who invites chooses it: of a call that came to us it is what it is, and has to be said back.
  checkId(content.call_id, '$.content.call_id', faults, warnings)
  if (content.version !== 0) checkId(content.party_id, '$.content.party_id', faults)
  const head =
    content.version === 0
      ? { call_id: content.call_id, version: 0 }
      : { call_id: content.call_id, party_id: content.party_id, version: '1' }
  const body = checkBody(event, faults, warnings)
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, value: { type: wireNames[type] ?? type, content: { ...head, ...body } }, warnings }
}

/** @param odd where an identifier that is outside the grammar is noted: with the faults, unless somebody else chose it. */
function checkId(id: unknown, place: string, faults: Fault[], odd: Fault[] = faults): void {
  if (typeof id !== 'string' || id === '') faults.push(fault('matrix.missing', place, 'an identifier is required'))
  else if (!isOpaqueId(id)) odd.push(fault('matrix.grammar', place, 'outside the grammar of opaque identifiers'))
}

function checkBody(event: OutgoingEvent, faults: Fault[], warnings: Fault[]): Record<string, unknown> {
  const { call_id: _call, party_id: _party, version, ...own } = event.content
  switch (event.type) {
    case 'm.call.invite':
      checkDescription(event.content.offer, '$.content.offer', faults)
      checkLifetime(event.content.lifetime, faults)
      return own
    case 'm.call.answer':
      checkDescription(event.content.answer, '$.content.answer', faults)
      return own
    case 'm.call.negotiate':
      checkDescription(event.content.description, '$.content.description', faults)
      checkLifetime(event.content.lifetime, faults)
      return own
    case 'm.call.hangup':
      return checkReason(event.content.reason ?? 'user_hangup', version, faults)
    case 'm.call.select_answer':
      // Their name, not ours: large clients use base64.
      checkId(event.content.selected_party_id, '$.content.selected_party_id', faults, warnings)
      return own
    case 'm.call.candidates':
      checkCandidates(event.content.candidates, faults)
      return own
    case 'm.call.reject':
    case 'm.call.reject_locally':
    case 'm.call.sdp_stream_metadata_changed':
    case 'm.call.asserted_identity':
    case 'm.call.replaces':
      return own
    default:
      return event satisfies never
  }
}

function checkReason(reason: string, version: '1' | 0, faults: Fault[]): Record<string, unknown> {
  if (!isReason(reason)) {
    faults.push(
      fault('matrix.value', '$.content.reason', `${JSON.stringify(reason)} is none of ${hangupReasons.join(', ')}`),
    )
  }
  return version === 0 && reason === 'user_hangup' ? {} : { reason }
}

function checkCandidates(candidates: unknown, faults: Fault[]): void {
  if (!Array.isArray(candidates)) {
    faults.push(fault('matrix.missing', '$.content.candidates', 'a list of candidates is required'))
    return
  }
  for (const [index, entry] of candidates.entries()) {
    const { candidate, sdpMid, sdpMLineIndex } = (entry ?? {}) as Partial<Candidate>
    if (candidate === '' || (candidate !== undefined && (sdpMid ?? sdpMLineIndex) !== undefined)) continue
    const place = `$.content.candidates[${index}]`
    faults.push(fault('matrix.missing', place, 'a candidate, and one of sdpMid and sdpMLineIndex, are required'))
  }
}

function checkDescription(description: unknown, place: string, faults: Fault[]): void {
  const { type, sdp } = (description ?? {}) as { type?: unknown; sdp?: unknown }
  const expected = place === '$.content.description' ? ['offer', 'answer'] : [place.slice('$.content.'.length)]
  if (!expected.includes(type as string)) {
    faults.push(fault('matrix.value', `${place}.type`, `the type is ${expected.join(' or ')}`))
  }
  if (typeof sdp !== 'string' || sdp === '') faults.push(fault('matrix.missing', `${place}.sdp`, 'an SDP is required'))
}

function checkLifetime(lifetime: unknown, faults: Fault[]): void {
  if (!Number.isSafeInteger(lifetime) || (lifetime as number) < 0) {
    faults.push(fault('matrix.value', '$.content.lifetime', 'a lifetime is a whole number of milliseconds'))
  }
}
