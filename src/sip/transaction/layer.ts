import { via } from '../message/accessors.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts'
import type { Flow, FlowFailure, Transport } from '../transport/flow.ts'
import { AlarmWheel } from './alarms.ts'
import { type ClientTransaction, ClientTransactions, type ClientUser } from './client.ts'
import type { Clock, FillRandom } from './clock.ts'
import { Identifiers } from './identifiers.ts'
import { type RequestTaker, type ServerTransaction, ServerTransactions } from './server.ts'
import type { Timing } from './timing.ts'
import type { Wires } from './wires.ts'

/** The floor above the transactions. */
export interface TransactionUser extends RequestTaker {
  /** A response that no transaction waits for. */
  stray(response: SipResponse, flow: Flow): void
}

/** Sees every message, for traces: what came as it was parsed, what went as bytes. */
export interface Tap {
  received(message: SipMessage, flow: Flow): void
  sent(bytes: Uint8Array, flow: Flow): void
}

export type TransactionOptions = Readonly<{
  clock: Clock
  timing: Timing
  fill: FillRandom
  user: TransactionUser
  /** The transport that a flow belongs to: responses may need another flow of it. */
  transportOf(flow: Flow): Transport | undefined
  tap?: Tap | undefined
  /** See `AlarmWheel`. */
  grain?: number | undefined
  /** A user threw while an alarm rang. */
  fault(error: unknown): void
}>

/** The transaction layer (RFC 3261 §17, RFC 6026): messages in from the transports, requests and responses out. */
export class TransactionLayer {
  readonly wheel: AlarmWheel
  readonly ids: Identifiers
  readonly timing: Timing
  readonly #user: TransactionUser
  readonly #tap: Tap | undefined
  readonly #clients: ClientTransactions
  readonly #servers: ServerTransactions

  constructor(options: TransactionOptions) {
    this.wheel = new AlarmWheel(options.clock, options.fault, options.grain)
    this.ids = new Identifiers(options.fill)
    this.timing = options.timing
    this.#user = options.user
    this.#tap = options.tap
    const wires: Wires = {
      wheel: this.wheel,
      timing: this.timing,
      put: (flow, bytes) => this.put(flow, bytes),
      transportOf: options.transportOf,
    }
    this.#clients = new ClientTransactions(wires)
    this.#servers = new ServerTransactions(wires, this.ids, options.user)
  }

  /** Live transactions: 0 and 0 when all is done. */
  get counts(): Readonly<{ clients: number; servers: number }> {
    return { clients: this.#clients.size, servers: this.#servers.size }
  }

  receive(message: SipMessage, flow: Flow): void {
    this.#tap?.received(message, flow)
    const top = via(message)
    if (top === undefined) return
    if (message.kind === 'request') this.#servers.request(message, top, flow)
    else if (!this.#clients.response(message, top)) this.#user.stray(message, flow)
  }

  flowFailed(flow: Flow, failure: FlowFailure): void {
    this.#clients.flowFailed(flow, failure)
  }

  /** Puts bytes on a flow, outside any transaction: an ACK to a 2xx. */
  put(flow: Flow, bytes: Uint8Array): void {
    this.#tap?.sent(bytes, flow)
    flow.send(bytes)
  }

  /** See `ClientTransactions.start`. */
  start(request: SipRequest, branch: string, flow: Flow, user: ClientUser): ClientTransaction {
    return this.#clients.start(request, branch, flow, user)
  }

  /** See `ClientTransactions.restore`. */
  restore(invite: SipRequest, branch: string, flow: Flow, user: ClientUser): ClientTransaction {
    return this.#clients.restore(invite, branch, flow, user)
  }

  /** See `ServerTransactions.restore`. */
  restoreServer(invite: SipRequest, flow: Flow): ServerTransaction | undefined {
    return this.#servers.restore(invite, flow)
  }

  /** See `ClientTransactions.cancel`. */
  cancel(invite: ClientTransaction, reasons: string | undefined, user: ClientUser): ClientTransaction | undefined {
    return this.#clients.cancel(invite, reasons, user)
  }

  /** See `ClientTransactions.abandon`. */
  abandon(invite: ClientTransaction): void {
    this.#clients.abandon(invite)
  }

  /** Drops everything at once; nobody is told. */
  clear(): void {
    this.#clients.clear()
    this.#servers.clear()
    this.wheel.clear()
  }
}
