import type { CallId } from '../../call/call.ts'
import type { Leg, View } from '../../call/leg.ts'
import {
  type RevivedSession,
  type ReviveListener,
  type SessionSnapshot,
  sinceAnswered,
  type Told,
} from '../../sip/index.ts'
import type { LegHandle, LegMedia, Sent } from '../../switchboard/ports.ts'
import { Reporter } from '../reporter.ts'
import type { SipDesk } from './desk.ts'
import { SipLegMedia } from './leg-media.ts'
import { orderFor } from './words.ts'

type Revive = (snapshot: SessionSnapshot, listener: ReviveListener) => RevivedSession

/** A leg of an earlier life of this process: all that can be done with it is to tell its far end that it is over. */
export class RevivedLeg implements LegHandle {
  readonly media: LegMedia
  readonly #reporter: Reporter
  readonly #sessions: RevivedSession[]
  readonly #wire: unknown
  #outcomes: Told[] = []

  constructor(desk: SipDesk, call: CallId, leg: Leg, wire: unknown, revive: Revive) {
    this.#reporter = new Reporter(desk, leg.id)
    this.#reporter.call = call
    this.media = new SipLegMedia(desk, () => {})
    this.#wire = wire
    this.#sessions = snapshotsOf(wire).map((snapshot) =>
      // The leg may have been answered since its wire was stored.
      revive(leg.state.name === 'answered' ? sinceAnswered(snapshot) : snapshot, {
        told: (outcome) => this.#told(outcome),
      }),
    )
  }

  tell(view: View): Sent {
    const order = orderFor(view)
    let first: Sent | undefined
    for (const session of this.#sessions) {
      const { message, reason } = session.end(order)
      if (message !== null) first ??= { message, ...(reason === undefined ? {} : { reason }) }
    }
    if (this.#sessions.length === 0) this.#reporter.told('local-only')
    return first ?? { message: null }
  }

  /** The leg is told once each of its devices is. */
  #told(outcome: Told): void {
    this.#outcomes.push(outcome)
    if (this.#outcomes.length < this.#sessions.length) return
    const worst = (['unconfirmed', 'delivered', 'local-only'] as const).find((each) => this.#outcomes.includes(each))
    this.#reporter.told(worst ?? 'local-only')
  }

  tellBranch(): Sent {
    return { message: null }
  }

  ring(): void {}
  async early(): Promise<void> {}
  async answer(): Promise<void> {}
  stopMedia(): void {}

  wire(): unknown {
    return this.#wire
  }

  release(): void {
    for (const session of this.#sessions) session.release()
  }
}

/** What `wire()` of an incoming or an outgoing leg stored; nothing of it is trusted more than that it is JSON. */
function snapshotsOf(wire: unknown): SessionSnapshot[] {
  const forks = Array.isArray(wire) ? wire.map((fork: { session?: unknown }) => fork?.session) : [wire]
  return forks.filter((one): one is SessionSnapshot => typeof one === 'object' && one !== null && 'dialog' in one)
}
