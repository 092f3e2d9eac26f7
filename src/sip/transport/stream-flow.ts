import type { Socket } from 'node:net'
import { type Address, type Flow, type FlowFailure, formatAddress, type TransportName } from './flow.ts'
import { Framer, type FramerLimits } from './framer.ts'
import { failureOf } from './net-failure.ts'

/** What a connection needs from its transport. */
export interface StreamOwner {
  readonly name: TransportName
  readonly limits: FramerLimits
  /** Octets that may wait for a peer that does not read. */
  readonly maxQueued: number
  now(): number
  /** False: the stream cannot be trusted any more. */
  arrived(bytes: Buffer, flow: StreamFlow): boolean
  pinged(): void
  unframeable(head: Buffer | undefined, status: number, detail: string, flow: StreamFlow): void
  sent(): void
  /** It holds so many octets more of messages that are not complete. */
  holds(more: number): void
  /** The connection is of no use any more, or was used after that. */
  ended(flow: StreamFlow, failure: FlowFailure): void
  /** Its socket is gone. */
  gone(flow: StreamFlow): void
}

const pong = Buffer.from('\r\n')

/** One connection. It ends once, for the first reason that shows. */
export class StreamFlow implements Flow {
  readonly id: string
  readonly transport: TransportName
  readonly reliable = true
  readonly remote: Address
  readonly inbound: boolean
  readonly since: number
  /** When anything last came or went, for upkeep. */
  lastUsed: number
  /** When the message that is arriving began; undefined between messages. */
  partialSince: number | undefined
  #held = 0
  #state: 'connecting' | 'open' | 'closing' | 'ended'
  /** True once a whole message came: what never says anything sensible may not stay. */
  #spoken = false
  #local: Address
  readonly #owner: StreamOwner
  readonly #socket: Socket
  readonly #framer: Framer

  constructor(owner: StreamOwner, socket: Socket, remote: Address, local: Address, inbound: boolean, n: number) {
    this.#owner = owner
    this.#socket = socket
    this.#framer = new Framer(owner.limits)
    this.transport = owner.name
    this.remote = remote
    this.#local = local
    this.inbound = inbound
    this.id = `${owner.name} ${formatAddress(local)} ${formatAddress(remote)} ${n}`
    this.#state = inbound ? 'open' : 'connecting'
    this.since = owner.now()
    this.lastUsed = this.since
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    socket.on('connect', () => this.#connected())
    socket.on('data', (chunk) => this.#data(chunk))
    socket.on('error', (error) => this.#finish(failureOf(error)))
    socket.on('end', () => this.#finish({ code: 'sip.transport.closed', detail: 'the far end closed the connection' }))
    socket.on('close', () => this.#finish({ code: 'sip.transport.closed', detail: 'the connection is closed' }))
  }

  get local(): Address {
    return this.#local
  }

  get open(): boolean {
    return this.#state === 'connecting' || this.#state === 'open'
  }

  get state(): 'connecting' | 'open' | 'closing' | 'ended' {
    return this.#state
  }

  get spoken(): boolean {
    return this.#spoken
  }

  /** Octets that the far end has not read yet. */
  get queued(): number {
    return this.#socket.writableLength
  }

  send(bytes: Uint8Array): void {
    if (!this.open) {
      this.#owner.ended(this, { code: 'sip.transport.closed', detail: 'sent on a connection that is gone' })
      return
    }
    this.lastUsed = this.#owner.now()
    this.#owner.sent()
    // Written before it is connected, it waits in the socket.
    this.#socket.write(bytes)
    if (this.#socket.writableLength > this.#owner.maxQueued) {
      this.end({ code: 'sip.transport.congested', detail: `${this.#socket.writableLength} bytes are waiting` })
    }
  }

  close(): void {
    this.#finishAfterWriting({ code: 'sip.transport.released', detail: 'closed' })
  }

  /** Ends it at once, for this reason. */
  end(failure: FlowFailure): void {
    this.#finish(failure)
  }

  #connected(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'open'
    this.lastUsed = this.#owner.now()
    const { localAddress, localPort } = this.#socket
    if (localAddress !== undefined && localPort !== undefined) this.#local = { host: localAddress, port: localPort }
  }

  #data(chunk: Buffer): void {
    if (this.#state !== 'open') return
    this.lastUsed = this.#owner.now()
    for (const frame of this.#framer.push(chunk)) {
      switch (frame.kind) {
        case 'message':
          this.#spoken = true
          if (!this.#owner.arrived(frame.bytes, this)) {
            this.#finishAfterWriting({ code: 'sip.transport.framing', detail: 'a message that cannot be trusted' })
          }
          break
        case 'ping':
          this.#owner.pinged()
          if (this.#state === 'open') this.#socket.write(pong)
          break
        case 'fault':
          this.#owner.unframeable(frame.head, frame.status, frame.detail, this)
          this.#finishAfterWriting({ code: 'sip.transport.framing', detail: frame.detail })
          break
      }
      if (this.#state !== 'open') return
    }
    if (!this.#framer.partial) this.partialSince = undefined
    else this.partialSince ??= this.lastUsed
    this.#hold(this.#framer.held)
  }

  #hold(octets: number): void {
    const more = octets - this.#held
    this.#held = octets
    if (more !== 0) this.#owner.holds(more)
  }

  /** Lets what was written go out, then closes. What comes meanwhile is not read. */
  #finishAfterWriting(failure: FlowFailure): void {
    if (!this.open) return
    if (this.#state === 'connecting') {
      this.#finish(failure)
      return
    }
    this.#state = 'closing'
    this.#hold(0)
    this.#socket.destroySoon()
    this.#owner.ended(this, failure)
  }

  #finish(failure: FlowFailure): void {
    if (this.#state === 'ended') return
    const told = this.#state === 'closing'
    this.#state = 'ended'
    this.#socket.destroy()
    this.#hold(0)
    this.#owner.gone(this)
    if (!told) this.#owner.ended(this, failure)
  }
}
