import type { Dialog } from '../dialog/dialog.ts'
import { restoreDialog } from '../dialog/snapshot.ts'
import { callId, from } from '../message/accessors.ts'
import type { SipRequest } from '../message/message.ts'
import type { ServerTransaction } from '../transaction/server.ts'
import type { Flow } from '../transport/flow.ts'
import { type EndOrder, type Farewell, nothingSent, type Sent, type Told } from './facts.ts'
import type { DialogOwner, SessionHost } from './host.ts'
import { farewell, reply } from './reply.ts'
import { type Ending, RevivedAnswer, type Survivor } from './revived-answer.ts'
import { RevivedIncoming } from './revived-incoming.ts'
import { RevivedOutgoing } from './revived-outgoing.ts'
import { RevivedUncertain } from './revived-uncertain.ts'
import type { SessionSnapshot } from './snapshot.ts'

export interface ReviveListener {
  told(outcome: Told): void
  /** The peer's own BYE or CANCEL came before ours, or crossed it. It was answered. */
  peerEnded?(farewell: Farewell): void
}

/**
 * What is left of a session after a crash. Until `end` it only keeps the peer from believing that the call lives: every request in its
 * dialog is answered 481, a retransmitted INVITE starts no second call.
 *
 *     it was                         end sends
 *     incoming, not answered         the final response, in the INVITE's own transaction; once more, if it was refused
 *     incoming, maybe answered       the final response; BYE if nobody acknowledges it within T1
 *     incoming, answered, no ACK     BYE; the final response as well, when that is answered or T1 has passed
 *     answered                       BYE
 *     outgoing, not answered         CANCEL; ACK and BYE to a 2xx that still comes
 */
export class RevivedSession implements DialogOwner, Survivor {
  readonly #host: SessionHost
  readonly #dialog: Dialog
  readonly #listener: ReviveListener
  readonly #ending: Ending
  #sent: Sent | undefined
  #state: 'live' | 'told' | 'ended-by-peer' = 'live'

  constructor(host: SessionHost, snapshot: SessionSnapshot, listener: ReviveListener) {
    this.#host = host
    this.#listener = listener
    const { flow } = snapshot.dialog
    const way = flow === null ? undefined : host.flowTo({ transport: flow.transport, address: flow.remote }, flow.local)
    this.#dialog = restoreDialog(snapshot.dialog, way)
    this.#ending = endingOf(host, snapshot, this.#dialog, way, this)
    host.adopt(this.#dialog.localTag, this)
  }

  /** Idempotent: a second end returns what the first one put on the wire. Nothing if the peer ended it meanwhile. */
  end(order: EndOrder): Sent {
    this.#sent ??= this.#state === 'live' ? this.#ending.end(order) : nothingSent
    return this.#sent
  }

  /** Forgets it: nobody will end it any more. */
  release(): void {
    this.#ending.release()
    this.#host.release(this.#dialog.localTag)
  }

  receive(transaction: ServerTransaction, request: SipRequest): void {
    const { callId: id, remoteTag } = this.#dialog
    const ours = callId(request) === id && (remoteTag === '' || (from(request)?.tag ?? '') === remoteTag)
    if (!ours || request.method !== 'BYE') return reply(this.#host, transaction, request, 481)
    reply(this.#host, transaction, request, 200)
    this.#dialog.move('bye')
    if (this.#sent !== undefined) this.#ending.peerLeft?.()
    this.peerEnded(farewell(request))
  }

  acknowledged(): void {
    this.#ending.acknowledged?.()
  }

  peerEnded(bye: Farewell): void {
    if (this.#sent === undefined && this.#state === 'live') {
      this.#state = 'ended-by-peer'
      this.release()
    }
    this.#listener.peerEnded?.(bye)
  }

  settle(outcome: Told): void {
    if (this.#state !== 'live') return
    this.#state = 'told'
    this.#host.release(this.#dialog.localTag)
    this.#listener.told(outcome)
  }
}

function endingOf(
  host: SessionHost,
  snapshot: SessionSnapshot,
  dialog: Dialog,
  flow: Flow | undefined,
  survivor: Survivor,
): Ending {
  if (snapshot.kind === 'outgoing') {
    return snapshot.invite === null
      ? new RevivedAnswer(host, dialog, survivor)
      : new RevivedOutgoing(host, dialog, snapshot.invite, survivor)
  }
  // A dialog that was refused is in the morgue: there it has an INVITE only as long as nobody acknowledged that.
  if (dialog.state === 'preparative' || dialog.state === 'early' || dialog.state === 'morgue') {
    return snapshot.answer === 'perhaps'
      ? new RevivedUncertain(host, dialog, snapshot, flow, survivor, 'refusal')
      : new RevivedIncoming(host, snapshot, flow, survivor)
  }
  return snapshot.invite === null
    ? new RevivedAnswer(host, dialog, survivor)
    : new RevivedUncertain(host, dialog, snapshot, flow, survivor, 'bye')
}
