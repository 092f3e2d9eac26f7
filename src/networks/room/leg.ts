import type { CallId } from '../../call/call.ts'
import type { LegId } from '../../call/leg.ts'
import type { SessionVerbs } from '../../media/index.ts'
import type { LegHandle, Sent } from '../../switchboard/ports.ts'
import { type Desk, Reporter } from '../reporter.ts'
import { SessionMedia } from '../session-media.ts'

const nothing: Sent = { message: null }

/** The sound of a seat: there is nothing to agree on, so it is there as soon as it is asked for. */
class SeatMedia extends SessionMedia<SessionVerbs> {
  async sit(): Promise<void> {
    await this.open()
  }
}

/** A seat in a room. */
export class RoomLeg implements LegHandle {
  readonly media: SeatMedia
  readonly #reporter: Reporter
  #state: 'waiting' | 'offered' | 'over' = 'waiting'

  constructor(desk: Desk, call: CallId, leg: LegId, seat: () => Promise<SessionVerbs>) {
    this.#reporter = new Reporter(desk, leg)
    this.#reporter.call = call
    this.media = new SeatMedia(seat, (loss) => this.#reporter.mediaLost(loss))
  }

  /** The call is durable: take the seat. */
  offer(): void {
    if (this.#state !== 'waiting') return
    this.#state = 'offered'
    const { leg } = this.#reporter
    this.#reporter.report({ type: 'offered', at: this.#reporter.now, leg })
    this.media.sit().then(
      () => this.#report('answered'),
      () => this.#report('failed'),
    )
  }

  #report(what: 'answered' | 'failed'): void {
    // The call may have ended in the meantime, and with it the wish for a seat.
    if (this.#state !== 'offered') return
    const { leg, now: at } = this.#reporter
    if (what === 'answered') return this.#reporter.report({ type: 'answered', at, leg })
    const reason = { cause: 'capture-failed', actor: 'platform', detail: 'the media engine gives no seat' } as const
    this.#reporter.report({ type: 'end', at, leg, reason })
  }

  ring(): void {}

  async early(): Promise<void> {}

  async answer(): Promise<void> {}

  /** Nobody is out there to be told. */
  tell(): Sent {
    this.#state = 'over'
    this.#reporter.told('local-only')
    return nothing
  }

  tellBranch(): Sent {
    return nothing
  }

  stopMedia(): void {
    this.#state = 'over'
    this.media.close()
  }

  wire(): unknown {
    return {}
  }

  release(): void {
    this.media.close()
  }
}
