import { callerDialog, type Dialog } from '../dialog/dialog.ts'
import { to } from '../message/accessors.ts'
import { request as buildRequest } from '../message/build.ts'
import { Headers } from '../message/headers.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'
import type { ClientFailure, ClientTransaction, ClientUser } from '../transaction/client.ts'
import type { Flow } from '../transport/flow.ts'
import { type EndOrder, nothingSent, type Sent } from './facts.ts'
import type { SessionHost } from './host.ts'
import { whenLocated } from './reach.ts'
import type { Ending, Survivor } from './revived-answer.ts'
import { sentAs } from './sent.ts'
import { attemptBranch, type OutgoingSnapshot } from './snapshot.ts'
import { UnwantedAnswer } from './unwanted.ts'

type StoredInvite = NonNullable<OutgoingSnapshot['invite']>

/**
 * An outgoing call that was not answered when the process died. It is cancelled from what was stored; whether a 1xx had come is not
 * known, but long enough has passed that the CANCEL cannot overtake its INVITE. A 2xx that still comes gets its ACK and its BYE.
 */
export class RevivedOutgoing implements Ending, ClientUser {
  readonly #host: SessionHost
  readonly #dialog: Dialog
  readonly #stored: StoredInvite
  readonly #survivor: Survivor
  readonly #unwanted = new Map<string, UnwantedAnswer>()
  #order: EndOrder | undefined
  #heard = false

  constructor(host: SessionHost, dialog: Dialog, stored: StoredInvite, survivor: Survivor) {
    this.#host = host
    this.#dialog = dialog
    this.#stored = stored
    this.#survivor = survivor
  }

  end(order: EndOrder): Sent {
    this.#order = order
    const { flow } = this.#dialog
    if (flow !== undefined) {
      this.#cancel(flow, this.#stored.attempt)
      return sentAs('CANCEL', false, order.cancel)
    }
    // The crash came before an address was known, or before it was stored.
    let found = false
    whenLocated(this.#host, this.#stored.routes[0] ?? this.#stored.uri, (targets) => {
      const way = targets[0] === undefined ? undefined : this.#host.flowTo(targets[0])
      found = way !== undefined
      if (way === undefined) this.#survivor.settle('local-only')
      else this.#cancel(way, this.#stored.attempt)
    })
    return found ? sentAs('CANCEL', false, order.cancel) : nothingSent
  }

  release(): void {}

  responded(transaction: ClientTransaction, response: SipResponse): void {
    const { status } = response
    if (status < 200) return
    if (status >= 300) return this.#survivor.settle('delivered')
    const tag = to(response)?.tag ?? ''
    const known = this.#unwanted.get(tag)
    if (known !== undefined) return known.again()
    if (transaction.request === undefined) return
    const dialog = callerDialog(transaction.request, response, transaction.flow, this.#dialog.sticky)
    const done = this.#survivor.settle.bind(this.#survivor)
    this.#unwanted.set(tag, new UnwantedAnswer(this.#host, dialog, undefined, this.#order?.bye ?? [], done))
  }

  /** 64·T1 after the CANCEL. */
  failed(_transaction: ClientTransaction, _failure: ClientFailure): void {
    this.#survivor.settle(this.#heard ? 'delivered' : 'unconfirmed')
  }

  #cancel(flow: Flow, attempt: number): void {
    const { layer } = this.#host
    const branch = attemptBranch(this.#stored.branch, attempt)
    const invite = layer.restore(this.#invite(flow, attempt, branch), branch, flow, this)
    layer.cancel(invite, sentAs('', false, this.#order?.cancel ?? []).reason, {
      responded: (_transaction, response) => {
        if (response.status < 200) return
        this.#heard = true
        // Perhaps the INVITE had been sent anew (credentials, another address) and that was not stored yet.
        if (response.status === 481 && attempt === this.#stored.attempt) this.#cancel(flow, attempt + 1)
      },
      failed: () => {},
    })
  }

  /** The INVITE as far as its CANCEL, and the ACK to its response, need it. */
  #invite(flow: Flow, attempt: number, branch: string): SipRequest {
    const { uri, routes, via } = this.#stored
    const { local, remote, callId, inviteSeq } = this.#dialog
    const stored = attemptBranch(this.#stored.branch, this.#stored.attempt)
    const headers = new Headers()
    headers.append(
      'Via',
      via === null ? this.#host.via(flow, branch) : via.replace(`branch=${stored}`, `branch=${branch}`),
    )
    for (const route of routes) headers.append('Route', `<${route}>`)
    headers.append('From', local)
    headers.append('To', remote)
    headers.append('Call-ID', callId)
    headers.append('CSeq', `${inviteSeq + attempt - this.#stored.attempt} INVITE`)
    return buildRequest({ method: 'INVITE', uri, headers })
  }
}
