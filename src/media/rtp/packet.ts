/** RTP data packets (RFC 3550 §5.1). */
export type RtpPacket = Readonly<{
  payloadType: number
  marker: boolean
  /** 16 bits. */
  sequence: number
  /** 32 bits, in samples. */
  timestamp: number
  ssrc: number
  /** A view into the datagram. */
  payload: Uint8Array
}>

export const rtpHeaderLength = 12

/** null for anything that is no well-formed RTP packet. Never throws. */
export function parseRtp(datagram: Uint8Array): RtpPacket | null {
  if (datagram.length < rtpHeaderLength || datagram[0]! >> 6 !== 2) return null
  const first = datagram[0]!
  let start = rtpHeaderLength + (first & 0x0f) * 4
  let end = datagram.length
  if (first & 0x10) {
    if (start + 4 > end) return null
    start += 4 + ((datagram[start + 2]! << 8) | datagram[start + 3]!) * 4
  }
  if (first & 0x20) end -= datagram[end - 1]!
  if (start > end) return null
  return {
    payloadType: datagram[1]! & 0x7f,
    marker: datagram[1]! >> 7 === 1,
    sequence: (datagram[2]! << 8) | datagram[3]!,
    timestamp: readUint32(datagram, 4),
    ssrc: readUint32(datagram, 8),
    payload: datagram.subarray(start, end),
  }
}

/** A header without extension, CSRC or padding. `into` must have 12 bytes; returns it. */
export function writeRtpHeader(packet: Omit<RtpPacket, 'payload'>, into: Uint8Array): Uint8Array {
  into[0] = 0x80
  into[1] = (packet.marker ? 0x80 : 0) | (packet.payloadType & 0x7f)
  into[2] = packet.sequence >> 8
  into[3] = packet.sequence
  writeUint32(into, 4, packet.timestamp)
  writeUint32(into, 8, packet.ssrc)
  return into
}

export function buildRtp(packet: RtpPacket): Uint8Array {
  const datagram = writeRtpHeader(packet, new Uint8Array(rtpHeaderLength + packet.payload.length))
  datagram.set(packet.payload, rtpHeaderLength)
  return datagram
}

/** RTCP arrives on its own port, or muxed onto RTP's: told apart by the packet type (RFC 5761 §4). */
export function looksLikeRtcp(datagram: Uint8Array): boolean {
  return datagram.length >= 8 && datagram[0]! >> 6 === 2 && datagram[1]! >= 192 && datagram[1]! <= 223
}

/** Signed distance from one 16-bit sequence number to a later one. */
export const sequenceDelta = (from: number, to: number): number => ((to - from) << 16) >> 16

/** Signed distance from one 32-bit timestamp to a later one. */
export const timestampDelta = (from: number, to: number): number => (to - from) | 0

export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
