import type { LegId } from '../../call/leg.ts'
import type { DeadMan, EndingType, Held } from './dead-man.ts'
import type { MatrixDesk } from './desk.ts'
import { letterId } from './names.ts'
import { head } from './session/ending.ts'
import type { SendKind, Session } from './session/state.ts'

/** What the homeserver says of a session, should we fall silent (MSC4140): one ending at a time, the one that fits the session's stage. */
export class LastWord {
  readonly #desk: MatrixDesk
  readonly #leg: LegId
  /** Of an earlier life: the ending that the homeserver holds. */
  readonly #inherited: Held | undefined
  readonly #changed: () => void
  #current: DeadMan | undefined
  #count = 0

  /** @param changed what must be known after a crash has changed. */
  constructor(desk: MatrixDesk, leg: LegId, inherited: Held | undefined, changed: () => void) {
    this.#desk = desk
    this.#leg = leg
    this.#inherited = inherited
    this.#changed = changed
  }

  /** Has it held; in a talk it takes the place of the ringing's. */
  arm(session: Session): void {
    if (this.#current !== undefined && session.stage.name !== 'talking') return
    this.#current?.defuse()
    const { room, self, callId, era } = session
    const content = { ...head(session), ...(era === 0 ? {} : { reason: 'unknown_error' }) }
    const txn = letterId(this.#leg, callId, 'dead-man', ++this.#count)
    const hangup = { room, as: self.user, txn, type: typeFor(session), content }
    this.#current = this.#desk.deadMen.set(hangup, this.#changed)
  }

  /** The session has its end. */
  defuse(): void {
    this.#current?.defuse()
  }

  /** What the homeserver holds of this life. */
  get held(): Held | undefined {
    return this.#current?.held()
  }

  /** What an earlier life left is said in place of our own ending, if it says the same; else it is taken back. */
  insteadOf(kind: SendKind, type: string, as: string): { held?: string } {
    if (this.#inherited === undefined || kind !== 'ending') return {}
    if (type === this.#inherited.type) return { held: this.#inherited.id }
    this.#desk.deadMen.cancel(this.#inherited.id, as)
    return {}
  }
}

function typeFor({ inviter, era, stage }: Session): EndingType {
  return inviter === 'them' && era === 1 && stage.name === 'ringing' ? 'm.call.reject' : 'm.call.hangup'
}
