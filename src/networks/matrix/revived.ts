import type { CallId } from '../../call/call.ts'
import type { Leg } from '../../call/leg.ts'
import type { LegHandle } from '../../switchboard/ports.ts'
import { RevivedLeg } from '../revived-leg.ts'
import { NoMedia } from '../session-media.ts'
import type { Held } from './dead-man.ts'
import type { MatrixDesk } from './desk.ts'
import { nameFor } from './last-word.ts'
import { MatrixLegMedia } from './leg-media.ts'
import { LiveSession, type SessionOwner, type SessionWire } from './live-session.ts'
import type { Session, Stage } from './session/state.ts'

export function revivedLeg(desk: MatrixDesk, call: CallId, leg: Leg, wire: unknown): LegHandle {
  const media = new MatrixLegMedia(desk, () => {}, { gathered() {}, path() {}, heard() {} })
  media.close()
  return new RevivedLeg(desk, {
    call,
    leg: leg.id,
    wire,
    media,
    sessions: (told) => {
      return sessionsOf(wire, leg).map(({ session, deadMan }) => {
        const { room, self, callId } = session
        const takeBack = () => void desk.deadMen.cancelUnknown(room, self.user, callId, deadMan?.id)
        const owner: SessionOwner = {
          call,
          ringing() {},
          named() {},
          answered() {},
          acknowledged() {},
          ended() {},
          changed: async () => {},
          told(outcome) {
            // What may be held is our ending, until that is said.
            if (deadMan === undefined) takeBack()
            told(outcome)
          },
          offer: () => Promise.reject(new NoMedia()),
        }
        if (deadMan !== undefined) takeBack()
        const live = new LiveSession(desk, leg.id, session, media, owner, deadMan ?? nameFor(leg.id, session))
        desk.exchange.add(live)
        return { tell: (view) => live.tell(view), release() {} }
      })
    },
  })
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
