import type { LegId } from '../../call/leg.ts'
import type { DeadMan, EndingType, Held, MaybeHeld } from './dead-man.ts'
import type { MatrixDesk } from './desk.ts'
import { letterId } from './names.ts'
import type { Letter } from './outbox/room-queue.ts'
import { head } from './session/ending.ts'
import type { SendKind, Session } from './session/state.ts'

/** What the homeserver says of a session, should we fall silent (MSC4140): one ending at a time, the one that fits the session's stage. */
export class LastWord {
  readonly #desk: MatrixDesk
  readonly #leg: LegId
  /** Of an earlier life: the ending that the homeserver holds, or may hold. */
  readonly #inherited: Held | MaybeHeld | undefined
  readonly #changed: () => void
  #current: DeadMan | undefined

  /** @param changed what must be known after a crash has changed. */
  constructor(desk: MatrixDesk, leg: LegId, inherited: Held | MaybeHeld | undefined, changed: () => void) {
    this.#desk = desk
    this.#leg = leg
    this.#inherited = inherited
    this.#changed = changed
  }

  /** Has it held; in a talk it takes the place of the ringing's. */
  arm(session: Session): void {
    if (this.#current !== undefined && session.stage.name !== 'talking') return
    this.#current?.defuse()
    const { room, self, era } = session
    const content = { ...head(session), ...(era === 0 ? {} : { reason: 'unknown_error' }) }
    const hangup = { room, as: self.user, content, ...nameFor(this.#leg, session) }
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
  insteadOf(kind: SendKind, type: string, as: string): Pick<Letter, 'held' | 'heldAs'> {
    const inherited = this.#inherited
    if (inherited === undefined || kind !== 'ending') return {}
    const same = type === inherited.type
    if ('txn' in inherited) return same ? { heldAs: inherited.txn } : {}
    if (same) return { held: inherited.id }
    this.#desk.deadMen.cancel(inherited.id, as)
    return {}
  }
}

/** What a session's ending is called while it is held: one for the ringing, one for the talk. The next life finds it by that. */
export function nameFor(leg: LegId, { callId, inviter, era, stage }: Session): MaybeHeld {
  const talking = stage.name === 'talking'
  const type: EndingType = inviter === 'them' && era === 1 && !talking ? 'm.call.reject' : 'm.call.hangup'
  return { txn: letterId(leg, callId, 'dead-man', talking ? 2 : 1), type }
}
