import { newCounters, type TransportCounters } from './counters.ts'
import {
  type Address,
  type Flow,
  type FlowFailure,
  formatAddress,
  type Transport,
  type TransportName,
  type TransportUser,
} from './flow.ts'
import { Intake, type IntakeRules } from './intake.ts'

/** Runs `run` after `ms` of the caller's (virtual) time. */
export type After = (ms: number, run: () => void) => void

/** One thing sent: what a test looks at, and what a rule decides about. */
export type Packet = Readonly<{
  /** 0, 1, 2 … in the order of sending, over the whole network. */
  n: number
  transport: TransportName
  from: Address
  to: Address
  bytes: Uint8Array
  /** As text, one character per byte. */
  text: string
  /** `INVITE sip:…`, `SIP/2.0 180 …`: the first line. */
  startLine: string
}>

/** One delay in ms for each copy that arrives: `[]` is lost, `[0]` is normal, `[0, 20]` comes twice. */
export type Fate = readonly number[]

export const lost: Fate = []
export const delivered: Fate = [0]
export const twice: Fate = [0, 0]

type Rule = { match: (packet: Packet) => boolean; fate: Fate | ((packet: Packet) => Fate); left: number }

/**
 * A network in memory, for tests under a virtual clock. Bytes go through the same parser as everywhere. Delivery is never inside the
 * sender's call: the smallest delay is `after(0)`.
 */
export class MemoryNetwork {
  /** Everything sent, also what was lost. */
  readonly packets: Packet[] = []
  /** What happens to a packet for an address where nobody listens: UDP is silent or refused (ICMP); a stream is always refused. */
  nobody: 'silent' | 'refused' = 'silent'
  /** The fate of a packet that no rule names. */
  usual: Fate | ((packet: Packet) => Fate) = delivered
  readonly #after: After
  readonly #endpoints = new Map<string, MemoryTransport>()
  readonly #rules: Rule[] = []

  constructor(after: After) {
    this.#after = after
  }

  /** Opens an endpoint. Stream endpoints (`TCP`, `TLS`) keep order, lose nothing, and ignore fates but their delays. */
  listen(local: Address, user: TransportUser, name: TransportName = 'UDP', rules?: IntakeRules): MemoryTransport {
    const transport = new MemoryTransport(this, name, local, user, this.#after, rules)
    this.#endpoints.set(`${name} ${formatAddress(local)}`, transport)
    return transport
  }

  /** The next `times` packets that match (all of them, if not said) meet this fate. Later rules are asked first. */
  when(
    match: (packet: Packet) => boolean,
    fate: Fate | ((packet: Packet) => Fate),
    times = Number.POSITIVE_INFINITY,
  ): void {
    this.#rules.unshift({ match, fate, left: times })
  }

  /** Breaks the stream between two endpoints: both are told. */
  cut(a: MemoryTransport, b: MemoryTransport): void {
    a.breakFlow(b.local, { code: 'sip.transport.reset', detail: 'cut' })
    b.breakFlow(a.local, { code: 'sip.transport.reset', detail: 'cut' })
  }

  /** For transports of this file. */
  carry(transport: MemoryTransport, flow: MemoryFlow, bytes: Uint8Array): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    const lineEnd = text.indexOf('\r\n')
    const packet: Packet = {
      n: this.packets.length,
      transport: transport.name,
      from: flow.local,
      to: flow.remote,
      bytes: Uint8Array.from(bytes),
      text,
      startLine: lineEnd < 0 ? text : text.slice(0, lineEnd),
    }
    this.packets.push(packet)
    const fate = this.#fateOf(packet)
    const delays = transport.reliable ? [flow.inOrder(fate[0] ?? 0)] : fate
    for (const delay of delays) this.#after(delay, () => this.#arrive(packet, flow, transport))
  }

  /** For transports of this file. */
  forget(transport: MemoryTransport): void {
    this.#endpoints.delete(`${transport.name} ${formatAddress(transport.local)}`)
  }

  #fateOf(packet: Packet): Fate {
    for (const rule of this.#rules) {
      if (rule.left <= 0 || !rule.match(packet)) continue
      rule.left--
      return typeof rule.fate === 'function' ? rule.fate(packet) : rule.fate
    }
    return typeof this.usual === 'function' ? this.usual(packet) : this.usual
  }

  #arrive(packet: Packet, flow: MemoryFlow, sender: MemoryTransport): void {
    const receiver = this.#endpoints.get(`${packet.transport} ${formatAddress(packet.to)}`)
    if (receiver !== undefined) {
      if (flow.open || !sender.reliable) receiver.deliver(packet)
      return
    }
    const detail = `nobody at ${formatAddress(packet.to)}`
    if (sender.reliable) sender.breakFlow(packet.to, { code: 'sip.transport.refused', detail })
    else if (this.nobody === 'refused') sender.tell(flow, { code: 'sip.transport.refused', detail })
  }
}

export class MemoryTransport implements Transport {
  readonly name: TransportName
  readonly reliable: boolean
  readonly local: Address
  readonly counters: TransportCounters = newCounters()
  readonly #network: MemoryNetwork
  readonly #user: TransportUser
  readonly #intake: Intake
  readonly #after: After
  readonly #flows = new Map<string, MemoryFlow>()
  #closed = false

  constructor(
    network: MemoryNetwork,
    name: TransportName,
    local: Address,
    user: TransportUser,
    after: After,
    rules?: IntakeRules,
  ) {
    this.#network = network
    this.name = name
    this.reliable = name !== 'UDP'
    this.local = local
    this.#user = user
    this.#intake = new Intake(this, user, this.counters, rules)
    this.#after = after
  }

  flowTo(remote: Address): MemoryFlow {
    const key = formatAddress(remote)
    let flow = this.#flows.get(key)
    if (flow === undefined || !flow.open) {
      flow = new MemoryFlow(this, remote)
      this.#flows.set(key, flow)
    }
    return flow
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#network.forget(this)
    for (const flow of this.#flows.values()) flow.open = false
    this.#flows.clear()
  }

  /** For the network: a packet arrives here. */
  deliver(packet: Packet): void {
    if (!this.#closed) this.#intake.accept(Uint8Array.from(packet.bytes), this.flowTo(packet.from))
  }

  /** For the network: the stream to that address is gone. */
  breakFlow(remote: Address, failure: FlowFailure): void {
    const flow = this.#flows.get(formatAddress(remote))
    if (flow === undefined || !flow.open) return
    flow.open = false
    this.#flows.delete(formatAddress(remote))
    this.tell(flow, failure)
  }

  /** For the network: tells the floor above, later. */
  tell(flow: MemoryFlow, failure: FlowFailure): void {
    this.counters.failures++
    this.#after(0, () => {
      if (!this.#closed) this.#user.flowFailed(flow, failure)
    })
  }

  /** For flows. */
  send(flow: MemoryFlow, bytes: Uint8Array): void {
    if (this.#closed) return
    if (!flow.open) {
      this.tell(flow, { code: 'sip.transport.closed', detail: 'the flow is gone' })
      return
    }
    this.counters.sent++
    this.#network.carry(this, flow, bytes)
  }
}

export class MemoryFlow implements Flow {
  readonly id: string
  readonly transport: TransportName
  readonly reliable: boolean
  readonly local: Address
  readonly remote: Address
  open = true
  readonly #owner: MemoryTransport
  #lastDelay = 0

  constructor(owner: MemoryTransport, remote: Address) {
    this.id = `${owner.name} ${formatAddress(owner.local)} ${formatAddress(remote)}`
    this.transport = owner.name
    this.reliable = owner.reliable
    this.local = owner.local
    this.remote = remote
    this.#owner = owner
  }

  send(bytes: Uint8Array): void {
    this.#owner.send(this, bytes)
  }

  close(): void {
    if (this.reliable) this.#owner.breakFlow(this.remote, { code: 'sip.transport.released', detail: 'closed' })
  }

  /** A stream never overtakes itself. */
  inOrder(delay: number): number {
    this.#lastDelay = Math.max(this.#lastDelay, delay)
    return this.#lastDelay
  }
}
