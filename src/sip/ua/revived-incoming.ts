import type { Flow } from '../transport/flow.ts'
import { type EndOrder, type Farewell, nothingSent, type Sent, type Told } from './facts.ts'
import type { SessionHost } from './host.ts'
import { RestoredInvite, type RestoredUser } from './restored-invite.ts'
import type { Ending, Survivor } from './revived-answer.ts'
import type { IncomingSnapshot } from './snapshot.ts'

/** An incoming call that was not answered when the process died: it still can be refused. */
export class RevivedIncoming implements Ending, RestoredUser {
  readonly #survivor: Survivor
  #invite: RestoredInvite | undefined

  constructor(host: SessionHost, snapshot: IncomingSnapshot, flow: Flow | undefined, survivor: Survivor) {
    this.#survivor = survivor
    this.#invite = RestoredInvite.from(host, snapshot.invite, snapshot.dialog.localTag, flow, this)
  }

  end(order: EndOrder): Sent {
    if (this.#invite?.refuse(order.refuse) === true) return { message: String(order.refuse.status), queued: false }
    this.#survivor.settle('local-only')
    return nothingSent
  }

  release(): void {
    this.#invite?.forget()
  }

  /** Its 487 is repeated until it is acknowledged, whoever releases this session. */
  cancelled(cancel: Farewell): void {
    this.#invite = undefined
    this.#survivor.peerEnded(cancel)
  }

  refusalSettled(outcome: Told): void {
    // What is left absorbs repetitions, and goes by itself.
    this.#invite = undefined
    this.#survivor.settle(outcome)
  }
}
