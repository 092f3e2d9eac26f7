import { frameLength, type Occupant, type Room, type Seat } from '../room/room.ts'
import { parseRtp, type RtpPacket } from '../rtp/packet.ts'
import { KeyReceiver } from '../rtp/telephone-event.ts'
import type { Agreement } from '../sdp/negotiated.ts'
import type { RoomMeans } from './rooms.ts'
import { type Heard, Stream } from './stream.ts'
import type { Ear, Transport } from './transport.ts'

/** What a seat and the session that sits on it speak with each other. */
const inside: Agreement & { dtmfPayloadType: number } = {
  codec: 'PCMU',
  payloadType: 0,
  dtmfPayloadType: 101,
  direction: 'sendrecv',
  ptime: 20,
}
const payloadTypes: Readonly<Record<Heard, number>> = { PCMU: 0, PCMA: 8, event: 101, comfort: 13 }

/** Carries packets between a seat and the session that is connected to it: in this thread, without a socket. */
class Lap implements Transport {
  readonly control = false
  partner: Stream | null = null
  readonly #keys = new KeyReceiver()
  #ear!: Ear

  listen(ear: Ear): void {
    this.#ear = ear
  }

  send(bytes: Uint8Array): void {
    if (this.partner === null) return
    const packet = parseRtp(bytes)!
    const event = packet.payloadType === inside.dtmfPayloadType
    const key = event ? this.#keys.receive(packet.ssrc, packet.timestamp, packet.payload) : null
    this.partner.relay(packet, event ? 'event' : inside.codec, key, performance.now())
  }

  /** What the partner's far end says. */
  deliver(packet: RtpPacket, kind: Heard, now: number): void {
    this.#ear.heardRtp({ ...packet, payloadType: payloadTypes[kind] }, now)
  }

  sendControl(): void {}

  close(freed: () => void): void {
    this.partner = null
    freed()
  }
}

/** A session whose far end is the session connected to it, and who is heard by a room. */
export class SeatStream extends Stream implements Occupant {
  readonly #lap: Lap
  readonly #seat: Seat
  readonly #left: () => void
  readonly #ssrc: number
  #frames = 0

  constructor(id: number, room: Room, means: RoomMeans, left: () => void) {
    const lap = new Lap()
    const { ticker, chance, report } = means
    // The room never falls silent, so nothing else need keep a way open.
    super(id, lap, { ...means.settings, idle: 'nothing' }, ticker, chance, report)
    this.#lap = lap
    this.#left = left
    this.#ssrc = chance.uint32()
    this.agree(inside)
    this.#seat = room.enter(this)
    this.listenerIs({
      relay: (packet, kind, _, now) => {
        if (kind === 'PCMU' || kind === 'PCMA') this.#seat.hear({ ...packet, codec: kind }, now)
      },
    })
  }

  /** The room stays who hears it. */
  protected override partnerIs(partner: Stream | null): void {
    this.#lap.partner = partner
  }

  override relay(packet: RtpPacket, kind: Heard, _key: string | null, now: number): void {
    this.#lap.deliver(packet, kind, now)
  }

  mixed(frame: Uint8Array, due: number): void {
    const number = this.#frames++
    const packet = {
      payloadType: inside.payloadType,
      marker: false,
      sequence: number & 0xffff,
      timestamp: (number * frameLength) >>> 0,
      ssrc: this.#ssrc,
      payload: frame,
    }
    super.relay(packet, inside.codec, null, due)
  }

  override close(freed: () => void): void {
    super.close(freed)
    this.#seat.leave()
    this.#left()
  }
}
