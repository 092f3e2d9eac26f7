import type { RemoteInfo, Socket } from 'node:dgram'
import type { Clock } from '../transaction/clock.ts'
import { newCounters, type TransportCounters } from './counters.ts'
import { type Address, type Flow, formatAddress, type Transport, type TransportUser } from './flow.ts'
import { Intake, type IntakeRules } from './intake.ts'
import { failureOf } from './net-failure.ts'
import { UdpPeers } from './udp-peers.ts'
import { bindUdp } from './udp-socket.ts'

export type UdpOptions = Readonly<{
  /** Numeric address to listen on; port 0 takes a free one. */
  local: Address
  user: TransportUser
  clock: Clock
  /** With rules, what they forbid is refused by the transport itself. */
  rules?: IntakeRules
  /**
   * Most destinations at a time that get a connected socket of their own on our port, which is how the system tells that nobody is
   * listening there (ICMP). Where the system cannot share a port, and beyond that number, a dead destination is only seen by silence.
   * 0 turns it off. Default 128.
   */
  watchedPeers?: number
  /** Bytes of the system's receive buffer. Default 4 MiB: a burst of calls must wait there while the process is busy. */
  receiveBuffer?: number
  /** Told when a datagram has been handled. */
  handled?: () => void
}>

const defaultBuffer = 4 * 1024 * 1024

/** The largest payload of an IPv4 datagram. */
const maxDatagram = 65_507

/** Few: to make one anew costs little. */
const rememberedFlows = 256

/** No message is shorter: `A a:b SIP/2.0` and its line end. What is shorter keeps a NAT binding open. */
const minMessage = 16

type Datagram = Readonly<{ flow: UdpFlow; bytes: Uint8Array; sent: (error: Error | null) => void }>

export class UdpTransport implements Transport {
  readonly name = 'UDP'
  readonly reliable = false
  readonly local: Address
  readonly counters: TransportCounters
  readonly #socket: Socket
  readonly #intake: Intake
  readonly #peers: UdpPeers | undefined
  readonly #handled: (() => void) | undefined
  /** By port: those of who was heard lately. */
  readonly #flows = new Map<number, UdpFlow>()
  /**
   * Datagrams leave when the turn of the event loop is over. To wake who reads them costs more than to send one, and several that
   * leave together wake him once.
   */
  #leaving: Datagram[] = []
  #open = true

  /** Throws `ListenError`. */
  static async listen(options: UdpOptions): Promise<UdpTransport> {
    const watching = options.watchedPeers !== 0
    const { socket, shared } = await bindUdp(options.local, watching, options.receiveBuffer ?? defaultBuffer)
    return new UdpTransport(options, socket, shared)
  }

  private constructor(options: UdpOptions, socket: Socket, shared: boolean) {
    const { address, port } = socket.address()
    this.#socket = socket
    this.#handled = options.handled
    this.local = { host: address, port }
    this.counters = newCounters()
    this.#intake = new Intake(this, options.user, this.counters, options.rules)
    socket.on('message', (bytes, source) => this.#received(bytes, source))
    // An unconnected socket reports nothing about a destination; what comes here is about the socket itself.
    socket.on('error', () => {
      this.counters.failures++
    })
    const watched = options.watchedPeers ?? 128
    this.#peers =
      shared && watched > 0
        ? new UdpPeers({
            local: this.local,
            most: watched,
            buffer: options.receiveBuffer ?? defaultBuffer,
            clock: options.clock,
            received: (bytes, source) => this.#received(bytes, source),
            failed: (remote, error) => this.#intake.failed(new UdpFlow(this, remote), failureOf(error)),
          })
        : undefined
  }

  get open(): boolean {
    return this.#open
  }

  /** Destinations that have a connected socket just now. */
  get watched(): number {
    return this.#peers?.size ?? 0
  }

  flowTo(remote: Address, purpose: 'request' | 'response' = 'request'): Flow {
    if (purpose === 'request') this.#peers?.watch(remote)
    return new UdpFlow(this, remote)
  }

  /** For flows. */
  transmit(flow: UdpFlow, bytes: Uint8Array, sent: (error: Error | null) => void): void {
    if (!this.#open) return
    if (bytes.length > maxDatagram) {
      this.#intake.failed(flow, { code: 'sip.transport.too-large', detail: `${bytes.length} bytes in one datagram` })
      return
    }
    this.counters.sent++
    if (this.#leaving.push({ flow, bytes, sent }) === 1) setImmediate(this.#leave)
  }

  flush(): void {
    this.#leave()
  }

  /** Sends what the turn had to say. */
  readonly #leave = (): void => {
    const leaving = this.#leaving
    this.#leaving = []
    for (const datagram of leaving) this.#send(datagram)
  }

  #send({ flow, bytes, sent }: Datagram): void {
    try {
      if (this.#peers?.send(flow.remote, bytes) !== true)
        this.#socket.send(bytes, flow.remote.port, flow.remote.host, sent)
    } catch (error) {
      // A port out of range, or a socket that just closed.
      this.#intake.failed(flow, failureOf(error))
    }
  }

  /** For flows: the system would not send. */
  notSent(flow: UdpFlow, error: Error): void {
    this.#intake.failed(flow, failureOf(error))
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#leave()
    await Promise.all([this.#peers?.close(), new Promise<void>((resolve) => this.#socket.close(() => resolve()))])
  }

  #received(bytes: Buffer, source: RemoteInfo): void {
    if (!this.#open) return
    if (bytes.length < minMessage) {
      this.counters.keepAlives++
      return
    }
    this.#intake.accept(bytes, this.#flowFrom(source))
    this.#handled?.()
  }

  /** One flow for all that a peer sends: transactions hold on to theirs. */
  #flowFrom({ address, port }: RemoteInfo): UdpFlow {
    const known = this.#flows.get(port)
    if (known?.remote.host === address) return known
    const flow = new UdpFlow(this, { host: address, port })
    if (this.#flows.size >= rememberedFlows) this.#flows.clear()
    this.#flows.set(port, flow)
    return flow
  }
}

class UdpFlow implements Flow {
  readonly transport = 'UDP'
  readonly reliable = false
  readonly remote: Address
  readonly #owner: UdpTransport
  #sent: ((error: Error | null) => void) | undefined

  constructor(owner: UdpTransport, remote: Address) {
    this.#owner = owner
    this.remote = remote
  }

  get id(): string {
    return `UDP ${formatAddress(this.#owner.local)} ${formatAddress(this.remote)}`
  }

  get local(): Address {
    return this.#owner.local
  }

  get open(): boolean {
    return this.#owner.open
  }

  send(bytes: Uint8Array): void {
    this.#sent ??= (error) => {
      if (error !== null) this.#owner.notSent(this, error)
    }
    this.#owner.transmit(this, bytes, this.#sent)
  }

  /** A datagram flow has nothing to end. */
  close(): void {}
}
