import { decodeG711, silenceByte, transcoding } from '../audio/g711.ts'
import { KeyDetector } from '../audio/key-detector.ts'
import type { SessionStats } from '../face.ts'
import { longestPayload, Outgoing } from '../rtp/outgoing.ts'
import { parseRtp, type RtpPacket } from '../rtp/packet.ts'
import { Reception } from '../rtp/reception.ts'
import { buildReport, senderReportTime } from '../rtp/rtcp.ts'
import { KeyReceiver } from '../rtp/telephone-event.ts'
import { Watchdog } from '../rtp/watchdog.ts'
import { type Agreement, type Codec, receives, sends } from '../sdp/negotiated.ts'
import type { EngineSettings, Report } from './messages.ts'
import { Recorders } from './recorders.ts'
import { Speaker } from './speaker.ts'
import type { Ticker } from './ticker.ts'
import type { Ear, Transport } from './transport.ts'

/** Milliseconds between control packets (RFC 3550 §6.2), each varied by half. */
const reportInterval = 5000

/** Numbers that must not be guessed or repeated: 32 and 16 bits, and 0 to 1. */
export type Chance = Readonly<{ uint32(): number; fraction(): number }>

export type Heard = Codec | 'event' | 'comfort'

/** Who hears what a session's far end says: the far end of the session that it is connected to, or a room. */
export interface Listener {
  /** @param key the key, if the packet is the first of its event. */
  relay(packet: RtpPacket, kind: Heard, key: string | null, now: number): void
}

type StreamState = { name: 'open'; negotiated: Agreement | null } | { name: 'closed' }

/** A session as the worker has it: a transport, what is heard on it, and what is sent. */
export class Stream implements Ear, Listener {
  readonly id: number
  readonly speaker: Speaker
  readonly recorders: Recorders
  readonly #transport: Transport
  readonly #report: (report: Report) => void
  readonly #chance: Chance
  readonly #out: Outgoing
  readonly #reception = new Reception()
  readonly #keys = new KeyReceiver()
  /** Only a far end that agreed to no events is listened to for its keys. */
  #tones: KeyDetector | undefined
  readonly #watchdog: Watchdog
  readonly #cname: string
  #state: StreamState = { name: 'open', negotiated: null }
  #silence: 'allowed' | 'watched' = 'allowed'
  /** The session that this one is connected to. */
  #partner: Stream | null = null
  #listener: Listener | null = null
  #voice: 'heard' | 'muted' = 'heard'
  #nextReport = 0
  #packetsReported = 0

  constructor(
    id: number,
    transport: Transport,
    settings: EngineSettings,
    ticker: Ticker,
    chance: Chance,
    report: (report: Report) => void,
  ) {
    this.id = id
    this.#transport = transport
    this.#report = report
    this.#chance = chance
    this.#watchdog = new Watchdog(settings.lostAfter)
    this.#cname = chance.uint32().toString(16)
    this.#out = new Outgoing(chance.uint32(), chance.uint32() & 0xffff, chance.uint32())
    this.speaker = new Speaker(this.#out, ticker, settings.idle, {
      send: (packet) => this.#send(packet),
      done: (job, result) => report({ type: 'done', session: id, job, result }),
    })
    this.recorders = new Recorders((job, outcome) => report({ type: 'recorded', session: id, job, outcome }))
    transport.listen(this)
  }

  agree(agreement: Agreement): void {
    if (this.#state.name === 'closed') return
    const now = performance.now()
    // The first one half as late (RFC 3550 §6.2).
    if (this.#state.negotiated === null) this.#nextReport = now + (reportInterval / 2) * (0.5 + this.#chance.fraction())
    this.#state.negotiated = agreement
    this.#expect(now)
    this.speaker.agree(agreement, now)
  }

  /** Whether silence may be a loss. */
  watch(on: boolean): void {
    this.#silence = on ? 'watched' : 'allowed'
    this.#expect(performance.now())
  }

  #expect(now: number): void {
    if (this.#state.name === 'closed' || this.#state.negotiated === null) return
    const mutual = this.#state.negotiated.direction === 'sendrecv'
    this.#watchdog.expect(this.#silence === 'watched' && mutual, now)
  }

  /** The name of what we send (RFC 3550 §3). */
  get ssrc(): number {
    return this.#out.ssrc
  }

  connect(other: Stream): void {
    if (other === this || this.#state.name === 'closed' || other.#state.name === 'closed') return
    this.disconnect()
    other.disconnect()
    this.#join(other)
    other.#join(this)
  }

  disconnect(): void {
    const partner = this.#partner
    this.#join(null)
    if (partner !== null) partner.#join(null)
  }

  #join(partner: Stream | null): void {
    this.#partner = partner
    this.partnerIs(partner)
  }

  protected partnerIs(partner: Stream | null): void {
    this.listenerIs(partner)
  }

  protected listenerIs(listener: Listener | null): void {
    this.#listener = listener
    this.speaker.relaying = listener !== null
  }

  /** A muted far end is heard as silence, so that whoever listens still has a steady stream. */
  mute(muted: boolean): void {
    this.#voice = muted ? 'muted' : 'heard'
  }

  get stats(): SessionStats {
    return {
      packetsSent: this.#out.packets,
      packetsReceived: this.#reception.packets,
      packetsLost: this.#reception.lost,
      jitter: this.#reception.jitter,
    }
  }

  /** Nothing is sent after this but the goodbye. Calls back when the sockets are free. */
  close(freed: () => void): void {
    if (this.#state.name === 'closed') return
    this.disconnect()
    this.recorders.end()
    this.speaker.close()
    if (this.#out.packets > 0) this.#sendReport(performance.now(), true)
    this.#state = { name: 'closed' }
    this.#transport.close(freed)
  }

  /** What is due now and then: the watchdog, control packets, a sign of life. */
  sweep(now: number): void {
    if (this.recorders.some) this.recorders.sweep(now)
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

  knows(payloadType: number): boolean {
    const negotiated = this.#state.name === 'open' ? this.#state.negotiated : null
    return negotiated !== null && kindOf(payloadType, negotiated) !== null
  }

  heardRtp(packet: RtpPacket, now: number): void {
    const negotiated = this.#state.name === 'open' ? this.#state.negotiated : null
    const kind = negotiated === null ? null : kindOf(packet.payloadType, negotiated)
    if (negotiated === null || kind === null) return
    if (this.#reception.packets === 0) this.#report({ type: 'first', session: this.id })
    this.#reception.receive(packet, kind !== 'event', now)
    this.#watchdog.heard('rtp', now)
    if (!receives(negotiated.direction)) return
    const key = kind === 'event' ? this.#keys.receive(packet.ssrc, packet.timestamp, packet.payload) : null
    if (key !== null) this.#report({ type: 'digit', session: this.id, digit: key })
    // A far end that agreed to no events can only send its keys as sound.
    if (negotiated.dtmfPayloadType === null && (kind === 'PCMU' || kind === 'PCMA')) {
      this.#tones ??= new KeyDetector()
      for (const digit of this.#tones.hear(decodeG711(kind, packet.payload))) {
        this.#report({ type: 'digit', session: this.id, digit })
      }
    }
    if (kind === 'PCMU' || kind === 'PCMA') {
      if (this.#voice === 'muted') packet.payload.fill(silenceByte[kind])
      if (this.recorders.some) this.recorders.hear('in', { ...packet, codec: kind }, now)
    }
    if (this.#listener !== null) this.#listener.relay(packet, kind, key, now)
  }

  heardRtcp(datagram: Uint8Array, now: number): void {
    if (this.#state.name === 'closed') return
    this.#watchdog.heard('rtcp', now)
    const time = senderReportTime(datagram)
    if (time !== null) this.#reception.heardReport(time, now)
  }

  // ---------------------------------------------------------------- sending

  /** A packet that the other session's far end sent. What is played here talks over it. */
  relay(packet: RtpPacket, kind: Heard, key: string | null, now: number): void {
    const negotiated = this.#state.name === 'open' ? this.#state.negotiated : null
    if (negotiated === null || !sends(negotiated.direction) || packet.payload.length > longestPayload) return
    if (kind === 'event' && negotiated.dtmfPayloadType === null) {
      if (key !== null) this.speaker.translate(key)
      return
    }
    if (this.speaker.busy || kind === 'comfort') return
    const payload = this.#out.room(packet.payload.length)
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
    if (this.#state.name !== 'open') return
    if (this.recorders.some) this.#recordSent(packet, this.#state.negotiated)
    this.#transport.send(packet)
  }

  #recordSent(bytes: Uint8Array, negotiated: Agreement | null): void {
    const packet = parseRtp(bytes)
    if (packet === null || packet.payloadType !== negotiated?.payloadType) return
    this.recorders.hear('out', { ...packet, codec: negotiated.codec }, performance.now())
  }

  #sendReport(now: number, bye: boolean): void {
    if (!this.#transport.control || this.#state.name === 'closed' || this.#state.negotiated === null) return
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
    this.#transport.sendControl(report)
  }
}

/** Comfort noise (13, RFC 3389) is a sign of life and nothing to relay. Both laws are understood at any time. */
function kindOf(payloadType: number, negotiated: Agreement): Heard | null {
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
