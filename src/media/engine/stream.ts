import { decodeG711, transcoding } from '../audio/g711.ts'
import { KeyDetector } from '../audio/key-detector.ts'
import type { SessionStats } from '../face.ts'
import { Latch } from '../rtp/latch.ts'
import { longestPayload, Outgoing } from '../rtp/outgoing.ts'
import { looksLikeRtcp, parseRtp, type RtpPacket } from '../rtp/packet.ts'
import { Reception } from '../rtp/reception.ts'
import { buildReport, senderReportTime } from '../rtp/rtcp.ts'
import { KeyReceiver } from '../rtp/telephone-event.ts'
import { Watchdog } from '../rtp/watchdog.ts'
import { type Codec, type Negotiated, receives, sends } from '../sdp/negotiated.ts'
import type { EngineSettings, Report } from './messages.ts'
import type { PortPair } from './ports.ts'
import { Speaker } from './speaker.ts'
import type { Ticker } from './ticker.ts'

/** Milliseconds between control packets (RFC 3550 §6.2), each varied by half. */
const reportInterval = 5000

/** Numbers that must not be guessed or repeated: 32 and 16 bits, and 0 to 1. */
export type Chance = Readonly<{ uint32(): number; fraction(): number }>

type Heard = Codec | 'event' | 'comfort'

type StreamState = { name: 'open'; negotiated: Negotiated | null; latch: Latch | null } | { name: 'closed' }

/** A session as the worker has it: a pair of sockets, what is heard on them, and what is sent. */
export class Stream {
  readonly id: number
  readonly speaker: Speaker
  readonly #pair: PortPair
  readonly #settings: EngineSettings
  readonly #report: (report: Report) => void
  readonly #chance: Chance
  readonly #out: Outgoing
  readonly #reception = new Reception()
  readonly #keys = new KeyReceiver()
  readonly #tones = new KeyDetector()
  readonly #watchdog: Watchdog
  readonly #cname: string
  #state: StreamState = { name: 'open', negotiated: null, latch: null }
  #peer: Stream | null = null
  #rtcpPort: number | null = null
  #nextReport = 0
  #packetsReported = 0

  constructor(
    id: number,
    pair: PortPair,
    settings: EngineSettings,
    ticker: Ticker,
    chance: Chance,
    report: (report: Report) => void,
  ) {
    this.id = id
    this.#pair = pair
    this.#settings = settings
    this.#report = report
    this.#chance = chance
    this.#watchdog = new Watchdog(settings.lostAfter)
    this.#cname = chance.uint32().toString(16)
    this.#out = new Outgoing(chance.uint32(), chance.uint32() & 0xffff, chance.uint32())
    this.speaker = new Speaker(this.#out, ticker, settings.idle, {
      send: (packet) => this.#send(packet),
      done: (job, result) => report({ type: 'done', session: id, job, result }),
    })
    pair.rtp.on('message', (datagram, from) => this.#hearRtp(datagram, from.address, from.port))
    pair.rtcp?.on('message', (datagram, from) => this.#hearRtcp(datagram, from.address, from.port))
  }

  /** @param watch whether silence may be a loss. */
  agree(negotiated: Negotiated, watch: boolean): void {
    if (this.#state.name === 'closed') return
    const now = performance.now()
    const { latch } = this.#state
    if (latch === null) {
      this.#state = { name: 'open', negotiated, latch: new Latch(this.#settings.symmetric, negotiated) }
      this.#nextReport = now + reportInterval * this.#chance.fraction()
    } else {
      latch.agree(negotiated)
      this.#state.negotiated = negotiated
    }
    this.#rtcpPort = null
    this.#watchdog.expect(watch && negotiated.direction === 'sendrecv', now)
    this.speaker.agree(negotiated)
  }

  connect(other: Stream): void {
    if (other === this || this.#state.name === 'closed' || other.#state.name === 'closed') return
    this.disconnect()
    other.disconnect()
    this.#join(other)
    other.#join(this)
  }

  disconnect(): void {
    const peer = this.#peer
    this.#join(null)
    if (peer !== null) peer.#join(null)
  }

  #join(peer: Stream | null): void {
    this.#peer = peer
    this.speaker.relaying = peer !== null
  }

  get stats(): SessionStats {
    return {
      packetsSent: this.#out.packets,
      packetsReceived: this.#reception.packets,
      packetsLost: this.#reception.lost,
      jitter: this.#reception.jitter,
    }
  }

  /** Nothing is sent after this but the goodbye. Calls back when both ports are free. */
  close(freed: () => void): void {
    if (this.#state.name === 'closed') return
    this.disconnect()
    this.speaker.close()
    if (this.#out.packets > 0) this.#sendReport(performance.now(), true)
    this.#state = { name: 'closed' }
    let open = this.#pair.rtcp === null ? 1 : 2
    const closed = (): void => {
      if (--open === 0) freed()
    }
    this.#pair.rtp.close(closed)
    this.#pair.rtcp?.close(closed)
  }

  /** What is due now and then: the watchdog, control packets, a sign of life. */
  sweep(now: number): void {
    if (this.#state.name === 'closed' || this.#state.negotiated === null) return
    const loss = this.#watchdog.check(now)
    if (loss !== null) this.#report({ type: 'lost', session: this.id, loss })
    this.speaker.keepAlive(now)
    if (now >= this.#nextReport) {
      this.#nextReport = now + reportInterval * (0.5 + this.#chance.fraction())
      this.#sendReport(now, false)
    }
  }

  // ---------------------------------------------------------------- hearing

  #hearRtp(datagram: Buffer, address: string, port: number): void {
    if (this.#state.name === 'closed') return
    const { negotiated, latch } = this.#state
    if (negotiated === null || latch === null) return
    if (looksLikeRtcp(datagram)) return this.#hearRtcp(datagram, address, port)
    const packet = parseRtp(datagram)
    const kind = packet === null ? null : kindOf(packet.payloadType, negotiated)
    if (packet === null || kind === null) return
    const now = performance.now()
    if (!latch.hear(address, port, packet.ssrc, packet.sequence, now)) return
    if (this.#reception.packets === 0) this.#report({ type: 'first', session: this.id })
    this.#reception.receive(packet, kind !== 'event', now)
    this.#watchdog.heard('rtp', now)
    if (!receives(negotiated.direction)) return
    const key = kind === 'event' ? this.#keys.receive(packet.ssrc, packet.timestamp, packet.payload) : null
    if (key !== null) this.#report({ type: 'digit', session: this.id, digit: key })
    // A far end that agreed to no events can only send its keys as sound.
    if (negotiated.dtmfPayloadType === null && (kind === 'PCMU' || kind === 'PCMA')) {
      for (const digit of this.#tones.hear(decodeG711(kind, packet.payload))) {
        this.#report({ type: 'digit', session: this.id, digit })
      }
    }
    if (this.#peer !== null) this.#peer.#relay(packet, kind, key, now)
  }

  #hearRtcp(datagram: Buffer, address: string, port: number): void {
    if (this.#state.name === 'closed' || !looksLikeRtcp(datagram)) return
    const { negotiated, latch } = this.#state
    if (negotiated === null || latch === null) return
    const learnt = address === latch.target.address
    if (!learnt && address !== negotiated.rtcpAddress) return
    const now = performance.now()
    this.#watchdog.heard('rtcp', now)
    if (learnt && this.#settings.symmetric !== 'off') this.#rtcpPort = port
    const time = senderReportTime(datagram)
    if (time !== null) this.#reception.heardReport(time, now)
  }

  // ---------------------------------------------------------------- sending

  /** A packet that the other session's far end sent. What is played here talks over it. */
  #relay(packet: RtpPacket, kind: Heard, key: string | null, now: number): void {
    const negotiated = this.#state.name === 'open' ? this.#state.negotiated : null
    if (negotiated === null || !sends(negotiated.direction) || packet.payload.length > longestPayload) return
    if (kind === 'event' && negotiated.dtmfPayloadType === null) {
      if (key !== null) this.speaker.translate(key)
      return
    }
    if (this.speaker.busy || kind === 'comfort') return
    const payload = this.#out.payload
    if (kind === 'event' || kind === negotiated.codec) payload.set(packet.payload)
    else {
      const table = transcoding[negotiated.codec]
      for (let index = 0; index < packet.payload.length; index++) payload[index] = table[packet.payload[index]!]!
    }
    const payloadType = kind === 'event' ? negotiated.dtmfPayloadType! : negotiated.payloadType
    const sent = this.#out.relay(packet, payloadType, packet.payload.length, now)
    if (sent !== null) this.#send(sent)
  }

  #send(packet: Uint8Array): void {
    if (this.#state.name === 'closed' || this.#state.latch === null) return
    const { address, port } = this.#state.latch.target
    this.#pair.rtp.send(packet, port, address)
  }

  #sendReport(now: number, bye: boolean): void {
    const { rtcp } = this.#pair
    if (rtcp === null || this.#state.name === 'closed') return
    const { negotiated, latch } = this.#state
    if (negotiated === null || latch === null) return
    // Nobody lives at the address of the old hold (RFC 3264 §8.4).
    if (negotiated.rtcpAddress === '0.0.0.0' || negotiated.rtcpAddress === '::') return
    const sent = this.#out.packets > this.#packetsReported
    this.#packetsReported = this.#out.packets
    const reception = this.#reception.report(now)
    const sender = sent
      ? {
          at: Date.now(),
          timestamp: this.#out.timestampAt(now),
          packets: this.#out.packets,
          bytes: this.#out.bytes,
        }
      : null
    const report = buildReport(this.#out.ssrc, this.#cname, sender, reception === null ? [] : [reception], bye)
    if (this.#rtcpPort === null) rtcp.send(report, negotiated.rtcpPort, negotiated.rtcpAddress)
    else rtcp.send(report, this.#rtcpPort, latch.target.address)
  }
}

/** Comfort noise (13, RFC 3389) is a sign of life and nothing to relay. Both laws are understood at any time. */
function kindOf(payloadType: number, negotiated: Negotiated): Heard | null {
  if (payloadType === negotiated.payloadType) return negotiated.codec
  if (payloadType === negotiated.dtmfPayloadType) return 'event'
  switch (payloadType) {
    case 0:
      return 'PCMU'
    case 8:
      return 'PCMA'
    case 13:
      return 'comfort'
    default:
      return null
  }
}
