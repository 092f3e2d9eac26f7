import type { CallId } from '../../call/call.ts'
import type { Leg } from '../../call/leg.ts'
import type { LegHandle } from '../../switchboard/ports.ts'
import { RevivedLeg } from '../revived-leg.ts'
import { NoMedia } from '../session-media.ts'
import type { MatrixDesk } from './desk.ts'
import { MatrixLegMedia } from './leg-media.ts'
import { LiveSession, type SessionOwner } from './live-session.ts'
import { sessionsOf } from './stored-session.ts'

export function revivedLeg(desk: MatrixDesk, call: CallId, leg: Leg, wire: unknown): LegHandle {
  const media = new MatrixLegMedia(desk, () => {}, { gathered() {}, path() {}, heard() {} })
  media.close()
  return new RevivedLeg(desk, {
    call,
    leg: leg.id,
    wire,
    media,
    sessions: (told) => {
      return sessionsOf(wire, leg).map(({ session, held }) => {
        const { room, self, callId } = session
        const owner: SessionOwner = {
          call,
          ringing() {},
          named() {},
          answered() {},
          acknowledged() {},
          ended() {},
          changed: async () => {},
          told(outcome) {
            // Not before: what is held may be what we ask to be said.
            void desk.deadMen.cancelAll(room, self.user, callId)
            told(outcome)
          },
          offer: () => Promise.reject(new NoMedia()),
        }
        const live = new LiveSession(desk, leg.id, session, media, owner, held ?? 'unknown')
        desk.exchange.add(live)
        return { tell: (view) => live.tell(view), release() {} }
      })
    },
  })
}
