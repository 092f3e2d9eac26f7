import { inDialog, via } from '../message/accessors.ts'
import { responseTo, serialise } from '../message/build.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Via } from '../message/via.ts'
import type { Flow } from '../transport/flow.ts'
import { returnFlow, sentByFlow } from '../transport/return-path.ts'
import type { Alarm, Rung } from './alarms.ts'
import type { Identifiers } from './identifiers.ts'
import { type InviteServerState, inviteServer } from './invite-server.ts'
import { mergeKey, serverKey } from './key.ts'
import type { ServerInput, Step } from './machine.ts'
import { type PlainServerState, plainServer } from './plain-server.ts'
import { armAction, type Wires } from './wires.ts'

/** Whoever answers a server transaction. */
export interface ServerUser {
  /** The ACK to our 300–699 arrived. */
  refusalAcknowledged(transaction: ServerTransaction): void
  /** Timer H: it never did. */
  refusalUnacknowledged(transaction: ServerTransaction): void
  /** A CANCEL matched, and no final response was sent yet. The CANCEL has its 200 already; answer the INVITE 487. */
  cancelled(transaction: ServerTransaction, cancel: SipRequest): void
}

/** Takes new requests (never ACK, never CANCEL). */
export interface RequestTaker {
  request(transaction: ServerTransaction, request: SipRequest): void
  /** An ACK to a 2xx: a transaction of its own, never answered. */
  acknowledged(ack: SipRequest, flow: Flow): void
}

export type ServerState = InviteServerState | PlainServerState

/**
 * One request of the peer's. Once it is finished only the key, the state and the bytes of the last response stay, until its last
 * timer: a thousand calls a second leave tens of thousands of these behind.
 */
export class ServerTransaction implements Rung {
  readonly owner: ServerTransactions
  readonly kind: 'invite' | 'plain'
  readonly key: string
  /** '' for requests inside a dialog. */
  readonly mergeKey: string
  /** Where responses go. */
  flow: Flow
  state: ServerState
  /** Undefined once a final response was sent. */
  request: SipRequest | undefined
  user: ServerUser | undefined
  /** The To tag of our responses; the layer's 200 to a CANCEL uses the same (§9.2). */
  localTag = ''
  /** The last response: its bytes while it is young, one character per byte once it is final. */
  last: Uint8Array | string | undefined
  fired = 0
  retransmission: Alarm | undefined
  life: Alarm | undefined

  constructor(owner: ServerTransactions, request: SipRequest, key: string, shared: string, flow: Flow) {
    this.owner = owner
    this.kind = request.method === 'INVITE' ? 'invite' : 'plain'
    this.state = this.kind === 'invite' ? 'proceeding' : 'trying'
    this.key = key
    this.mergeKey = shared
    this.flow = flow
    this.request = request
  }

  /**
   * Sends a response. Returns its bytes, so that a 2xx can be repeated by the user (§13.3.1.4); undefined if the state does not
   * allow this response any more (a second final).
   */
  respond(response: SipResponse): Uint8Array | undefined {
    return this.owner.respond(this, response)
  }

  /** Sends the bytes of a 2xx once more (§13.3.1.4). */
  repeat(bytes: Uint8Array): void {
    this.owner.repeat(this, bytes)
  }

  /** Drops it without a word: for one restored after a crash, whose call turned out to be over. */
  forget(): void {
    this.owner.forget(this)
  }

  /** A 2xx that an earlier life sent was acknowledged: nothing more is said, and repetitions are absorbed. */
  answeredBefore(): void {
    this.owner.answeredBefore(this)
  }

  rang(name: string): void {
    this.owner.rang(this, name)
  }
}

/** Holds the peers' requests, recognises their retransmissions, and drives their machines (RFC 3261 §17.2, RFC 6026 §7.1). */
export class ServerTransactions {
  readonly #wires: Wires
  readonly #ids: Identifiers
  readonly #taker: RequestTaker
  readonly #live = new Map<string, ServerTransaction>()
  /** Requests outside dialogs, by what merged copies have in common (§8.2.2.2). */
  readonly #mergeable = new Set<string>()

  constructor(wires: Wires, ids: Identifiers, taker: RequestTaker) {
    this.#wires = wires
    this.#ids = ids
    this.#taker = taker
  }

  get size(): number {
    return this.#live.size
  }

  clear(): void {
    this.#live.clear()
    this.#mergeable.clear()
  }

  request(request: SipRequest, top: Via, flow: Flow): void {
    const { method } = request
    if (method === 'ACK') return this.#ack(request, top, flow)
    if (method === 'CANCEL') return this.#cancel(request, top, flow)
    const key = method === 'INVITE' ? serverKey(request, top) : `${method}|${serverKey(request, top)}`
    if (this.#again(key, flow)) return
    const shared = inDialog(request) ? '' : mergeKey(request)
    if (shared !== '' && this.#mergeable.has(shared)) {
      const merged = this.#add(request, flow, key, '')
      merged.respond(responseTo(request, 482, 'Merged Request', this.#ids.tag()))
      return
    }
    this.#taker.request(this.#add(request, flow, key, shared), request)
  }

  /**
   * An INVITE that an earlier life of this process received, and may not have answered: its retransmissions are recognised again, and
   * a final response can be sent. Undefined if the request has no readable Via.
   */
  restore(invite: SipRequest, flow: Flow): ServerTransaction | undefined {
    const top = via(invite)
    if (top === undefined) return undefined
    const transport = this.#wires.transportOf(flow)
    // The connection that it came by ended with that life, and its port leads nowhere.
    const way = flow.reliable && transport !== undefined ? sentByFlow(invite, flow, transport) : flow
    return this.#add(invite, way, serverKey(invite, top), mergeKey(invite))
  }

  /** See `ServerTransaction.respond`. */
  respond(transaction: ServerTransaction, response: SipResponse): Uint8Array | undefined {
    const { status } = response
    const step = stepOf(
      transaction,
      status < 200 ? 'respond-provisional' : status < 300 ? 'respond-success' : 'respond-failure',
    )
    if (!step.actions.includes('send')) return undefined
    const bytes = serialise(response)
    const flow = this.#replyFlow(transaction)
    if (status < 200) transaction.last = bytes
    else shrink(transaction, status, bytes)
    this.#move(transaction, step, undefined)
    if (flow !== undefined) this.#wires.put(flow, bytes)
    else this.#feed(transaction, 'transport-error', undefined)
    return bytes
  }

  repeat(transaction: ServerTransaction, bytes: Uint8Array): void {
    if (transaction.state === 'accepted' && transaction.flow.open) this.#wires.put(transaction.flow, bytes)
  }

  rang(transaction: ServerTransaction, name: string): void {
    if (name === 'timer-G') transaction.fired++
    this.#feed(transaction, name as ServerInput, undefined)
  }

  #again(key: string, flow: Flow): boolean {
    const known = this.#live.get(key)
    if (known === undefined) return false
    if (!known.flow.open) known.flow = flow
    this.#feed(known, 'request', undefined)
    return true
  }

  /** RFC 6026 §7.1: in Accepted, and outside any transaction, an ACK is the user's; in Completed it ends the retransmissions. */
  #ack(ack: SipRequest, top: Via, flow: Flow): void {
    const transaction = this.#live.get(serverKey(ack, top))
    if (transaction === undefined || transaction.state === 'accepted') this.#taker.acknowledged(ack, flow)
    else this.#feed(transaction, 'ack', ack)
  }

  /** §9.2: 481 if it matches no INVITE; else 200 with the INVITE's To tag, and the INVITE's user is told if there is still time. */
  #cancel(cancel: SipRequest, top: Via, flow: Flow): void {
    const inviteKey = serverKey(cancel, top)
    const key = `CANCEL|${inviteKey}`
    if (this.#again(key, flow)) return
    const invite = this.#live.get(inviteKey)
    const transaction = this.#add(cancel, flow, key, '')
    if (invite === undefined) {
      transaction.respond(responseTo(cancel, 481, undefined, this.#ids.tag()))
      return
    }
    if (invite.localTag === '') invite.localTag = this.#ids.tag()
    transaction.respond(responseTo(cancel, 200, undefined, invite.localTag))
    if (invite.state === 'proceeding') invite.user?.cancelled(invite, cancel)
  }

  #add(request: SipRequest, flow: Flow, key: string, shared: string): ServerTransaction {
    const transaction = new ServerTransaction(this, request, key, shared, this.#returnFlow(request, flow))
    this.#live.set(key, transaction)
    if (shared !== '') this.#mergeable.add(shared)
    return transaction
  }

  /** §18.2.2: when the connection that a request came by is gone, its response opens one to sent-by. */
  #replyFlow(transaction: ServerTransaction): Flow | undefined {
    const { flow, request } = transaction
    if (flow.open) return flow
    if (request === undefined) return undefined
    const fresh = this.#returnFlow(request, flow)
    // The sender listens on the port that it sent from: the same address, another connection.
    transaction.flow = fresh.open ? fresh : (this.#wires.transportOf(flow)?.flowTo(flow.remote) ?? fresh)
    return transaction.flow.open ? transaction.flow : undefined
  }

  #returnFlow(request: SipRequest, flow: Flow): Flow {
    const transport = this.#wires.transportOf(flow)
    return transport === undefined ? flow : returnFlow(request, flow, transport)
  }

  #feed(transaction: ServerTransaction, input: ServerInput, ack: SipRequest | undefined): void {
    this.#move(transaction, stepOf(transaction, input), ack)
  }

  #move(transaction: ServerTransaction, { state, actions }: Step<ServerState>, ack: SipRequest | undefined): void {
    transaction.state = state
    const { user } = transaction
    if (state === 'terminated') this.forget(transaction)
    for (const action of actions) {
      switch (action) {
        case 'send': // done by `respond`
        case 'report-transport-error': // the user's own timer (no ACK, no end) speaks for it
          break
        case 'resend':
          this.#resend(transaction)
          break
        case 'deliver':
          if (ack !== undefined) user?.refusalAcknowledged(transaction)
          break
        case 'report-no-ack':
          user?.refusalUnacknowledged(transaction)
          break
        default:
          armAction(this.#wires, transaction, action)
      }
    }
    if (state === 'confirmed' || state === 'accepted') {
      transaction.request = undefined
      transaction.user = undefined
      transaction.last = undefined
    }
  }

  #resend({ last, flow }: ServerTransaction): void {
    if (last === undefined || !flow.open) return
    this.#wires.put(flow, typeof last === 'string' ? Buffer.from(last, 'latin1') : last)
  }

  /** See `ServerTransaction.answeredBefore`. */
  answeredBefore(transaction: ServerTransaction): void {
    this.#feed(transaction, 'answered-before', undefined)
  }

  /** See `ServerTransaction.forget`. */
  forget(transaction: ServerTransaction): void {
    this.#live.delete(transaction.key)
    if (transaction.mergeKey !== '') this.#mergeable.delete(transaction.mergeKey)
    armAction(this.#wires, transaction, 'quiet')
    armAction(this.#wires, transaction, 'disarm-life')
    transaction.user = undefined
  }
}

function stepOf({ state, kind, flow }: ServerTransaction, input: ServerInput): Step<ServerState> {
  return kind === 'invite'
    ? inviteServer(state as InviteServerState, input, flow.reliable)
    : plainServer(state as PlainServerState, input, flow.reliable)
}

/**
 * What is left once a final response is out. An accepted INVITE repeats nothing itself (RFC 6026 §7.1). The bytes are kept as a
 * string of their own, since a small Buffer keeps the whole slab alive from which it was cut.
 */
function shrink(transaction: ServerTransaction, status: number, bytes: Uint8Array): void {
  transaction.request = undefined
  const accepted = transaction.kind === 'invite' && status < 300
  transaction.last = accepted
    ? undefined
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (accepted || transaction.kind === 'plain') transaction.user = undefined
}
