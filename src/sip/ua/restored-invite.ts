import { request as buildRequest, headersOf } from '../message/build.ts'
import type { SipRequest } from '../message/message.ts'
import type { ServerTransaction, ServerUser } from '../transaction/server.ts'
import type { Flow } from '../transport/flow.ts'
import type { Farewell, Refuse, Told } from './facts.ts'
import type { SessionHost } from './host.ts'
import { compose, farewell } from './reply.ts'
import { reasonLines } from './sent.ts'
import type { IncomingSnapshot } from './snapshot.ts'

export interface RestoredUser {
  refusalSettled(outcome: Told): void
  /** The caller gave up before we said anything; its CANCEL and INVITE are answered. */
  cancelled(cancel: Farewell): void
}

/** The server transaction of an INVITE that an earlier life of this process left without an acknowledged final response. */
export class RestoredInvite implements ServerUser {
  readonly #host: SessionHost
  readonly #request: SipRequest
  readonly #transaction: ServerTransaction
  readonly #tag: string
  readonly #user: RestoredUser | undefined

  /** Undefined if the snapshot holds no INVITE, or none that can be answered. */
  static from(
    host: SessionHost,
    invite: IncomingSnapshot['invite'],
    tag: string,
    flow: Flow | undefined,
    user?: RestoredUser,
  ): RestoredInvite | undefined {
    if (invite === null || flow === undefined) return undefined
    const request = buildRequest({ method: 'INVITE', uri: invite.uri, headers: headersOf(invite.lines) })
    const transaction = host.layer.restoreServer(request, flow)
    return transaction === undefined ? undefined : new RestoredInvite(host, request, transaction, tag, user)
  }

  private constructor(
    host: SessionHost,
    request: SipRequest,
    transaction: ServerTransaction,
    tag: string,
    user: RestoredUser | undefined,
  ) {
    this.#host = host
    this.#request = request
    this.#transaction = transaction
    this.#tag = tag
    this.#user = user
    transaction.localTag = tag
    transaction.user = this
  }

  /** Sends the final response, repeated until it is acknowledged. False if there was one already. */
  refuse(refuse: Refuse): boolean {
    const lines = [...reasonLines(refuse.reasons ?? []), ...(refuse.headers ?? [])]
    const response = compose(this.#host, this.#request, refuse.status, this.#tag, lines, refuse.phrase)
    return this.#transaction.respond(response) !== undefined
  }

  /** A 2xx of the life before was acknowledged: repetitions of the INVITE are absorbed for a while, as ever. */
  over(): void {
    this.#transaction.answeredBefore()
  }

  forget(): void {
    this.#transaction.forget()
  }

  cancelled(_transaction: ServerTransaction, cancel: SipRequest): void {
    this.refuse({ status: 487 })
    this.#user?.cancelled(farewell(cancel))
  }

  refusalAcknowledged(): void {
    this.#user?.refusalSettled('delivered')
  }

  refusalUnacknowledged(): void {
    this.#user?.refusalSettled('unconfirmed')
  }
}
