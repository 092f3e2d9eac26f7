import type { View } from '../../../call/leg.ts'
import { codec, type HangupReason, hangupReasons, type OutgoingEvent } from '../../../dialects/matrix/index.ts'
import type { Session, SessionInput } from './state.ts'

/** The fields that every event of ours carries: version 0 has no parties. */
export function head({ callId, era, self }: Pick<Session, 'callId' | 'era' | 'self'>) {
  return era === 0
    ? ({ call_id: callId, version: 0 } as const)
    : ({ call_id: callId, version: '1', party_id: self.party ?? '' } as const)
}

/** A call of theirs that gave way to ours: a plain no, for a client that still makes it. */
export function refusalOf({ invite, self }: Extract<SessionInput, { type: 'cross' }>): OutgoingEvent {
  const content = head({ callId: invite.content.call_id, era: invite.era, self })
  return content.version === 0 ? { type: 'm.call.hangup', content } : { type: 'm.call.reject', content }
}

const isPublished = (reason: string | undefined): reason is HangupReason =>
  (hangupReasons as readonly (string | undefined)[]).includes(reason)

/**
 * How the far end is told that it is over. A callee that has not answered refuses by reject, with the reason that the
 * large clients read from it: they ignore a hangup from somebody they have not chosen. Whatever has no word of the
 * specification becomes the nearest that has one.
 */
export function endingEvent(
  session: Session,
  view: View,
): Extract<OutgoingEvent, { type: 'm.call.hangup' | 'm.call.reject' }> {
  const { era, stage, inviter } = session
  const answered = stage.name === 'talking'
  const direction = inviter === 'them' ? 'in' : 'out'
  const refusing = !answered && direction === 'in' && era === 1
  const written = codec.write(view.ending, {
    vocabulary: era === 0 ? 'v0' : refusing ? 'clients' : 'spec',
    direction,
    phase: answered ? 'answered' : 'ringing',
  })
  const said = 'reason' in written.content ? written.content.reason : undefined
  const common = head(session)
  if (refusing) {
    // A plain refusal needs no reason; what is no word of the specification stays unsaid.
    const reason = isPublished(said) && said !== 'user_hangup' ? { reason: said } : {}
    return { type: 'm.call.reject', content: { ...common, ...reason } }
  }
  if (era === 0)
    return { type: 'm.call.hangup', content: { ...common, ...(said === undefined ? {} : { reason: said }) } }
  return { type: 'm.call.hangup', content: { ...common, reason: isPublished(said) ? said : 'user_hangup' } }
}
