import { timestampDelta } from './packet.ts'

/** Keys as telephone events (RFC 4733). */

/** Event number → key, 0–15 (§3.2). */
export const eventKeys = '0123456789*#ABCD'

export const eventPayloadLength = 4

/** Event, end bit and volume, duration in samples (§2.3). `volume` is −dBm0, 0–63. */
export function writeEvent(event: number, end: boolean, duration: number, into: Uint8Array, at = 0): void {
  into[at] = event
  into[at + 1] = (end ? 0x80 : 0) | 10
  into[at + 2] = duration >> 8
  into[at + 3] = duration
}

export type KeyEvent = Readonly<{ event: number; end: boolean; duration: number }>

export function readEvent(payload: Uint8Array): KeyEvent | null {
  if (payload.length < eventPayloadLength) return null
  return { event: payload[0]!, end: payload[1]! >= 0x80, duration: (payload[2]! << 8) | payload[3]! }
}

/** A packet whose timestamp is at most this far behind the newest is late (samples); farther back, the stream began anew. */
const lateness = 5 * 8000
/** Samples: one segment cannot be longer (§2.5.1.3). */
export const longestSegment = 0xffff

/**
 * Turns packets into keys, each once. An event is known by its timestamp (§2.5.1.2): its updates, its three end packets
 * and whatever the network doubles or reorders change nothing, and no end packet is needed.
 */
export class KeyReceiver {
  #ssrc = -1
  #timestamp = 0
  #heard: KeyEvent = { event: -1, end: true, duration: 0 }

  /** The key, if this packet is the first of its event. */
  receive(ssrc: number, timestamp: number, payload: Uint8Array): string | null {
    const heard = readEvent(payload)
    if (heard === null || heard.event >= eventKeys.length) return null
    const before = ssrc === this.#ssrc ? this.#heard : null
    const ahead = before === null ? 0 : timestampDelta(this.#timestamp, timestamp)
    if (before !== null && ahead < 0 && ahead > -lateness) return null
    this.#ssrc = ssrc
    this.#timestamp = timestamp
    this.#heard = heard
    return before !== null && goesOn(before, heard, ahead) ? null : eventKeys[heard.event]!
  }
}

function goesOn(before: KeyEvent, heard: KeyEvent, ahead: number): boolean {
  if (before.event !== heard.event) return false
  if (ahead === 0) return true
  // A key held longer than one segment can say (§2.5.1.3).
  if (before.duration === longestSegment && ahead === longestSegment) return true
  // Against the RFC, some senders move the timestamp with every packet of an event, by as much as its duration grows.
  return ahead > 0 && ahead === heard.duration - before.duration
}
