/**
 * The Matrix VoIP events (`m.call.*`) as this dialect's parsers return and its serialiser takes them. Field names are
 * the wire's own. Sources: Matrix client-server API, "Voice over IP"; MSC2747, MSC3086 and MSC4220 for the events that
 * are not in the specification.
 */

/** Which rules an event follows. Everything that is not the integer 0 follows the rules of version 1. */
export type Era = 0 | 1

/** Fields of every `m.call.*` content. */
export type CallFields = Readonly<{
  call_id: string
  /** The string `"1"`, or the integer 0 of the first version. */
  version: '1' | 0
  /** Absent in version 0, and where a version 1 event came without it. */
  party_id?: string
}>

export type SessionDescription = Readonly<{ type: string; sdp: string }>

export type StreamMetadata = Readonly<{
  /** `m.usermedia`, `m.screenshare`, or what the sender made up. */
  purpose: string
  audio_muted?: boolean
  video_muted?: boolean
}>

/** Stream id → what it is for. */
export type StreamMetadataMap = Readonly<Record<string, StreamMetadata>>

/** Non-standard, and sent by the large clients: what the sender's device can do. */
export type Capabilities = Readonly<{ 'm.call.transferee'?: boolean; 'm.call.dtmf'?: boolean }>

export type Candidate = Readonly<{
  /** An ICE candidate line; the empty string ends the list. */
  candidate: string
  sdpMid?: string
  sdpMLineIndex?: number
}>

/** The seven reasons of the specification. */
export const hangupReasons = [
  'ice_timeout',
  'ice_failed',
  'invite_timeout',
  'user_hangup',
  'user_media_failed',
  'user_busy',
  'unknown_error',
] as const
export type HangupReason = (typeof hangupReasons)[number]

/** Reasons for which one device bows out while others ring on (MSC4220). */
export type LocalRejectReason = 'unimplemented' | 'unsupported_protocol' | 'needs_matrixrtc' | 'unwanted'

/** Content per event type, beyond the common fields. Durations are milliseconds. */
export type CallContents = Readonly<{
  'm.call.invite': CallFields &
    Readonly<{
      offer: SessionDescription
      /** How long the invite is valid. */
      lifetime: number
      /** The only user who should answer. */
      invitee?: string
      sdp_stream_metadata?: StreamMetadataMap
      capabilities?: Capabilities
    }>
  'm.call.candidates': CallFields & Readonly<{ candidates: readonly Candidate[] }>
  'm.call.answer': CallFields &
    Readonly<{ answer: SessionDescription; sdp_stream_metadata?: StreamMetadataMap; capabilities?: Capabilities }>
  'm.call.select_answer': CallFields & Readonly<{ selected_party_id: string }>
  /** `reason` is no field of the specification, and honoured by the large clients. */
  'm.call.reject': CallFields & Readonly<{ reason?: string }>
  /** An absent `reason` means `user_hangup`. Foreign reasons are kept as they came. */
  'm.call.hangup': CallFields & Readonly<{ reason?: string }>
  'm.call.negotiate': CallFields &
    Readonly<{ description: SessionDescription; lifetime: number; sdp_stream_metadata?: StreamMetadataMap }>
  'm.call.sdp_stream_metadata_changed': CallFields & Readonly<{ sdp_stream_metadata: StreamMetadataMap }>
  /** MSC3086. `null`: back to the room's own profile. */
  'm.call.asserted_identity': CallFields &
    Readonly<{ asserted_identity: Readonly<{ id?: string; display_name?: string; avatar_url?: string }> | null }>
  /** MSC2747: the peer is to call somebody else instead. */
  'm.call.replaces': CallFields &
    Readonly<{
      replacement_id: string
      target_room?: string
      target_user?: Readonly<{ id: string; display_name?: string; avatar_url?: string }>
      create_call?: string
      await_call?: string
    }>
  /** MSC4220. */
  'm.call.reject_locally': CallFields & Readonly<{ reason: LocalRejectReason | (string & {}) }>
}>

export type CallEventType = keyof CallContents

export const callEventTypes = [
  'm.call.invite',
  'm.call.candidates',
  'm.call.answer',
  'm.call.select_answer',
  'm.call.reject',
  'm.call.hangup',
  'm.call.negotiate',
  'm.call.sdp_stream_metadata_changed',
  'm.call.asserted_identity',
  'm.call.replaces',
  'm.call.reject_locally',
] as const satisfies readonly CallEventType[]

/** What the homeserver adds around the content; each is absent where it did not come. */
export type Envelope = Readonly<{
  event_id?: string
  room_id?: string
  sender?: string
  /** Milliseconds since the epoch, by the sender's homeserver. */
  origin_server_ts?: number
  /** `age`: milliseconds since it was sent, by our homeserver. */
  unsigned?: Readonly<{ age?: number }>
}>

/** One event of type `T`. */
export type CallEventOf<T extends CallEventType> = Readonly<{
  type: T
  era: Era
  content: CallContents[T]
  envelope: Envelope
  /** The event as it came. */
  raw: unknown
}>

/** Any event of the family; tell them apart by `type`. */
export type CallEvent = { [T in CallEventType]: CallEventOf<T> }[CallEventType]

const unstable = 'org.matrix.call.'

/**
 * The stable name of an event type of the family, or null: `org.matrix.call.asserted_identity` is `m.call.asserted_identity`.
 *
 * @example
 * callEventType('org.matrix.call.asserted_identity') // 'm.call.asserted_identity'
 */
export function callEventType(name: unknown): CallEventType | null {
  if (typeof name !== 'string') return null
  const stable = name.startsWith(unstable) ? `m.call.${name.slice(unstable.length)}` : name
  return (callEventTypes as readonly string[]).includes(stable) ? (stable as CallEventType) : null
}
