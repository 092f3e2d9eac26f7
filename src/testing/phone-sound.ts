import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { decodeG711, encodeG711, KeyReceiver, type Negotiated, parseRtp, sampleRate } from '../media/index.ts'
import { KeySender } from '../media/rtp/key-sender.ts'
import { Outgoing } from '../media/rtp/outgoing.ts'
import { eventPayloadLength, writeEvent } from '../media/rtp/telephone-event.ts'
import { Ear } from './ear.ts'

const packetTime = 20
const packetSamples = (sampleRate * packetTime) / 1000
const loudest = 8000

type Pressing = Readonly<{ keys: KeySender; done(): void }>

/** The sound of one call: one UDP socket that speaks a tone or silence, presses keys, and listens. */
export class PhoneSound {
  readonly ear = new Ear()
  /** Keys that the far end pressed. */
  digits = ''
  packetsReceived = 0
  readonly #socket: Socket
  readonly #out = new Outgoing(randomInt(2 ** 32), randomInt(2 ** 15), randomInt(2 ** 32))
  readonly #keys = new KeyReceiver()
  #pressing: Pressing[] = []
  #frequency = 0
  #phase = 0
  #remote: Negotiated | undefined
  #voice: 'speaks' | 'holds' = 'speaks'
  #ticker: NodeJS.Timeout | undefined
  #due = 0
  #state: 'open' | 'closed' = 'open'

  static async open(host: string): Promise<PhoneSound> {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(0, host, resolve)
    })
    return new PhoneSound(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.removeAllListeners('error')
    // A far port that closed is no news: the signalling says when the call is over.
    socket.on('error', () => {})
    socket.on('message', (datagram) => this.#received(datagram))
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** Where to send, and what. The second time it replaces the first (hold, another address). Who `holds` plays no music. */
  agreed(negotiated: Negotiated, voice: 'speaks' | 'holds' = 'speaks'): void {
    if (this.#state === 'closed') return
    this.#remote = negotiated
    this.#voice = voice
    if (this.#ticker !== undefined) return
    this.#due = performance.now()
    this.#ticker = setInterval(() => this.#tick(), packetTime)
  }

  /** Hertz; 0 is silence. */
  speak(frequency: number): void {
    this.#frequency = frequency
  }

  /** Telephone events (RFC 4733). Resolves when the last key is released, or the call is over. */
  press(keys: string): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve()
    return new Promise((done) => this.#pressing.push({ keys: new KeySender(keys), done }))
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearInterval(this.#ticker)
    this.ear.close()
    for (const { done } of this.#pressing.splice(0)) done()
    this.#socket.close()
  }

  #received(datagram: Buffer): void {
    const packet = parseRtp(datagram)
    const remote = this.#remote
    if (packet === null || remote === undefined) return
    if (packet.payloadType === remote.payloadType) {
      this.packetsReceived++
      this.ear.take(decodeG711(remote.codec, packet.payload))
    } else if (packet.payloadType === remote.dtmfPayloadType) {
      this.packetsReceived++
      this.digits += this.#keys.receive(packet.ssrc, packet.timestamp, packet.payload) ?? ''
    }
  }

  /** Packets leave by the clock, however late the timer rings; after a long sleep only the last few are made up for. */
  #tick(): void {
    this.ear.tick()
    const now = performance.now()
    if (now - this.#due > 10 * packetTime) this.#due = now
    for (; this.#due <= now; this.#due += packetTime) this.#packet(this.#due)
  }

  #packet(at: number): void {
    const remote = this.#remote
    if (remote === undefined || remote.direction === 'recvonly' || remote.direction === 'inactive') return
    if (this.#voice === 'holds') return
    const first = this.#pressing[0]
    const step = first?.keys.step(packetSamples)
    if (first !== undefined && step?.type === 'done') {
      this.#pressing.shift()
      first.done()
    }
    const { payloadType, dtmfPayloadType } = remote
    if (step?.type === 'event' && dtmfPayloadType !== null) {
      writeEvent(step.event, step.end, step.duration, this.#out.room(eventPayloadLength))
      this.#send(this.#out.event(dtmfPayloadType, eventPayloadLength, step.position, at), remote)
      return
    }
    this.#out.room(packetSamples).set(encodeG711(remote.codec, this.#samples()))
    this.#send(this.#out.audio(payloadType, packetSamples, at), remote)
  }

  #samples(): Int16Array {
    const samples = new Int16Array(packetSamples)
    if (this.#frequency === 0) return samples
    const turn = (2 * Math.PI * this.#frequency) / sampleRate
    for (let index = 0; index < packetSamples; index++) {
      samples[index] = Math.round(loudest * Math.sin(this.#phase))
      this.#phase += turn
    }
    return samples
  }

  #send(packet: Uint8Array, { address, port }: Negotiated): void {
    // A copy: the next packet is written into the same bytes.
    this.#socket.send(Buffer.from(packet), port, address, ignore)
  }
}

/** Sound that is lost is lost. */
function ignore(): void {}
