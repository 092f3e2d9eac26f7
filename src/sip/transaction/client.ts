import { cseq } from '../message/accessors.ts'
import { serialise } from '../message/build.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { Via } from '../message/via.ts'
import type { Flow, FlowFailure } from '../transport/flow.ts'
import type { Alarm, Rung } from './alarms.ts'
import { ackFor, cancelFor } from './hop-by-hop.ts'
import { type InviteClientState, inviteClient, startInviteClient } from './invite-client.ts'
import type { Action, ClientInput, Step } from './machine.ts'
import { type PlainClientState, plainClient, startPlainClient } from './plain-client.ts'
import { armAction, type Wires } from './wires.ts'

/** Why a client transaction ended without a final response: 64·T1 passed (as if 408), or the transport failed (as if 503; §8.1.3.1). */
export type ClientFailure = 'timeout' | 'transport'

/** Whoever began a client transaction. */
export interface ClientUser {
  /** Every 1xx and the final response; for an INVITE also each 2xx that follows (retransmissions and forks). */
  responded(transaction: ClientTransaction, response: SipResponse): void
  /** Once, and then nothing more. */
  failed(transaction: ClientTransaction, failure: ClientFailure, detail: FlowFailure | undefined): void
}

export type ClientState = InviteClientState | PlainClientState

/** One request of ours on its way. State lives here, decisions in `invite-client.ts` and `plain-client.ts`. */
export class ClientTransaction implements Rung {
  readonly owner: ClientTransactions
  readonly kind: 'invite' | 'plain'
  readonly key: string
  readonly branch: string
  readonly method: string
  readonly flow: Flow
  state: ClientState
  /** Undefined once finished. */
  request: SipRequest | undefined
  user: ClientUser | undefined
  /** What `resend` sends: the request, or in Completed the ACK. */
  bytes: Uint8Array | undefined
  /** How often the retransmission timer rang. */
  fired = 0
  retransmission: Alarm | undefined
  life: Alarm | undefined

  constructor(
    owner: ClientTransactions,
    request: SipRequest,
    branch: string,
    flow: Flow,
    state: ClientState,
    user: ClientUser,
  ) {
    this.owner = owner
    this.method = request.method
    this.kind = this.method === 'INVITE' ? 'invite' : 'plain'
    this.branch = branch
    this.key = this.method === 'CANCEL' ? `CANCEL ${branch}` : branch
    this.flow = flow
    this.state = state
    this.request = request
    this.user = user
  }

  rang(name: string): void {
    this.owner.rang(this, name)
  }
}

/** Holds our own requests, matches responses to them, and drives their machines (RFC 3261 §17.1, RFC 6026 §7.2). */
export class ClientTransactions {
  readonly #wires: Wires
  readonly #live = new Map<string, ClientTransaction>()

  constructor(wires: Wires) {
    this.#wires = wires
  }

  get size(): number {
    return this.#live.size
  }

  clear(): void {
    this.#live.clear()
  }

  /** Sends a complete request, whose top Via carries `branch`. */
  start(request: SipRequest, branch: string, flow: Flow, user: ClientUser): ClientTransaction {
    const step = request.method === 'INVITE' ? startInviteClient(flow.reliable) : startPlainClient(flow.reliable)
    const transaction = this.#add(request, branch, flow, step.state, user)
    transaction.bytes = serialise(request)
    this.#move(transaction, step, undefined, undefined)
    return transaction
  }

  /** An INVITE that an earlier life of this process sent, and that may be ringing: nothing is sent, its responses are awaited. */
  restore(invite: SipRequest, branch: string, flow: Flow, user: ClientUser): ClientTransaction {
    return this.#add(invite, branch, flow, 'proceeding', user)
  }

  /**
   * Cancels an INVITE that got a provisional response (§9.1). Without a final response within 64·T1 the INVITE's transaction is
   * destroyed and its user told `timeout`. Undefined if it is over already. `reasons` is the value of the Reason header.
   */
  cancel(invite: ClientTransaction, reasons: string | undefined, user: ClientUser): ClientTransaction | undefined {
    if (invite.request === undefined) return undefined
    const cancel = cancelFor(invite.request, reasons)
    armAction(this.#wires, invite, 'arm-cancel-wait')
    return this.start(cancel, invite.branch, invite.flow, user)
  }

  /**
   * Nobody waits for an INVITE any more, and no CANCEL is due (its dialog ended by BYE): without a final response within 64·T1 it is
   * forgotten. Its responses are handled until then.
   */
  abandon(invite: ClientTransaction): void {
    if (invite.state === 'proceeding') armAction(this.#wires, invite, 'arm-cancel-wait')
  }

  /** §17.1.3: branch of the top Via, and the method in CSeq. False if nobody waits for it. */
  response(response: SipResponse, top: Via): boolean {
    const branch = top.branch ?? ''
    const method = cseq(response)?.method
    const transaction = this.#live.get(method === 'CANCEL' ? `CANCEL ${branch}` : branch)
    if (transaction === undefined || transaction.method !== method) return false
    const { status } = response
    const input = status < 200 ? 'provisional' : status < 300 ? 'success' : 'failure'
    this.#feed(transaction, input, response, undefined)
    return true
  }

  /** A connection broke, or ICMP said that nobody is there: every request on that way has failed (§17.1.4). */
  flowFailed(flow: Flow, failure: FlowFailure): void {
    const hit: ClientTransaction[] = []
    for (const transaction of this.#live.values()) if (transaction.flow.id === flow.id) hit.push(transaction)
    for (const transaction of hit) this.#feed(transaction, 'transport-error', undefined, failure)
  }

  rang(transaction: ClientTransaction, name: string): void {
    if (name === 'timer-A' || name === 'timer-E') transaction.fired++
    this.#feed(transaction, name as ClientInput, undefined, undefined)
  }

  #add(request: SipRequest, branch: string, flow: Flow, state: ClientState, user: ClientUser): ClientTransaction {
    const transaction = new ClientTransaction(this, request, branch, flow, state, user)
    this.#live.set(transaction.key, transaction)
    return transaction
  }

  #feed(
    transaction: ClientTransaction,
    input: ClientInput,
    response: SipResponse | undefined,
    failure: FlowFailure | undefined,
  ): void {
    const { state, kind, flow } = transaction
    const step =
      kind === 'invite'
        ? inviteClient(state as InviteClientState, input, flow.reliable)
        : plainClient(state as PlainClientState, input, flow.reliable)
    this.#move(transaction, step, response, failure)
  }

  #move(
    transaction: ClientTransaction,
    { state, actions }: Step<ClientState>,
    response: SipResponse | undefined,
    failure: FlowFailure | undefined,
  ): void {
    transaction.state = state
    const { user } = transaction
    if (state === 'terminated') this.#forget(transaction)
    for (const action of actions) this.#act(transaction, action, user, response, failure)
    if (state === 'completed') shrink(transaction)
    // An accepted INVITE is not repeated; the request itself is still needed, for the dialogs of further answers.
    else if (state === 'accepted') transaction.bytes = undefined
  }

  #act(
    transaction: ClientTransaction,
    action: Action,
    user: ClientUser | undefined,
    response: SipResponse | undefined,
    failure: FlowFailure | undefined,
  ): void {
    switch (action) {
      case 'resend':
        if (transaction.bytes !== undefined) this.#wires.put(transaction.flow, transaction.bytes)
        return
      case 'send-ack': // §17.1.1.3: built the first time, the same bytes after that
        if (transaction.request !== undefined && response !== undefined) {
          transaction.bytes = serialise(ackFor(transaction.request, response))
        }
        if (transaction.bytes !== undefined) this.#wires.put(transaction.flow, transaction.bytes)
        return
      case 'deliver':
        if (response !== undefined) user?.responded(transaction, response)
        return
      case 'report-timeout':
        user?.failed(transaction, 'timeout', undefined)
        return
      case 'report-transport-error':
        user?.failed(transaction, 'transport', failure)
        return
      default:
        armAction(this.#wires, transaction, action)
    }
  }

  #forget(transaction: ClientTransaction): void {
    this.#live.delete(transaction.key)
    armAction(this.#wires, transaction, 'quiet')
    armAction(this.#wires, transaction, 'disarm-life')
    transaction.user = undefined
  }
}

/** What is left of a finished request: the ACK's bytes for an INVITE, nothing else. */
function shrink(transaction: ClientTransaction): void {
  transaction.request = undefined
  transaction.user = undefined
  if (transaction.kind === 'plain') transaction.bytes = undefined
}
