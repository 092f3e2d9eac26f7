import type { Dialog } from '../dialog/dialog.ts'
import { to } from '../message/accessors.ts'
import type { SipResponse } from '../message/message.ts'
import type { ClientFailure, ClientTransaction, ClientUser } from '../transaction/client.ts'
import type { Flow, FlowFailure } from '../transport/flow.ts'
import { dialogRequest, type RequestBody } from './compose.ts'
import { answerChallenge } from './credentials.ts'
import type { HeaderLines } from './facts.ts'
import type { Seeker, SessionHost } from './host.ts'
import { reach } from './reach.ts'

/** `unsent`: there was no flow at all. */
export type AskFailure = ClientFailure | 'unsent'

export interface Asker {
  /** The final response; for an INVITE also every further 2xx. Challenges that could be answered are not shown. */
  replied(ask: Ask, response: SipResponse): void
  unreplied(ask: Ask, failure: AskFailure): void
}

/**
 * One request of ours inside a dialog: BYE, re-INVITE, UPDATE, INFO, NOTIFY. It finds its flow, answers one challenge, and tries another
 * flow once if the first one fails.
 */
export class Ask implements ClientUser, Seeker {
  readonly dialog: Dialog
  readonly method: string
  /** The CSeq of the latest attempt. */
  seq = 0
  /** The credentials in use: an ACK must repeat them (RFC 3261 §22.1). */
  authorization: readonly [string, string] | undefined
  readonly #host: SessionHost
  readonly #asker: Asker
  readonly #lines: HeaderLines
  readonly #body: RequestBody | undefined
  readonly #withContact: boolean
  #rerouted = false
  #transaction: ClientTransaction | undefined

  constructor(
    host: SessionHost,
    dialog: Dialog,
    asker: Asker,
    method: string,
    lines: HeaderLines,
    body?: RequestBody,
    withContact = false,
  ) {
    this.#host = host
    this.dialog = dialog
    this.#asker = asker
    this.method = method
    this.#lines = lines
    this.#body = body
    this.#withContact = withContact
  }

  send(): void {
    reach(this.#host, this.dialog, undefined, this)
  }

  reached(flow: Flow | undefined): void {
    const { dialog, method } = this
    if (flow === undefined) {
      this.#asker.unreplied(this, 'unsent')
      return
    }
    if (dialog.flow?.open !== true) dialog.flow = flow
    this.seq = dialog.nextSeq()
    const { layer } = this.#host
    const branch = layer.ids.branch()
    const lines = this.authorization === undefined ? this.#lines : [...this.#lines, this.authorization]
    const contact = this.#withContact ? this.#host.contact(flow) : undefined
    const request = dialogRequest(dialog, method, this.seq, this.#host.via(flow, branch), contact, lines, this.#body)
    this.#transaction = layer.start(request, branch, flow, this)
  }

  /** The dialog ended: a re-INVITE is not waited for without end. */
  abandon(): void {
    if (this.#transaction !== undefined) this.#host.layer.abandon(this.#transaction)
  }

  responded(transaction: ClientTransaction, response: SipResponse): void {
    const { status } = response
    if (status < 200) return
    if ((status === 401 || status === 407) && this.authorization === undefined && transaction.request !== undefined) {
      const { request, flow } = transaction
      const { credentials, layer } = this.#host
      const challenger = this.dialog.side === 'uac' ? { called: to(request)?.uri ?? '' } : { caller: flow.remote.host }
      this.authorization = answerChallenge(response, request, challenger, credentials, layer.ids.tag())
      if (this.authorization !== undefined) {
        this.reached(transaction.flow)
        return
      }
    }
    this.#asker.replied(this, response)
  }

  failed(transaction: ClientTransaction, failure: ClientFailure, detail: FlowFailure | undefined): void {
    const outcome = neverLeft(transaction.flow, detail) ? 'unsent' : failure
    if (failure === 'transport' && !this.#rerouted) {
      this.#rerouted = true
      reach(this.#host, this.dialog, transaction.flow, new SecondWay(this, outcome))
      return
    }
    this.#asker.unreplied(this, outcome)
  }

  /** The first way failed, and there is no other. */
  stranded(outcome: AskFailure): void {
    this.#asker.unreplied(this, outcome)
  }
}

class SecondWay implements Seeker {
  readonly #ask: Ask
  readonly #first: AskFailure

  constructor(ask: Ask, first: AskFailure) {
    this.#ask = ask
    this.#first = first
  }

  reached(flow: Flow | undefined): void {
    if (flow === undefined) this.#ask.stranded(this.#first)
    else this.#ask.reached(flow)
  }
}

/** A connection that could not be opened carried nothing; a datagram, or bytes on an open connection, may have arrived. */
function neverLeft(flow: Flow, detail: FlowFailure | undefined): boolean {
  if (!flow.reliable) return false
  const code = detail?.code
  return code === 'sip.transport.refused' || code === 'sip.transport.unreachable' || code === 'sip.transport.limit'
}
