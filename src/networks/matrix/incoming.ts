import type { CallId } from '../../call/call.ts'
import type { Reason } from '../../call/input.ts'
import type { LegId, View } from '../../call/leg.ts'
import type { LegHandle, Sent } from '../../switchboard/ports.ts'
import { Reporter, type Told } from '../reporter.ts'
import { NoMedia } from '../session-media.ts'
import type { MatrixDesk } from './desk.ts'
import { MatrixLegMedia } from './leg-media.ts'
import { LiveSession, type SessionOwner } from './live-session.ts'
import type { Session } from './session/state.ts'

/** A leg that called us: a person invited one of our ghosts. */
export class IncomingLeg implements LegHandle, SessionOwner {
  readonly media: MatrixLegMedia
  readonly reporter: Reporter
  readonly live: LiveSession
  readonly #answered = Promise.withResolvers<void>()

  constructor(desk: MatrixDesk, leg: LegId, session: Session) {
    this.reporter = new Reporter(desk, leg)
    this.media = new MatrixLegMedia(desk, (loss) => this.reporter.mediaLost(loss), {
      gathered: (candidates) => this.live.take({ type: 'gathered', candidates }),
      path: (state) => this.live.take({ type: 'path', state }),
      heard: () => this.live.take({ type: 'heard-media' }),
    })
    this.live = new LiveSession(desk, leg, session, this.media, this)
    // Whoever waits for the answer hears of it; nobody has to.
    this.#answered.promise.catch(() => {})
  }

  // -------------------------------------------------------------- what the heart asks

  /** Matrix has no word for it: the caller's client rings from the moment that it has sent its invite. */
  ring(): void {}

  /** Nor for sound before the answer: what plays is not heard, and neither is what the other side of a bridge says. */
  early(): Promise<void> {
    return this.media.prepare()
  }

  answer(): Promise<void> {
    if (this.live.session.stage.name === 'ringing') this.live.take({ type: 'take' })
    if (this.live.session.stage.name === 'ended') return Promise.reject(new NoMedia())
    return this.#answered.promise
  }

  tell(view: View): Sent {
    this.#answered.reject(new NoMedia())
    return this.live.tell(view)
  }

  /** An incoming leg has one device: the caller's. */
  tellBranch(): Sent {
    return { message: null }
  }

  stopMedia(): void {
    this.media.close()
  }

  wire(): unknown {
    return [this.live.wire()]
  }

  release(): void {
    this.media.close()
  }

  // -------------------------------------------------------------- what the session says

  get call(): CallId {
    return this.reporter.call
  }

  ringing(): void {}

  named(): void {}

  answered(): void {
    this.reporter.report({ type: 'answered', at: this.reporter.now, leg: this.reporter.leg })
    this.#answered.resolve()
  }

  acknowledged(): void {
    this.reporter.report({ type: 'acknowledged', at: this.reporter.now, leg: this.reporter.leg })
  }

  ended(reason: Reason, heard: 'wire' | 'here'): void {
    this.#answered.reject(new NoMedia())
    const end = { type: 'end', at: this.reporter.now, leg: this.reporter.leg, reason } as const
    this.reporter.report(heard === 'wire' ? { ...end, heard } : end)
  }

  changed(): Promise<void> {
    return this.reporter.changed()
  }

  told(outcome: Told): void {
    this.reporter.told(outcome)
  }

  /** A leg that called us makes no offer. */
  offer(): Promise<string> {
    return Promise.reject(new NoMedia())
  }
}
