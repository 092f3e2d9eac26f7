import type { RemoteInfo } from 'node:dgram'
import { Latch } from '../rtp/latch.ts'
import { looksLikeRtcp, parseRtp } from '../rtp/packet.ts'
import type { Negotiated } from '../sdp/negotiated.ts'
import type { EngineSettings } from './messages.ts'
import type { PortPair } from './ports.ts'
import type { Ear, Transport } from './transport.ts'

type UdpState =
  | { name: 'unaimed' }
  | { name: 'aimed'; negotiated: Negotiated; latch: Latch; rtcpPort: number | null }
  | { name: 'closed' }

/** A pair of sockets, and the far end that they speak with: where it said that it is, or where it turned out to be. */
export class UdpTransport implements Transport {
  readonly #pair: PortPair
  readonly #symmetric: EngineSettings['symmetric']
  readonly #giveBack: (pair: PortPair, done: () => void) => void
  #state: UdpState = { name: 'unaimed' }
  #ear!: Ear
  readonly #onRtp = (datagram: Buffer, from: RemoteInfo) => this.#hearRtp(datagram, from.address, from.port)
  readonly #onRtcp = (datagram: Buffer, from: RemoteInfo) => this.#hearRtcp(datagram, from.address, from.port)

  /** @param giveBack takes the pair when it is used no more, and calls back when its ports are free or kept. */
  constructor(
    pair: PortPair,
    symmetric: EngineSettings['symmetric'],
    giveBack: (pair: PortPair, done: () => void) => void,
  ) {
    this.#pair = pair
    this.#giveBack = giveBack
    this.#symmetric = symmetric
  }

  get control(): boolean {
    return this.#pair.rtcp !== null
  }

  listen(ear: Ear): void {
    this.#ear = ear
    this.#pair.rtp.on('message', this.#onRtp)
    this.#pair.rtcp?.on('message', this.#onRtcp)
  }

  /** A new agreement. The same address as before keeps what was learnt. */
  aim(negotiated: Negotiated): void {
    const state = this.#state
    if (state.name === 'closed') return
    if (state.name === 'unaimed') {
      this.#state = { name: 'aimed', negotiated, latch: new Latch(this.#symmetric, negotiated), rtcpPort: null }
    } else {
      state.latch.agree(negotiated)
      state.negotiated = negotiated
      state.rtcpPort = null
    }
  }

  send(packet: Uint8Array): void {
    if (this.#state.name !== 'aimed') return
    const { address, port } = this.#state.latch.target
    this.#pair.rtp.send(packet, port, address)
  }

  sendControl(packet: Uint8Array): void {
    const { rtcp } = this.#pair
    if (rtcp === null || this.#state.name !== 'aimed') return
    const { negotiated, latch, rtcpPort } = this.#state
    // Nobody lives at the address of the old hold (RFC 3264 §8.4).
    if (negotiated.rtcpAddress === '0.0.0.0' || negotiated.rtcpAddress === '::') return
    if (rtcpPort === null) rtcp.send(packet, negotiated.rtcpPort, negotiated.rtcpAddress)
    else rtcp.send(packet, rtcpPort, latch.target.address)
  }

  close(freed: () => void): void {
    if (this.#state.name === 'closed') return
    this.#state = { name: 'closed' }
    this.#pair.rtp.off('message', this.#onRtp)
    this.#pair.rtcp?.off('message', this.#onRtcp)
    this.#giveBack(this.#pair, freed)
  }

  #hearRtp(datagram: Buffer, address: string, port: number): void {
    if (this.#state.name !== 'aimed') return
    if (looksLikeRtcp(datagram)) return this.#hearRtcp(datagram, address, port)
    const packet = parseRtp(datagram)
    if (packet === null || !this.#ear.knows(packet.payloadType)) return
    const now = performance.now()
    if (!this.#state.latch.hear(address, port, packet.ssrc, packet.sequence, now)) return
    this.#ear.heardRtp(packet, now)
  }

  #hearRtcp(datagram: Buffer, address: string, port: number): void {
    const state = this.#state
    if (state.name !== 'aimed' || !looksLikeRtcp(datagram)) return
    const learnt = address === state.latch.target.address
    if (!learnt && address !== state.negotiated.rtcpAddress) return
    if (learnt && this.#symmetric !== 'off') state.rtcpPort = port
    this.#ear.heardRtcp(datagram, performance.now())
  }
}
