import { createSocket, type Socket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, onTestFinished } from 'vitest'
import { decodeG711 } from '../../src/media/audio/g711.ts'
import { toneShare } from '../../src/media/audio/goertzel.ts'
import {
  createMedia,
  type Media,
  type MediaOptions,
  type MediaSession,
  type Negotiated,
} from '../../src/media/index.ts'
import { buildRtp, parseRtp, type RtpPacket } from '../../src/media/rtp/packet.ts'

let shared: Media | undefined
afterAll(() => shared?.close())

/** An engine on loopback: the file's own one, or, with options, one that is closed when the test is over. */
export function mediaForTest(options?: Partial<MediaOptions>): Media {
  const start = () => createMedia({ address: '127.0.0.1', spare: 2, idle: 'nothing', ...options })
  if (options === undefined) {
    shared ??= start()
    return shared
  }
  const media = start()
  onTestFinished(() => media.close())
  return media
}

/** What two ends on loopback agree on. */
export function agreement(port: number, more: Partial<Negotiated> = {}): Negotiated {
  return {
    codec: 'PCMU',
    payloadType: 0,
    dtmfPayloadType: 101,
    address: '127.0.0.1',
    port,
    rtcpAddress: '127.0.0.1',
    rtcpPort: port + 1,
    direction: 'sendrecv',
    ptime: 20,
    ...more,
  }
}

export type Arrival = RtpPacket & { at: number; from: number }

/** A far end made of a bare socket: it keeps what arrives, and sends what it is told. */
export class FarEnd {
  readonly arrivals: Arrival[] = []
  readonly #socket: Socket
  #sequence = 1000
  #timestamp = 5000
  readonly ssrc: number

  private constructor(socket: Socket, ssrc: number) {
    this.#socket = socket
    this.ssrc = ssrc
    socket.on('error', () => {})
    socket.on('message', (datagram, { port }) => {
      const packet = parseRtp(datagram)
      if (packet !== null) this.arrivals.push({ ...packet, at: performance.now(), from: port })
    })
  }

  static async open(ssrc = 1): Promise<FarEnd> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const far = new FarEnd(socket, ssrc)
    onTestFinished(() => far.close())
    return far
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** All the sound, once so much of it arrived; the last packet may be on its way when a prompt has finished. */
  async soundOf(milliseconds: number, payloadType = 0): Promise<Int16Array> {
    await until(() => this.sound(payloadType).length >= milliseconds * 8)
    return this.sound(payloadType)
  }

  /** The sound that arrived in packets of one payload type. */
  sound(payloadType = 0): Int16Array {
    const codec = payloadType === 8 ? 'PCMA' : 'PCMU'
    const packets = this.arrivals.filter((packet) => packet.payloadType === payloadType)
    return Int16Array.from(packets.flatMap(({ payload }) => [...decodeG711(codec, payload)]))
  }

  send(to: number, payload: Uint8Array, more: Partial<RtpPacket> = {}): void {
    const packet = {
      payloadType: 0,
      marker: false,
      sequence: this.#sequence++ & 0xffff,
      timestamp: this.#timestamp,
      ssrc: this.ssrc,
      payload,
      ...more,
    }
    this.#timestamp += payload.length
    this.#socket.send(buildRtp(packet), to, '127.0.0.1')
  }

  /** Anything at all. */
  sendRaw(to: number, datagram: Uint8Array): void {
    this.#socket.send(datagram, to, '127.0.0.1')
  }

  close(): void {
    try {
      this.#socket.close()
    } catch {
      // It is closed already.
    }
  }
}

/** Waits until it holds; real sockets take their time, but not more than this. */
export async function until(holds: () => boolean, milliseconds = 5000): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > milliseconds) throw new Error('it never came to hold')
    await sleep(5)
  }
}

/** Two sessions of one engine that send to each other. */
export async function pair(
  media: Media,
  more: Partial<Negotiated> = {},
): Promise<readonly [near: MediaSession, far: MediaSession]> {
  const near = await media.session()
  const far = await media.session()
  near.setRemote(agreement(far.localPort, more))
  far.setRemote(agreement(near.localPort, more))
  return [near, far]
}

export const sleepFor = (milliseconds: number): Promise<void> => sleep(milliseconds)

/** A tone's share of each 20 ms, on the average: where a busy machine loses some, the tone goes on in another phase. */
export function share(sound: Int16Array, frequency: number): number {
  const count = Math.floor(sound.length / 160)
  let sum = 0
  for (let n = 0; n < count; n++) sum += toneShare(sound.subarray(n * 160, (n + 1) * 160), frequency)
  return sum / count
}
