import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { Clock, Disarm } from '../transaction/clock.ts'
import { type Address, formatAddress } from './flow.ts'
import { socketOptions } from './udp-socket.ts'

type Options = Readonly<{
  local: Address
  most: number
  /** Bytes of each socket's buffers. */
  buffer: number
  clock: Clock
  received: (bytes: Buffer, source: RemoteInfo) => void
  failed: (remote: Address, error: unknown) => void
}>

/** Idle this long, a socket is closed: longer than any transaction (64·T1), so the answer to what we sent still finds it. */
const idleAfter = 64_000
const sweepEvery = 16_000

type Peer = {
  readonly remote: Address
  readonly socket: Socket
  state: 'connecting' | 'connected'
  /** What was sent before the socket was connected. */
  waiting: Uint8Array[]
  lastUsed: number
}

/**
 * Connected sockets on the transport's own port, one for each destination that we began to talk to. The kernel hands what that peer
 * sends to them, and an ICMP "port unreachable" from it as ECONNREFUSED, which an unconnected socket never hears of.
 */
export class UdpPeers {
  readonly #options: Options
  readonly #peers = new Map<string, Peer>()
  #sweep: Disarm | undefined

  constructor(options: Options) {
    this.#options = options
  }

  get size(): number {
    return this.#peers.size
  }

  /** Makes sure that there is a socket for this destination, if there is room. */
  watch(remote: Address): void {
    const key = formatAddress(remote)
    const { clock, local, most, buffer } = this.#options
    const known = this.#peers.get(key)
    if (known !== undefined) {
      known.lastUsed = clock.now()
      return
    }
    if (this.#peers.size >= most || remote.port < 1 || remote.port > 65535) return
    const socket = createSocket({ ...socketOptions(local.host, buffer), reusePort: true })
    const peer: Peer = { remote, socket, state: 'connecting', waiting: [], lastUsed: clock.now() }
    this.#peers.set(key, peer)
    socket.on('message', this.#options.received)
    socket.on('error', (error) => this.#broken(key, peer, error))
    // Node gives the callback what kept it from connecting: no route, another family, a broadcast address.
    const connected = (error?: Error) => {
      if (error === undefined) this.#connected(key, peer)
      else this.#broken(key, peer, error)
    }
    socket.bind(local.port, local.host, () => {
      if (this.#peers.get(key) === peer) socket.connect(remote.port, remote.host, connected)
    })
    this.#sweep ??= clock.alarm(clock.now() + sweepEvery, () => this.#sweepIdle())
  }

  /** True if a connected socket took the bytes. */
  send(remote: Address, bytes: Uint8Array): boolean {
    if (this.#peers.size === 0) return false
    const peer = this.#peers.get(formatAddress(remote))
    if (peer === undefined) return false
    peer.lastUsed = this.#options.clock.now()
    if (peer.state === 'connecting') peer.waiting.push(bytes)
    else this.#write(peer, bytes)
    return true
  }

  async close(): Promise<void> {
    this.#sweep?.()
    const closing = [...this.#peers.values()].map(
      ({ socket }) => new Promise<void>((resolve) => socket.close(() => resolve())),
    )
    this.#peers.clear()
    await Promise.all(closing)
  }

  #connected(key: string, peer: Peer): void {
    if (this.#peers.get(key) !== peer) return
    peer.state = 'connected'
    for (const bytes of peer.waiting) this.#write(peer, bytes)
    peer.waiting = []
  }

  #write(peer: Peer, bytes: Uint8Array): void {
    peer.socket.send(bytes, (error) => {
      if (error !== null) this.#options.failed(peer.remote, error)
    })
  }

  #broken(key: string, peer: Peer, error: Error): void {
    this.#options.failed(peer.remote, error)
    // Refused: the socket itself is sound, and will say so again. A socket that never got connected is of no use.
    if (peer.state === 'connected' || this.#peers.get(key) !== peer) return
    this.#peers.delete(key)
    peer.socket.close()
  }

  #sweepIdle(): void {
    const { clock } = this.#options
    const oldest = clock.now() - idleAfter
    for (const [key, peer] of this.#peers) {
      if (peer.lastUsed > oldest) continue
      this.#peers.delete(key)
      peer.socket.close()
    }
    this.#sweep = this.#peers.size === 0 ? undefined : clock.alarm(clock.now() + sweepEvery, () => this.#sweepIdle())
  }
}
