import type { CallId } from '../../call/call.ts'
import type { Reason } from '../../call/input.ts'
import type { LegId, View } from '../../call/leg.ts'
import { type OutgoingEvent, type Party, serialiseCallEvent } from '../../dialects/matrix/index.ts'
import type { Disarm, Sent } from '../../switchboard/ports.ts'
import type { Told } from '../reporter.ts'
import type { MatrixDesk } from './desk.ts'
import { type Inherited, LastWord } from './last-word.ts'
import { failureOf, type MatrixLegMedia } from './leg-media.ts'
import { letterId } from './names.ts'
import type { Outcome } from './outbox/outbox.ts'
import { advance } from './session/advance.ts'
import { refusalOf } from './session/ending.ts'
import type { Order, Purpose, SendKind, Session, SessionInput, TimerName } from './session/state.ts'
import { type SessionWire, wireOf } from './stored-session.ts'

/** Whoever the session belongs to: a leg, or one of the people that an outgoing leg rings. */
export interface SessionOwner {
  readonly call: CallId
  ringing(): void
  /** Crossing calls: it has another name now. */
  named(): void
  answered(): void
  acknowledged(): void
  ended(reason: Reason, heard: 'wire' | 'here'): void
  /** What must be known after a crash has changed. Resolves once it is stored, or cannot be. */
  changed(): Promise<void>
  /** What became of telling the far end that it is over. */
  told(outcome: Told): void
  /** Our offer: made once, for everybody who is asked. */
  offer(): Promise<string>
}

const notSent: Sent = { message: null }

/** A session in this process: carries its orders out, one input at a time. */
export class LiveSession {
  session: Session
  /** Whose invite it is. */
  caller: Party
  readonly #desk: MatrixDesk
  readonly #leg: LegId
  readonly #owner: SessionOwner
  readonly #media: MatrixLegMedia
  readonly #timers = new Map<TimerName, Disarm>()
  #sequence = 0
  #inputs: SessionInput[] = []
  #state: 'idle' | 'working' = 'idle'
  readonly #lastWord: LastWord
  #sent: Sent = notSent
  /** Whether the homeserver has our answer. */
  #answer: 'unsaid' | 'said' = 'unsaid'

  constructor(
    desk: MatrixDesk,
    leg: LegId,
    session: Session,
    media: MatrixLegMedia,
    owner: SessionOwner,
    inherited?: Inherited,
  ) {
    this.#desk = desk
    this.#lastWord = new LastWord(desk, leg, session, inherited, () => owner.changed())
    this.#leg = leg
    this.session = session
    this.caller = callerOf(session)
    this.#media = media
    this.#owner = owner
  }

  get call(): CallId {
    return this.#owner.call
  }

  get now(): number {
    return this.#desk.clock.now()
  }

  /** They call us, and it rings here: for so many milliseconds, if nothing else happens. */
  ringFor(milliseconds: number): void {
    this.#lastWord.arm(this.session)
    this.#armTimer('lifetime', milliseconds)
  }

  take(input: SessionInput): void {
    this.#inputs.push(input)
    if (this.#state === 'working') return
    this.#state = 'working'
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#advance(next)
    } finally {
      this.#state = 'idle'
    }
  }

  #advance(input: SessionInput): void {
    const before = this.session
    const { session, orders } = advance(before, input)
    this.session = session
    if (session.callId !== before.callId) {
      this.caller = callerOf(session)
      this.#desk.exchange.renamed(this, before)
      this.#owner.named()
    }
    const over = session.stage.name === 'ended' && before.stage.name !== 'ended'
    const taken = session.stage.name === 'talking' && before.stage.name === 'inviting'
    const rival = over || taken ? this.#desk.exchange.crossings.outlived(this) : undefined
    if (over) this.#closed()
    for (const order of orders) this.#carryOut(order)
    // Behind our ending: should we die between the two, there is one.
    if (over) this.#lastWord.defuse()
    if (rival !== undefined) this.#send('ending', refusalOf(rival))
    // Where it is they who ended it, what still waits to be said (the homeserver may limit us) is of no use.
    const ours = orders.some((order) => order.do === 'send' && order.kind === 'ending')
    if (over && !ours) this.#desk.outbox.over(session.room, session.callId)
  }

  #closed(): void {
    for (const disarm of this.#timers.values()) disarm()
    this.#timers.clear()
    this.#desk.exchange.over(this)
  }

  /** Begins to ring somebody: our offer is made, and its invite follows. */
  invite(): void {
    void this.#describe('invite')
  }

  /** The heart says that it is over. */
  tell(view: View): Sent {
    this.#sent = notSent
    this.take({ type: 'tell', view })
    if (this.#sent.message === null) this.#owner.told('local-only')
    return this.#sent
  }

  // -------------------------------------------------------------- orders

  #carryOut(order: Order): void {
    switch (order.do) {
      case 'send':
        return this.#send(order.kind, order.event)
      case 'report-ringing':
        return this.#owner.ringing()
      case 'report-answered':
        this.#media.watch()
        this.#lastWord.arm(this.session)
        return this.#owner.answered()
      case 'report-acknowledged':
        return this.#owner.acknowledged()
      case 'report-ended':
        return this.#owner.ended(this.#linked(order.reason), order.heard)
      case 'describe':
        void this.#describe(order.purpose, order.offer)
        return
      case 'accept':
        this.#media.accept(order.sdp).catch((fault) => this.#unaccepted(fault))
        return
      case 'use-candidates':
        return this.#media.use(order.candidates)
      case 'arm':
        return this.#armTimer(order.timer, order.after)
      case 'disarm':
        this.#timers.get(order.timer)?.()
        this.#timers.delete(order.timer)
        return
      case 'ignore':
        return this.#desk.ignored(order.why)
      default:
        order satisfies never
    }
  }

  /** A call that was superseded names the one that goes on. */
  #linked(reason: Reason): Reason {
    if (reason.cause !== 'superseded') return reason
    const { crossings } = this.#desk.exchange
    const survivor = crossings.survivorOf(this)
    if (survivor !== undefined) return { ...reason, survivor }
    crossings.awaitSurvivorOf(this)
    return reason
  }

  #armTimer(timer: TimerName, after: number): void {
    const { clock } = this.#desk
    this.#timers.get(timer)?.()
    const fire = () => {
      this.#timers.delete(timer)
      this.take({ type: 'fired', timer, now: clock.now() })
    }
    this.#timers.set(timer, clock.alarm(clock.now() + after, fire))
  }

  /** What lets the far end believe in a call leaves when all that ends it again is on disk. */
  async #describe(purpose: Purpose, offer?: string): Promise<void> {
    const beginning = purpose === 'invite' || purpose === 'answer'
    const stored = beginning ? this.#owner.changed() : Promise.resolve()
    try {
      const made =
        purpose === 'invite'
          ? this.#owner.offer()
          : this.#media.describe(purpose === 'restart' ? 'restart' : 'answer', offer)
      const [sdp] = await Promise.all([made, stored])
      this.take({ type: 'described', purpose, sdp, now: this.#desk.clock.now() })
    } catch (fault) {
      const failure = failureOf(fault)
      if (failure !== undefined) this.take({ type: 'undescribed', purpose, ...failure })
    }
  }

  /** Their answer is none that we can speak by. */
  #unaccepted(fault: unknown): void {
    const failure = failureOf(fault)
    if (failure === undefined || this.session.stage.name === 'ended') return
    this.#owner.ended({ ...failure, actor: 'platform' }, 'here')
  }

  #send(kind: SendKind, event: OutgoingEvent): void {
    const written = serialiseCallEvent(event)
    if (!written.ok) {
      const places = written.faults.map(({ code, place }) => `${code} at ${place}`).join(', ')
      this.#desk.onFault(new Error(`an event of ours cannot be said: ${places}`), event.type)
      return
    }
    const { type, content } = written.value
    const call = event.content.call_id
    // There is one ending of each call: its id needs no number, and is the same in the next life of this process.
    const number = kind === 'ending' ? 0 : ++this.#sequence
    const id = letterId(this.#leg, call, kind, number)
    const { room, self } = this.session
    const born = this.#desk.clock.now()
    const said = { id, room, as: self.user, call, kind, type, content, born }
    const letter = { ...said, ...this.#lastWord.insteadOf(said) }
    if (kind === 'answer') this.#desk.switchboard.answering(this.#leg)
    this.#desk.outbox.put(letter, (outcome, detail) => this.#settled(kind, call, outcome, detail))
    if (kind === 'invite' || kind === 'answer') this.#media.tellCandidates()
    if (kind === 'invite') this.#lastWord.arm(this.session)
    if (kind !== 'ending' || call !== this.session.callId) return
    const reason = 'reason' in content && typeof content.reason === 'string' ? { reason: content.reason } : {}
    this.#sent = { message: type, ...reason }
  }

  #settled(kind: SendKind, call: string, outcome: Outcome, detail: string): void {
    if (kind === 'ending') {
      if (call === this.session.callId) this.#owner.told(toldBy[outcome])
      return
    }
    if (call !== this.session.callId) return
    if (kind === 'invite' && outcome === 'sent') return this.take({ type: 'invite-sent' })
    if (kind === 'answer' && outcome === 'sent') {
      this.#answer = 'said'
      void this.#owner.changed()
    }
    if (outcome !== 'refused' && outcome !== 'expired') return
    // A room that will not hear us is no room for this pair.
    const { self, other } = this.session
    if (kind === 'invite' && outcome === 'refused') this.#desk.rooms.forget(self.user, other)
    this.take({ type: 'refused', kind, detail: `the homeserver did not take our ${kind}: ${detail}` })
  }

  /** All that is needed to end it after a crash. */
  wire(): SessionWire {
    return wireOf(this.session, this.#answer, this.#lastWord.held)
  }
}

function callerOf({ inviter, self, other, stage }: Session): Party {
  if (inviter === 'us') return self
  return stage.name === 'ringing' || stage.name === 'answering'
    ? stage.inviter
    : stage.name === 'talking'
      ? stage.peer
      : { user: other, party: null }
}

/** The homeserver has it: that is as much as a Matrix client ever learns. */
const toldBy: Readonly<Record<Outcome, Told>> = {
  sent: 'delivered',
  'never-left': 'local-only',
  over: 'local-only',
  refused: 'unconfirmed',
  expired: 'unconfirmed',
}
