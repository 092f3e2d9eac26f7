import { decoding } from '../audio/g711.ts'
import { timestampDelta } from '../rtp/packet.ts'
import type { Codec } from '../sdp/negotiated.ts'

/** Samples that a packet may seem to come early before its clock is set anew: 100 ms. */
const earliness = 800
/** A packet whose timestamp is farther behind the newest begins a new stream: 2 s. */
const lateness = 16_000

/** A packet of sound, heard or sent. */
export type Piece = Readonly<{ codec: Codec; ssrc: number; timestamp: number; payload: Uint8Array }>

/**
 * One direction's sound on a line of time that the recording owns. Places are samples since its beginning. The sender's
 * timestamps say how packets lie to each other, the clock only where the first of them lies: jitter does not reach the
 * recording, loss and pauses become silence, and packets that come out of order find their place.
 */
export class Track {
  readonly #ring: Int16Array
  /** Where the packet with the newest timestamp lies; null before the first one. */
  #newest: { ssrc: number; timestamp: number; place: number } | null = null

  /** @param capacity a power of two: samples from the first place not taken out to the last one that a packet may reach. */
  constructor(capacity: number) {
    this.#ring = new Int16Array(capacity)
  }

  /**
   * @param now the place of this moment.
   * @param from the first place that has not been taken out yet.
   */
  put(piece: Piece, now: number, from: number): void {
    const { codec, ssrc, timestamp, payload } = piece
    const { length } = payload
    const newest = this.#newest?.ssrc === ssrc ? this.#newest : null
    const ahead = newest === null ? 0 : timestampDelta(newest.timestamp, timestamp)
    let place = newest === null ? now - length : newest.place + ahead
    const old = newest !== null && ahead <= 0 && ahead > -lateness
    // A jump of timestamps, or a way through the network that has become longer.
    const lost = place > now + earliness || (place < from && !old)
    if (lost) place = now - length
    if (!old || lost) this.#newest = { ssrc, timestamp, place }
    const table = decoding[codec]
    const ring = this.#ring
    const mask = ring.length - 1
    for (let index = Math.max(0, from - place); index < length; index++) {
      ring[(place + index) & mask] = table[payload[index]!]!
    }
  }

  /** Adds what lies there to a mix, and forgets it. */
  take(from: number, into: Int32Array): void {
    const ring = this.#ring
    const mask = ring.length - 1
    for (let index = 0; index < into.length; index++) {
      const at = (from + index) & mask
      into[index]! += ring[at]!
      ring[at] = 0
    }
  }

  /** The next packet is a first one: the line of time has stood still. */
  restart(): void {
    this.#newest = null
    this.#ring.fill(0)
  }
}
