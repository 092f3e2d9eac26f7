import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Clock, Disarm } from '../transaction/clock.ts'
import { newCounters, type TransportCounters } from './counters.ts'
import { type Address, type Flow, type FlowFailure, formatAddress, type Transport, type TransportUser } from './flow.ts'
import type { FramerLimits } from './framer.ts'
import { Intake, type IntakeRules } from './intake.ts'
import { ListenError } from './listen-error.ts'
import { StreamFlow, type StreamOwner } from './stream-flow.ts'
import { begunFirst, defaultMemory, readingLeast, type StreamMemory } from './stream-memory.ts'
import { plainV4, StreamSources } from './stream-sources.ts'

/** How connections are made: plain here, and with TLS the same two functions of `node:tls`. */
export type StreamMaker = Readonly<{
  name: 'TCP' | 'TLS'
  server(connected: (socket: Socket) => void): Server
  connect(remote: Address, localHost: string): Socket
}>

export const plainTcp: StreamMaker = {
  name: 'TCP',
  server: (connected) => createServer({ noDelay: true }, connected),
  connect: (remote, localHost) => connect({ host: remote.host, port: remote.port, localAddress: localHost }),
}

export type StreamOptions = Readonly<{
  /** Numeric address to listen on; port 0 takes a free one. */
  local: Address
  user: TransportUser
  clock: Clock
  rules?: IntakeRules
  maker?: StreamMaker
  /**
   * Connections both ways. For one more, the oldest incoming one that never brought a message gives way; without such, the new one is
   * closed at once. More outgoing ones fail. Default 4,096.
   */
  maxConnections?: number
  /** Of them, incoming ones of one source (`sourceOf`); one more is closed at once, and nobody gives way to it. Default 1,024. */
  maxPerSource?: number
  /** Octets of one head and one body. Default 64 KiB and 256 KiB. */
  limits?: FramerLimits
  /** Octets that may wait for a peer that does not read; past that the connection is ended. Default 1 MiB. */
  maxQueued?: number
  memory?: Partial<StreamMemory>
  times?: Partial<StreamTimes>
}>

/** Milliseconds. All are kept to within `sweepEvery`. */
export type StreamTimes = Readonly<{
  /** A connection we began must be there by then. */
  connect: number
  /** From its first byte to its last, one message may take this long. */
  message: number
  /** An incoming connection must have brought a whole message by then. */
  firstMessage: number
  /** A connection on which nothing at all moves, keep-alives included, is closed. Long: a call may hang on it. */
  idle: number
  sweepEvery: number
}>

const defaultTimes: StreamTimes = {
  connect: 5_000,
  message: 32_000,
  firstMessage: 32_000,
  idle: 3_600_000,
  sweepEvery: 1_000,
}

/** A connection that we are closing may take this long, in ms, to carry away what was written. */
const lastWords = 5_000

/** SIP over a connection-oriented transport. */
export class StreamTransport implements Transport, StreamOwner {
  readonly name: 'TCP' | 'TLS'
  readonly reliable = true
  readonly local: Address
  readonly limits: FramerLimits
  readonly maxQueued: number
  readonly counters: TransportCounters = newCounters()
  readonly #clock: Clock
  readonly #maker: StreamMaker
  readonly #maxConnections: number
  readonly #times: StreamTimes
  readonly #memory: StreamMemory
  readonly #intake: Intake
  readonly #server: Server
  readonly #localHost: string
  readonly #sources: StreamSources
  readonly #flows = new Set<StreamFlow>()
  /** The newest open connection to each remote address. */
  readonly #byRemote = new Map<string, StreamFlow>()
  #made = 0
  /** Octets of all messages that are begun and not complete. */
  #held = 0
  #sweep: Disarm | undefined
  #open = true

  /** Throws `ListenError`. */
  static listen(options: StreamOptions): Promise<StreamTransport> {
    const maker = options.maker ?? plainTcp
    return new Promise((resolve, reject) => {
      let transport: StreamTransport | undefined
      const server = maker.server((socket) => {
        if (transport === undefined) socket.destroy()
        else transport.#accepted(socket)
      })
      server.once('error', (error) => reject(new ListenError(maker.name, options.local, error)))
      const listening = () => {
        server.removeAllListeners('error')
        // A failing accept (no file handles left) must not end the process.
        server.on('error', () => {
          if (transport !== undefined) transport.counters.failures++
        })
        transport = new StreamTransport(options, maker, server)
        resolve(transport)
      }
      try {
        server.listen(options.local.port, options.local.host, listening)
      } catch (error) {
        reject(new ListenError(maker.name, options.local, error))
      }
    })
  }

  private constructor(options: StreamOptions, maker: StreamMaker, server: Server) {
    const address = server.address() as { address: string; port: number }
    this.name = maker.name
    this.local = { host: address.address, port: address.port }
    this.limits = options.limits ?? { head: 64 * 1024, body: 256 * 1024 }
    this.maxQueued = options.maxQueued ?? 1024 * 1024
    this.#localHost = options.local.host
    this.#clock = options.clock
    this.#maker = maker
    this.#maxConnections = options.maxConnections ?? 4096
    this.#sources = new StreamSources(options.maxPerSource ?? 1024)
    this.#times = { ...defaultTimes, ...options.times }
    this.#memory = { ...defaultMemory, ...options.memory }
    this.#intake = new Intake(this, options.user, this.counters, options.rules)
    this.#server = server
  }

  get connections(): number {
    return this.#flows.size
  }

  flowTo(remote: Address): Flow {
    const known = this.#byRemote.get(formatAddress(remote))
    if (known?.open) return known
    if (!this.#open) return deadFlow(this.name, this.local, remote, this, 'the transport is closed')
    if (this.#flows.size >= this.#maxConnections) {
      return deadFlow(this.name, this.local, remote, this, 'no more connections allowed')
    }
    let socket: Socket
    try {
      socket = this.#maker.connect(remote, this.#localHost)
    } catch (error) {
      return deadFlow(this.name, this.local, remote, this, String(error))
    }
    return this.#keep(new StreamFlow(this, socket, remote, this.local, false, ++this.#made))
  }

  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    this.#sweep?.()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const flow of [...this.#flows])
      flow.end({ code: 'sip.transport.released', detail: 'the transport is closing' })
    await closed
  }

  now(): number {
    return this.#clock.now()
  }

  arrived(bytes: Buffer, flow: StreamFlow): boolean {
    return this.#intake.accept(bytes, flow)
  }

  pinged(): void {
    this.counters.keepAlives++
  }

  unframeable(head: Buffer | undefined, status: number, detail: string, flow: StreamFlow): void {
    if (head !== undefined) {
      this.#intake.refuse(head, flow, status, detail)
      return
    }
    this.counters.received++
    this.counters.garbage++
  }

  sent(): void {
    this.counters.sent++
  }

  holds(more: number): void {
    this.#held += more
    while (more > 0 && this.#held > this.#memory.begun) {
      const slowest = begunFirst(this.#flows)
      if (slowest === undefined) return
      slowest.end({ code: 'sip.transport.limit', detail: 'too much was begun and not finished' })
    }
  }

  ended(flow: Flow, failure: FlowFailure): void {
    const key = formatAddress(flow.remote)
    if (this.#byRemote.get(key) === flow) this.#byRemote.delete(key)
    this.#intake.failed(flow, failure)
  }

  gone(flow: StreamFlow): void {
    this.#flows.delete(flow)
    if (flow.inbound) this.#sources.went(flow.remote.host)
  }

  #accepted(socket: Socket): void {
    const { remoteAddress, remotePort, localAddress, localPort } = socket
    if (!this.#open || remoteAddress === undefined || remotePort === undefined) return this.#turnAway(socket)
    const remote = { host: plainV4(remoteAddress), port: remotePort }
    // First: to a source that has its share nobody gives way.
    if (this.#sources.isFull(remote.host)) return this.#turnAway(socket)
    if (this.#flows.size >= this.#maxConnections) this.#makeRoom()
    if (this.#flows.size >= this.#maxConnections) return this.#turnAway(socket)
    const local = { host: plainV4(localAddress ?? this.local.host), port: localPort ?? this.local.port }
    this.#keep(new StreamFlow(this, socket, remote, local, true, ++this.#made))
  }

  #turnAway(socket: Socket): void {
    this.counters.turnedAway++
    socket.on('error', () => {})
    socket.destroy()
  }

  /** Who only occupies a place must not keep out who has something to say. */
  #makeRoom(): void {
    for (const flow of this.#flows) {
      if (!flow.inbound || flow.spoken || !flow.open) continue
      this.counters.turnedAway++
      flow.end({ code: 'sip.transport.limit', detail: 'it never brought a message, and others wait' })
      return
    }
  }

  #keep(flow: StreamFlow): StreamFlow {
    this.#flows.add(flow)
    if (flow.inbound) this.#sources.came(flow.remote.host)
    this.#byRemote.set(formatAddress(flow.remote), flow)
    this.#sweep ??= this.#clock.alarm(this.#clock.now() + this.#times.sweepEvery, () => this.#tidy())
    return flow
  }

  #tidy(): void {
    const now = this.#clock.now()
    const { connect: toConnect, message, firstMessage, idle, sweepEvery } = this.#times
    for (const flow of this.#flows) {
      if (flow.state === 'connecting') {
        if (now - flow.since >= toConnect) flow.end({ code: 'sip.transport.timeout', detail: 'no connection' })
      } else if (flow.state === 'closing') {
        if (now - flow.lastUsed >= lastWords) flow.end({ code: 'sip.transport.released', detail: 'closed' })
      } else if (flow.partialSince !== undefined && now - flow.partialSince >= message) {
        flow.end({ code: 'sip.transport.framing', detail: 'a message was begun and not finished' })
      } else if (flow.inbound && !flow.spoken && now - flow.since >= firstMessage) {
        flow.end({ code: 'sip.transport.released', detail: 'it never brought a message' })
      } else if (now - flow.lastUsed >= idle) {
        flow.end({ code: 'sip.transport.released', detail: 'idle' })
      }
    }
    for (const flow of readingLeast(this.#flows, this.#memory.waiting)) {
      flow.end({ code: 'sip.transport.congested', detail: `${flow.queued} bytes are waiting, and too many in all` })
    }
    this.#sweep = this.#flows.size === 0 ? undefined : this.#clock.alarm(now + sweepEvery, () => this.#tidy())
  }
}

/** A flow that could not even begin: each send is told as a failure. */
function deadFlow(name: 'TCP' | 'TLS', local: Address, remote: Address, owner: StreamTransport, detail: string): Flow {
  const flow: Flow = {
    id: `${name} ${formatAddress(local)} ${formatAddress(remote)} none`,
    transport: name,
    reliable: true,
    local,
    remote,
    open: false,
    send: () => owner.ended(flow, { code: 'sip.transport.limit', detail }),
    close: () => {},
  }
  return flow
}
