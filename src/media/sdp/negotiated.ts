/** The codecs that we speak: G.711, both laws (RFC 3551 §4.5.14). */
export const codecs = ['PCMU', 'PCMA'] as const
export type Codec = (typeof codecs)[number]

/** Seen from our side: `recvonly` means that we receive only. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** What both sides agreed on, and where the far end listens. */
export type Negotiated = Readonly<{
  codec: Codec
  /** RTP payload number of the codec, 0–127. The same in both directions. */
  payloadType: number
  /** Payload number of telephone-event (RFC 4733); null if it was not agreed. */
  dtmfPayloadType: number | null
  /** IP address and UDP port that the far end receives RTP on. */
  address: string
  port: number
  rtcpAddress: string
  rtcpPort: number
  direction: Direction
  /** Milliseconds of audio per packet that the far end likes to receive: 10, 20, 30, 40 or 60. */
  ptime: number
}>

/** What a stream must know of an agreement; where the far end is concerns its transport. */
export type Agreement = Pick<Negotiated, 'codec' | 'payloadType' | 'dtmfPayloadType' | 'direction' | 'ptime'>

/** What we may do in a direction. */
export const sends = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'sendonly'
export const receives = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly'

/** The far end asked for silence: by direction, or by the old c=0.0.0.0. */
export const isHold = (negotiated: Negotiated): boolean => !sends(negotiated.direction)
