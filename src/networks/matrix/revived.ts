import type { CallId } from '../../call/call.ts'
import type { Leg, View } from '../../call/leg.ts'
import type { LegHandle, LegMedia, Sent } from '../../switchboard/ports.ts'
import { Reporter, type Told } from '../reporter.ts'
import { NoMedia } from '../session-media.ts'
import type { Held } from './dead-man.ts'
import type { MatrixDesk } from './desk.ts'
import { MatrixLegMedia } from './leg-media.ts'
import { LiveSession, type SessionOwner, type SessionWire } from './live-session.ts'
import type { Session, Stage } from './session/state.ts'

/** A leg of an earlier life of this process: all that can be done with it is to tell its far end that it is over. */
export class RevivedLeg implements LegHandle {
  readonly media: LegMedia
  readonly #reporter: Reporter
  readonly #wire: unknown
  readonly #sessions: LiveSession[]
  #outcomes: Told[] = []

  constructor(desk: MatrixDesk, call: CallId, leg: Leg, wire: unknown) {
    this.#reporter = new Reporter(desk, leg.id)
    this.#reporter.call = call
    this.#wire = wire
    const media = new MatrixLegMedia(desk, () => {}, { gathered() {}, path() {}, heard() {} })
    media.close()
    this.media = media
    const owner: SessionOwner = {
      call,
      ringing() {},
      named() {},
      answered() {},
      acknowledged() {},
      ended() {},
      changed: async () => {},
      told: (outcome) => this.#told(outcome),
      offer: () => Promise.reject(new NoMedia()),
    }
    this.#sessions = sessionsOf(wire, leg).map(({ session, deadMan }) => {
      const live = new LiveSession(desk, leg.id, session, media, owner, deadMan)
      void desk.deadMen.cancelUnknown(session.room, session.self.user, session.callId, deadMan?.id)
      desk.exchange.add(live)
      return live
    })
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
  release(): void {}

  wire(): unknown {
    return this.#wire
  }
}

type Revived = Readonly<{ session: Session; deadMan?: Held }>

/** What `wire()` stored; nothing of it is trusted more than that it is JSON. */
function sessionsOf(wire: unknown, leg: Leg): Revived[] {
  if (!Array.isArray(wire)) return []
  return wire.filter(isWire).map((each): Revived => {
    const { room, callId, self, other, inviter, era, deadMan } = each
    const session: Session = {
      room,
      callId,
      self: { user: self.user, party: self.party },
      other,
      inviter,
      era,
      stage: stageOf(each, leg),
      held: [],
      media: 'never',
    }
    return deadMan === undefined ? { session } : { session, deadMan }
  })
}

/** As far as the far end may think that it has come: what was about to be sent may have been. */
function stageOf({ stage, inviter, peer, other, answer }: SessionWire, { direction, times }: Leg): Stage {
  const far = peer ?? { user: other, party: null }
  const answered = times.answered !== undefined || stage === 'talking'
  if (answered && (inviter === 'us' || answer === 'said' || stage === 'ended')) {
    return { name: 'talking', peer: far, selected: 'yes', path: 'none', restart: 'unused' }
  }
  if (stage === 'ended') return { name: 'ended' }
  if (inviter === 'us') return { name: 'inviting', since: 0 }
  if (answered) return { name: 'answering', inviter: far, answer: 'perhaps' }
  if (stage !== 'answering') return { name: 'ringing', offer: '', inviter: far }
  // The slate would have told of the answer of a leg that called us; of others it is not asked.
  return { name: 'answering', inviter: far, answer: direction === 'in' ? 'unsaid' : 'perhaps' }
}

function isWire(value: unknown): value is SessionWire {
  const { room, callId, self, other, inviter } = (value ?? {}) as Partial<SessionWire>
  const texts = [room, callId, self?.user, other]
  return texts.every((each) => typeof each === 'string' && each !== '') && (inviter === 'us' || inviter === 'them')
}
