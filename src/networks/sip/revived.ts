import type { CallId } from '../../call/call.ts'
import type { Leg, View } from '../../call/leg.ts'
import { type RevivedSession, type ReviveListener, type SessionSnapshot, sinceAnswered } from '../../sip/index.ts'
import type { LegHandle } from '../../switchboard/ports.ts'
import { RevivedLeg } from '../revived-leg.ts'
import type { SipDesk } from './desk.ts'
import { SipLegMedia } from './leg-media.ts'
import { orderFor } from './words.ts'

type Revive = (snapshot: SessionSnapshot, listener: ReviveListener) => RevivedSession

export function revivedLeg(desk: SipDesk, call: CallId, leg: Leg, wire: unknown, revive: Revive): LegHandle {
  return new RevivedLeg(desk, {
    call,
    leg: leg.id,
    wire,
    media: new SipLegMedia(desk, () => {}),
    sessions: (told) =>
      snapshotsOf(wire).map(({ branch, snapshot }) => {
        // A device that lost before keeps its own reason: that the call went elsewhere.
        const lost = leg.branches.find(({ id }) => id === branch)?.state
        const ownView = (view: View): View =>
          lost?.name === 'ended' ? { ending: lost.ending, relation: 'lost' } : view
        // The leg may have been answered since its wire was stored.
        const session = revive(leg.state.name === 'answered' ? sinceAnswered(snapshot, leg.state.ack) : snapshot, {
          told,
        })
        return {
          tell(view) {
            const { message, reason } = session.end(orderFor(ownView(view)))
            return { message, ...(reason === undefined ? {} : { reason }) }
          },
          release: () => session.release(),
        }
      }),
  })
}

/** What `wire()` of an incoming or an outgoing leg stored; nothing of it is trusted more than that it is JSON. */
function snapshotsOf(wire: unknown): { branch?: unknown; snapshot: SessionSnapshot }[] {
  const forks: { branch?: unknown; session?: unknown }[] = Array.isArray(wire) ? wire : [{ session: wire }]
  return forks.flatMap((fork) => (isSnapshot(fork?.session) ? [{ branch: fork.branch, snapshot: fork.session }] : []))
}

function isSnapshot(value: unknown): value is SessionSnapshot {
  return typeof value === 'object' && value !== null && 'dialog' in value
}
