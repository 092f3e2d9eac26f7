import type { CallId } from '../../call/call.ts'
import type { Ending } from '../../call/ending.ts'
import type { Reason } from '../../call/input.ts'
import type { BranchId, LegId, View } from '../../call/leg.ts'
import type { LegHandle, Sent, Target } from '../../switchboard/ports.ts'
import { Reporter, type Told } from '../reporter.ts'
import type { Cross, Seeker } from './crossings.ts'
import type { MatrixDesk } from './desk.ts'
import { MatrixLegMedia } from './leg-media.ts'
import { LiveSession, type SessionOwner } from './live-session.ts'
import { freshId } from './names.ts'
import type { Session } from './session/state.ts'
import type { SessionWire } from './stored-session.ts'

const notHere: Sent = { message: null }

/** A leg that we dial: an invite to each of the people that it names. The first to answer is the leg. */
export class OutgoingLeg implements LegHandle {
  readonly desk: MatrixDesk
  readonly media: MatrixLegMedia
  readonly reporter: Reporter
  readonly ghost: string
  readonly name: string
  readonly people: Person[]
  #winner: Person | undefined
  #state: 'waiting' | 'offered' | 'over' = 'waiting'
  #offer: Promise<string> | undefined

  constructor(desk: MatrixDesk, leg: LegId, target: Target) {
    this.desk = desk
    this.reporter = new Reporter(desk, leg)
    this.ghost = desk.names.of(target.from)
    this.name = target.fromName ?? target.from
    this.media = new MatrixLegMedia(desk, (loss) => this.reporter.mediaLost(loss), {
      gathered: (candidates) => this.#each((live) => live.take({ type: 'gathered', candidates })),
      path: (state) => this.#each((live) => live.take({ type: 'path', state })),
      heard: () => this.#each((live) => live.take({ type: 'heard-media' })),
    })
    this.people = [target.to, ...(target.forks ?? [])].map((user) => new Person(this, user))
  }

  #each(what: (live: LiveSession) => void): void {
    for (const { live } of this.people) if (live !== undefined) what(live)
  }

  /** The call is durable: ring everybody. */
  offer(): void {
    if (this.#state !== 'waiting') return
    this.#state = 'offered'
    const { now, leg } = this.reporter
    for (const { user } of this.people) {
      this.reporter.report({ type: 'branch-offered', at: now, leg, branch: user, address: user })
    }
    for (const person of this.people) void person.invite()
  }

  /** Made once: whoever answers first answers this. */
  description(): Promise<string> {
    this.#offer ??= this.media.describe('offer')
    return this.#offer
  }

  answered(person: Person): void {
    if (this.#winner !== undefined || this.#state === 'over') return
    this.#winner = person
    this.reporter.report({ type: 'answered', at: this.reporter.now, leg: this.reporter.leg, branch: person.user })
  }

  /** A person is out, or the leg is, if that person is all of it. */
  ended(person: Person, reason: Reason, heard: 'wire' | 'here'): void {
    const { now, leg } = this.reporter
    const alone = this.people.length === 1
    if (this.#winner === person || (alone && heard === 'here')) {
      const end = { type: 'end', at: now, leg, reason } as const
      return this.reporter.report(heard === 'wire' ? { ...end, heard } : end)
    }
    if (heard === 'here') person.tell(viewOf(reason, now))
    this.reporter.report({ type: 'branch-ended', at: now, leg, branch: person.user, reason, speaksFor: 'branch' })
  }

  // -------------------------------------------------------------- what the heart asks

  ring(): void {}

  async early(): Promise<void> {}

  async answer(): Promise<void> {}

  tell(view: View): Sent {
    this.#state = 'over'
    if (this.#winner !== undefined) return this.#winner.tell(view)
    let first: Sent | undefined
    for (const person of this.people) {
      const sent = person.tell(view)
      if (sent.message !== null) first ??= sent
    }
    this.settleTelling()
    return first ?? notHere
  }

  tellBranch(branch: BranchId, view: View): Sent {
    return this.people.find(({ user }) => user === branch)?.tell(view) ?? notHere
  }

  /** The leg is told once everybody is: as well as the worst of them. */
  settleTelling(): void {
    if (this.#state !== 'over') return
    const outcomes: Told[] = []
    for (const { telling } of this.#winner === undefined ? this.people : [this.#winner]) {
      if (telling === 'awaited') return
      if (telling !== 'unneeded') outcomes.push(telling)
    }
    const worst = (['unconfirmed', 'delivered'] as const).find((each) => outcomes.includes(each))
    this.reporter.told(worst ?? 'local-only')
  }

  stopMedia(): void {
    this.media.close()
  }

  wire(): unknown {
    const people =
      this.#winner === undefined
        ? this.people
        : this.people.filter((each) => each === this.#winner || each.telling === 'awaited')
    return people.flatMap((person): SessionWire[] => {
      const wire = person.live?.wire()
      return wire === undefined ? [] : [wire]
    })
  }

  release(): void {
    this.media.close()
    for (const person of this.people) person.release()
  }
}

/** One of those that are rung. */
class Person implements SessionOwner, Seeker {
  readonly user: string
  live: LiveSession | undefined
  telling: 'unneeded' | 'awaited' | Told = 'unneeded'
  readonly #leg: OutgoingLeg
  readonly #search = new AbortController()

  constructor(leg: OutgoingLeg, user: string) {
    this.#leg = leg
    this.user = user
  }

  get call(): CallId {
    return this.#leg.reporter.call
  }

  get ghost(): string {
    return this.#leg.ghost
  }

  async invite(): Promise<void> {
    const { desk, ghost, name } = this.#leg
    desk.exchange.crossings.seek(this)
    const found = await desk.rooms.direct(ghost, this.user, name, this.#search.signal)
    if (this.#search.signal.aborted) return
    desk.exchange.crossings.sought(this)
    if (!found.ok) {
      this.#leg.ended(this, { cause: 'unavailable', actor: 'network', detail: found.detail }, 'wire')
      return
    }
    const survivor = desk.exchange.crossings.ringingFrom(found.room, ghost, this.user)
    if (survivor !== undefined) {
      // Their client would drop one of the two calls; ours is not begun.
      const detail = 'they call us, and their call rings here'
      this.#leg.ended(this, { cause: 'superseded', actor: 'network', detail, survivor }, 'wire')
      return
    }
    const live = this.#prepare(found.room)
    this.named()
    live.invite()
  }

  /** Nobody has heard of our call: there is none, and this leg answers theirs. */
  crossed(room: string, cross: Cross): void {
    this.#search.abort()
    this.#prepare(room).take(cross)
  }

  #prepare(room: string): LiveSession {
    const { desk, ghost } = this.#leg
    const session: Session = {
      room,
      callId: freshId(),
      self: { user: ghost, party: freshId() },
      other: this.user,
      inviter: 'us',
      era: 1,
      stage: { name: 'preparing' },
      held: [],
      media: 'never',
    }
    const live = new LiveSession(desk, this.#leg.reporter.leg, session, this.#leg.media, this)
    this.live = live
    desk.exchange.add(live)
    return live
  }

  /** What people search for: the room, and the call's name in it. */
  named(): void {
    if (this.live === undefined) return
    const { session } = this.live
    const { now, leg } = this.#leg.reporter
    const { crossings } = this.#leg.desk.exchange
    const supersedes = session.inviter === 'them' ? crossings.supersededBy(session, now) : undefined
    const ids = { 'room-id': session.room, 'call-id': session.callId }
    const all = supersedes === undefined ? ids : { ...ids, supersedes }
    this.#leg.reporter.report({ type: 'identified', at: now, leg, ids: all })
  }

  tell(view: View): Sent {
    this.release()
    if (this.live === undefined || this.live.session.stage.name === 'ended') return notHere
    this.telling = 'awaited'
    return this.live.tell(view)
  }

  release(): void {
    this.#search.abort()
    this.#leg.desk.exchange.crossings.sought(this)
  }

  ringing(): void {
    const { now, leg } = this.#leg.reporter
    this.#leg.reporter.report({ type: 'ringing', at: now, leg, branch: this.user })
  }

  answered(): void {
    this.#leg.answered(this)
  }

  acknowledged(): void {}

  ended(reason: Reason, heard: 'wire' | 'here'): void {
    this.#leg.ended(this, reason, heard)
  }

  changed(): Promise<void> {
    return this.#leg.reporter.changed()
  }

  told(outcome: Told): void {
    if (this.telling !== 'awaited') return
    this.telling = outcome
    this.#leg.settleTelling()
  }

  offer(): Promise<string> {
    return this.#leg.description()
  }
}

function viewOf(reason: Reason, at: number): View {
  const { cause, actor, detail } = reason
  const ending: Ending = {
    cause,
    actor: actor === 'party' ? 'callee' : actor,
    phase: 'ringing',
    at,
    ...(detail === undefined ? {} : { detail }),
  }
  return { ending, relation: 'own' }
}
