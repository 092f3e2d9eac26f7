import type { CallId } from '../call/call.ts'
import type { LegId, View } from '../call/leg.ts'
import type { LegHandle, LegMedia, Sent } from '../switchboard/ports.ts'
import { type Desk, Reporter, type Told } from './reporter.ts'

/** What is left on the wire of one device or party of the leg. It reports once what became of what it was told. */
export type RevivedSession = Readonly<{ tell(view: View): Sent; release(): void }>

export type RevivedLegOptions = Readonly<{
  call: CallId
  leg: LegId
  /** As it was stored. */
  wire: unknown
  /** Silent. */
  media: LegMedia
  sessions(told: (outcome: Told) => void): readonly RevivedSession[]
}>

/** A leg of an earlier life of this process: all that can be done with it is to tell its far end that it is over. */
export class RevivedLeg implements LegHandle {
  readonly media: LegMedia
  readonly #reporter: Reporter
  readonly #wire: unknown
  readonly #sessions: readonly RevivedSession[]
  #outcomes: Told[] = []

  constructor(desk: Desk, { call, leg, wire, media, sessions }: RevivedLegOptions) {
    this.#reporter = new Reporter(desk, leg)
    this.#reporter.call = call
    this.#wire = wire
    this.media = media
    this.#sessions = sessions((outcome) => this.#told(outcome))
  }

  tell(view: View): Sent {
    if (this.#sessions.length === 0) this.#reporter.told('local-only')
    let first: Sent | undefined
    for (const session of this.#sessions) {
      const sent = session.tell(view)
      if (sent.message !== null) first ??= sent
    }
    return first ?? { message: null }
  }

  /** The leg is told once each of its sessions is. */
  #told(outcome: Told): void {
    this.#outcomes.push(outcome)
    if (this.#outcomes.length < this.#sessions.length) return
    const worst = (['unconfirmed', 'delivered'] as const).find((each) => this.#outcomes.includes(each))
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
