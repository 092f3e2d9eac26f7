import type { Dialog } from '../dialog/dialog.ts'
import type { ClientTransaction, ClientUser } from '../transaction/client.ts'
import type { Flow } from '../transport/flow.ts'
import type { Target } from '../transport/resolve.ts'
import type { SessionHost } from './host.ts'
import { composeInvite, type InviteSpec } from './invite.ts'
import type { SecondTry } from './second-try.ts'
import type { SessionTimer } from './session-timer.ts'
import { attemptBranch, type OutgoingSnapshot, snapshotOutgoing } from './snapshot.ts'

/** The attempts at one INVITE, each a transaction of its own: another address, credentials, a longer session timer. */
export class Attempts {
  readonly #host: SessionHost
  readonly #spec: InviteSpec
  readonly #branch: string
  #targets: Target[] = []
  #count = 0
  #flow: Flow | undefined
  #via: string | undefined
  /** The transaction of the latest. */
  invite: ClientTransaction | undefined

  constructor(host: SessionHost, spec: InviteSpec) {
    this.#host = host
    this.#spec = spec
    this.#branch = host.layer.ids.branch()
  }

  /** Where to go, in this order (RFC 3263 §4.3). */
  found(targets: readonly Target[]): void {
    this.#targets = [...targets]
  }

  /** Is there another address to try? */
  get more(): boolean {
    return this.#targets.length > 0
  }

  /** The way to the next address that can be reached. */
  nextWay(): Flow | undefined {
    for (let target = this.#targets.shift(); target !== undefined; target = this.#targets.shift()) {
      const flow = this.#host.flowTo(target)
      if (flow !== undefined) return flow
    }
    return undefined
  }

  /** Sends the INVITE this way. True if it is not the first: what a restarted process must know has changed. */
  send(
    flow: Flow,
    dialog: Dialog,
    sdp: string | undefined,
    timer: SessionTimer,
    taught: SecondTry,
    user: ClientUser,
  ): boolean {
    const host = this.#host
    this.#count += 1
    this.#flow = flow
    dialog.flow = flow
    const again = this.#count > 1
    if (again) dialog.inviteSeq = dialog.nextSeq()
    const branch = attemptBranch(this.#branch, this.#count)
    this.#via = host.via(flow, branch)
    const request = composeInvite(host, dialog, this.#spec, flow, this.#via, sdp, [
      ...timer.ask(taught.minimumInterval),
      ...(taught.authorization === undefined ? [] : [taught.authorization]),
    ])
    this.invite = host.layer.start(request, branch, flow, user)
    return again
  }

  snapshot(dialog: Dialog): OutgoingSnapshot {
    const { target, routes } = this.#spec
    return snapshotOutgoing(dialog, {
      uri: target,
      routes: routes ?? [],
      branch: this.#branch,
      attempt: Math.max(1, this.#count),
      via: this.#via,
      flow: this.#flow,
    })
  }
}
