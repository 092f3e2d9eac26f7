import type { RtpPacket } from './packet.ts'
import { sequenceDelta, timestampDelta } from './packet.ts'
import type { ReceptionReport } from './rtcp.ts'

/** A jump beyond this is a new stream under the old name, not loss (RFC 3550 A.1, MAX_DROPOUT and MAX_MISORDER). */
const dropout = 3000
const misorder = 100

/** Counts the stream that is heard: loss and jitter (RFC 3550 A.1, A.3, A.8). One clock of 8,000 Hz. */
export class Reception {
  packets = 0
  #ssrc = -1
  #base = 0
  /** With its count of cycles. */
  #highest = 0
  /** Packets and losses of earlier streams, and packets of this one. */
  #earlierLost = 0
  #current = 0
  /** Of the last paced packet of this stream. */
  #transit: number | null = null
  #jitter = 0
  #reportedExpected = 0
  #reportedReceived = 0
  #lastReport = 0
  #lastReportAt = 0

  /**
   * @param paced whether its timestamp is the moment it was sent, as for audio; an event's is the moment it began.
   * @param at milliseconds, monotonic.
   */
  receive(packet: RtpPacket, paced: boolean, at: number): void {
    this.packets++
    const ahead = sequenceDelta(this.#highest & 0xffff, packet.sequence)
    if (packet.ssrc !== this.#ssrc || ahead > dropout || ahead < -misorder) this.#begin(packet)
    else if (ahead > 0) this.#highest += ahead
    this.#current++
    if (!paced) return
    const transit = (Math.trunc(at * 8) - packet.timestamp) | 0
    if (this.#transit !== null) this.#jitter += (Math.abs(timestampDelta(this.#transit, transit)) - this.#jitter) / 16
    this.#transit = transit
  }

  #begin(packet: RtpPacket): void {
    this.#earlierLost += this.#lostNow
    this.#ssrc = packet.ssrc
    this.#base = packet.sequence
    this.#highest = packet.sequence
    this.#current = 0
    this.#transit = null
    this.#reportedExpected = 0
    this.#reportedReceived = 0
  }

  get #expected(): number {
    return this.#ssrc < 0 ? 0 : this.#highest - this.#base + 1
  }

  /** Doubled packets can make it negative. */
  get #lostNow(): number {
    return this.#expected - this.#current
  }

  get lost(): number {
    return Math.max(0, this.#earlierLost + this.#lostNow)
  }

  /** Milliseconds. */
  get jitter(): number {
    return this.#jitter / 8
  }

  /** @param time middle 32 bits of a sender report's time. */
  heardReport(time: number, at: number): void {
    this.#lastReport = time
    this.#lastReportAt = at
  }

  /** The next report block, and the start of a new interval; null before the first packet. */
  report(at: number): ReceptionReport | null {
    if (this.#ssrc < 0) return null
    const expected = this.#expected - this.#reportedExpected
    const lost = expected - (this.#current - this.#reportedReceived)
    this.#reportedExpected = this.#expected
    this.#reportedReceived = this.#current
    return {
      ssrc: this.#ssrc,
      fractionLost: expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected)),
      lost: this.#lostNow,
      highest: this.#highest,
      jitter: Math.trunc(this.#jitter),
      lastReport: this.#lastReport,
      sinceLastReport: this.#lastReport === 0 ? 0 : Math.trunc(((at - this.#lastReportAt) * 65_536) / 1000),
    }
  }
}
