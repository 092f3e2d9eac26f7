import { type Call, legOf } from '../../call/call.ts'
import type { LegId } from '../../call/leg.ts'
import type { JsonObject, OutgoingEvent } from '../../dialects/chime/index.ts'
import { serialiseInvocation } from '../../dialects/chime/index.ts'
import type { ChimeApp } from './app.ts'
import { hangupCode } from './hangup.ts'
import { callDetails, slotsOf } from './participants.ts'

/** An event about the call as it now is. @throws if it breaks the published shape: that is a defect here. */
export function composeEvent(
  type: OutgoingEvent['InvocationEventType'],
  call: Call,
  app: ChimeApp,
  more: Readonly<Record<string, unknown>>,
): JsonObject {
  const details = callDetails(call, app)
  const written = serialiseInvocation({
    SchemaVersion: '1.0',
    Sequence: app.sequence,
    InvocationEventType: type,
    ...more,
    CallDetails: type === 'HANGUP' ? { ...details, Participants: details.Participants.map(withStatus) } : details,
  } as unknown as OutgoingEvent)
  if (!written.ok) throw new Error(written.faults.map(({ place, message }) => `${place}: ${message}`).join('; '))
  return written.value
}

/** Handlers index it unguarded at a hangup. */
function withStatus<P extends { Status?: 'Connected' | 'Disconnected' }>(participant: P) {
  return { ...participant, Status: participant.Status ?? ('Connected' as const) }
}

export function hangupData(call: Call, app: ChimeApp, id: LegId): JsonObject {
  const leg = legOf(call, id)
  const ending = leg?.state.name === 'ended' ? leg.state.ending : undefined
  const tag = slotsOf(call, app).find((slot) => slot.leg.id === id)?.tag ?? (id === call.first ? 'LEG-A' : 'LEG-B')
  return {
    Type: 'Hangup',
    Parameters: {
      SipResponseCode: leg === undefined || ending === undefined ? 0 : hangupCode(ending, leg),
      CallId: id,
      ParticipantTag: tag,
    },
  }
}
