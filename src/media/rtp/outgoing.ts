import { type RtpPacket, rtpHeaderLength, sequenceDelta, writeRtpHeader } from './packet.ts'
import { longestSegment } from './telephone-event.ts'

/** Largest payload that is sent on, in bytes: what fits into one Ethernet frame. */
export const longestPayload = 1460

/** How a relayed stream's numbers become ours. */
type Mapping = { ssrc: number; sequence: number; timestamp: number; first: number; highest: number }

/** Samples that a packet may be late without being a pause: 60 ms. */
const lateness = 480

const none = new Uint8Array(0)

/**
 * The one stream that a session sends, whatever it is made of: prompts, silence, keys, another session's packets.
 * One SSRC, sequence numbers without holes of our making, timestamps that follow the clock. Writes packets, sends none.
 */
export class Outgoing {
  readonly ssrc: number
  packets = 0
  /** Payload bytes. */
  bytes = 0
  /** Milliseconds, monotonic; −1 before the first packet. */
  sentAt = -1
  /** As long as the longest packet so far: many a stream only ever sends short ones, or none. */
  #packet: Uint8Array = none
  #payload: Uint8Array = none
  #sequence: number
  /** Of the last packet, the moment that it stands for, and the samples that the packet held: 0 for an event. */
  #timestamp: number
  #timestampAt = -1
  #samples = 0
  #mapping: Mapping | null = null
  /** The last view given out: nearly all packets of a stream have one length. */
  #view: Uint8Array = none

  constructor(ssrc: number, sequence: number, timestamp: number) {
    this.ssrc = ssrc
    this.#sequence = sequence
    this.#timestamp = timestamp
  }

  /**
   * Where the payload of the next packet is to be written.
   * @param length of it in bytes, up to `longestPayload`.
   */
  room(length: number): Uint8Array {
    if (this.#payload.length === length) return this.#payload
    // From Node's pool, whose bytes were others': a buffer of its own for each stream would be work for the garbage collector.
    if (this.#packet.length < rtpHeaderLength + length) {
      this.#packet = Buffer.allocUnsafe(rtpHeaderLength + length).fill(0)
    }
    this.#payload = this.#packet.subarray(rtpHeaderLength, rtpHeaderLength + length)
    this.#view = none
    return this.#payload
  }

  /**
   * A packet of audio that we make ourselves, its payload already in place.
   * @param at when it is due; a pause since the last packet moves the timestamp and sets the marker (RFC 3551 §4.1).
   * @returns a view that is good until the next packet.
   */
  audio(payloadType: number, samples: number, at: number): Uint8Array {
    const marker = this.#advance(samples, at)
    return this.#finish(payloadType, marker, samples, at)
  }

  /**
   * The first packet of an event starts at this moment; its later ones keep the timestamp (RFC 4733 §2.5.1.2), and a
   * further segment starts where the full one before it ended (§2.5.1.3).
   */
  event(payloadType: number, length: number, position: 'first' | 'later' | 'segment', at: number): Uint8Array {
    if (position === 'first') this.#advance(0, at)
    else if (position === 'segment') {
      this.#timestamp = (this.#timestamp + longestSegment) >>> 0
      this.#timestampAt += longestSegment / 8
    }
    return this.#finish(payloadType, position === 'first', length, at)
  }

  /**
   * Another stream's packet, its payload already in place: sequence and timestamp keep their distances, so that the far
   * end still sees loss, order and jitter. Any jump of theirs becomes a new beginning of ours.
   * @returns null for a packet from before that beginning.
   */
  relay(packet: RtpPacket, payloadType: number, length: number, at: number): Uint8Array | null {
    const before = this.#mapping
    const mapping = this.#mappingFor(packet, at)
    if (sequenceDelta(mapping.first, packet.sequence) < 0) return null
    const sequence = (packet.sequence + mapping.sequence) & 0xffff
    const timestamp = (packet.timestamp + mapping.timestamp) >>> 0
    const fresh = mapping !== before
    if (fresh || sequenceDelta(mapping.highest, packet.sequence) > 0) {
      mapping.highest = packet.sequence
      this.#sequence = (sequence + 1) & 0xffff
      if (timestamp !== this.#timestamp) this.#timestampAt = at
      this.#timestamp = timestamp
      this.#samples = length
    }
    this.#mapping = mapping
    return this.#write(payloadType, packet.marker || fresh, sequence, timestamp, length, at)
  }

  #mappingFor(packet: RtpPacket, at: number): Mapping {
    const mapping = this.#mapping
    if (mapping !== null && mapping.ssrc === packet.ssrc) {
      const ahead = sequenceDelta(mapping.highest, packet.sequence)
      if (ahead > -100 && ahead < 3000) {
        // `first` must not look like the future after half a turn of the sequence numbers.
        if (sequenceDelta(mapping.first, packet.sequence) > 20_000) mapping.first = (packet.sequence - 10_000) & 0xffff
        return mapping
      }
    }
    this.#advance(0, at)
    return {
      ssrc: packet.ssrc,
      sequence: (this.#sequence - packet.sequence) & 0xffff,
      timestamp: (this.#timestamp - packet.timestamp) | 0,
      first: packet.sequence,
      highest: packet.sequence,
    }
  }

  /** Moves the timestamp on to a new packet. @returns whether this is a new beginning: the marker bit. */
  #advance(samples: number, at: number): boolean {
    this.#mapping = null
    const elapsed = this.#timestampAt < 0 ? 0 : Math.max(0, Math.round((at - this.#timestampAt) * 8))
    const steady = this.#samples > 0 && elapsed <= this.#samples + lateness
    const first = this.#timestampAt < 0
    this.#timestamp = (this.#timestamp + (steady ? this.#samples : elapsed)) >>> 0
    this.#timestampAt = at
    this.#samples = samples
    return first || elapsed > lateness * 2
  }

  #finish(payloadType: number, marker: boolean, length: number, at: number): Uint8Array {
    const sequence = this.#sequence
    this.#sequence = (sequence + 1) & 0xffff
    return this.#write(payloadType, marker, sequence, this.#timestamp, length, at)
  }

  #write(payloadType: number, marker: boolean, sequence: number, timestamp: number, length: number, at: number) {
    this.room(length)
    const whole = rtpHeaderLength + length
    if (this.#view.length !== whole) this.#view = this.#packet.subarray(0, whole)
    writeRtpHeader({ payloadType, marker, sequence, timestamp, ssrc: this.ssrc }, this.#view)
    this.packets++
    this.bytes += length
    this.sentAt = at
    return this.#view
  }

  /** The RTP timestamp of a moment, for sender reports. */
  timestampAt(at: number): number {
    return (this.#timestamp + Math.round((at - this.#timestampAt) * 8)) >>> 0
  }
}
