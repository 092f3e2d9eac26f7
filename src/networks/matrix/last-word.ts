import type { LegId } from '../../call/leg.ts'
import type { DeadMan } from './dead-man.ts'
import type { MatrixDesk } from './desk.ts'
import type { EndingType, Held } from './held-events.ts'
import { letterId } from './names.ts'
import type { Letter } from './outbox/room-queue.ts'
import { head } from './session/ending.ts'
import type { Session } from './session/state.ts'

/** Of an earlier life: what the homeserver holds, as far as that knew; it may have died before it knew. */
export type Inherited = Held | 'unknown'

type Word = Readonly<{ call: string; type: EndingType; deadMan: DeadMan }>

/** What the homeserver says of a session, should we fall silent (MSC4140): the ending that fits the session's stage. */
export class LastWord {
  readonly #desk: MatrixDesk
  readonly #leg: LegId
  readonly #found: Session
  readonly #inherited: Inherited | undefined
  readonly #changed: () => Promise<void>
  #current: Word | undefined
  /** Says the same as the current one, and is taken back once that is on disk: should we die before, the next life finds one of them. */
  #former: Word | undefined

  /**
   * @param found the session as it begins in this life.
   * @param changed what must be known after a crash has changed. Resolves once it is stored, or cannot be.
   */
  constructor(
    desk: MatrixDesk,
    leg: LegId,
    found: Session,
    inherited: Inherited | undefined,
    changed: () => Promise<void>,
  ) {
    this.#desk = desk
    this.#leg = leg
    this.#found = found
    this.#inherited = inherited
    this.#changed = changed
  }

  /** Has it held; in a talk it takes the place of the ringing's. */
  arm(session: Session): void {
    if (this.#current !== undefined && session.stage.name !== 'talking') return
    const { room, self, callId: call, era } = session
    const type = typeFor(session)
    const content = { ...head(session), ...(era === 0 ? {} : { reason: 'unknown_error' }) }
    const saying = { room, as: self.user, txn: this.#nameOf(call, type, session), type, content }
    this.#dropFormer()
    this.#former = this.#current
    const same = this.#former?.call === call && this.#former.type === type
    if (!same) this.#dropFormer()
    const former = this.#former
    const deadMan = this.#desk.deadMen.set(saying, async () => {
      await this.#changed()
      if (this.#former === former) this.#dropFormer()
    })
    this.#current = { call, type, deadMan }
  }

  #dropFormer(): void {
    this.#former?.deadMan.defuse()
    this.#former = undefined
  }

  /** The session has its end. */
  defuse(): void {
    this.#dropFormer()
    this.#current?.deadMan.defuse()
  }

  /** What the homeserver holds of this life. */
  get held(): Held | undefined {
    for (const word of [this.#current, this.#former]) {
      const id = word?.deadMan.id()
      if (word !== undefined && id !== undefined) return { id, call: word.call, type: word.type }
    }
    return undefined
  }

  /**
   * What an earlier life left is said in place of our ending, if it says the same. Else it is taken back, and the homeserver is asked for
   * what that life may have left without knowing.
   */
  insteadOf({ kind, call, type, as }: Pick<Letter, 'kind' | 'call' | 'type' | 'as'>): Pick<Letter, 'held' | 'heldAs'> {
    const inherited = this.#inherited
    if (inherited === undefined || kind !== 'ending') return {}
    if (inherited !== 'unknown') {
      if (inherited.call === call && inherited.type === type) return { held: inherited.id }
      this.#desk.deadMen.cancel(inherited.id, as)
    }
    return { heldAs: this.#nameOf(call, type, this.#found) }
  }

  /** The ringing's and the talk's have a name each, by which the next life finds them. */
  #nameOf(call: string, type: string, { inviter, era, stage }: Session): string {
    const onlyOfTalks = type === 'm.call.hangup' && inviter === 'them' && era === 1
    const of = onlyOfTalks || stage.name === 'talking' ? 'talk' : 'ringing'
    return letterId(this.#leg, call, 'dead-man', of)
  }
}

function typeFor({ inviter, era, stage }: Session): EndingType {
  return inviter === 'them' && era === 1 && stage.name === 'ringing' ? 'm.call.reject' : 'm.call.hangup'
}
