/** A session as it is stored with its leg, and as the next life of this process finds it. */
import type { Leg } from '../../call/leg.ts'
import type { Held } from './held-events.ts'
import type { Session, Stage } from './session/state.ts'

export type SessionWire = Pick<Session, 'room' | 'callId' | 'self' | 'other' | 'inviter' | 'era'> &
  Readonly<{ stage: Stage['name']; peer?: Session['self']; answer?: 'said'; deadMan?: Held }>

/** @param answer whether the homeserver has our answer. */
export function wireOf(session: Session, answer: 'said' | 'unsaid', deadMan: Held | undefined): SessionWire {
  const { room, callId, self, other, inviter, era, stage } = session
  const peer =
    stage.name === 'talking'
      ? stage.peer
      : stage.name === 'ringing' || stage.name === 'answering'
        ? stage.inviter
        : undefined
  return {
    room,
    callId,
    self: { user: self.user, party: self.party },
    other,
    inviter,
    era,
    stage: stage.name,
    ...(peer === undefined ? {} : { peer }),
    ...(stage.name === 'talking' && (answer === 'said' || stage.selected === 'yes') ? { answer: 'said' } : {}),
    ...(deadMan === undefined ? {} : { deadMan }),
  }
}

type Restored = Readonly<{ session: Session; held: Held | undefined }>

/** What was stored of a leg's sessions; nothing of it is trusted more than that it is JSON. */
export function sessionsOf(wire: unknown, leg: Leg): Restored[] {
  if (!Array.isArray(wire)) return []
  return wire.filter(isWire).map((each): Restored => {
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
    return { session, held: deadMan }
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
