import type { Reason } from '../../../call/input.ts'
import type { View } from '../../../call/leg.ts'
import type { Party } from '../../../dialects/matrix/index.ts'
import { endingEvent, head } from './ending.ts'
import { eventHappened, leaverHappened } from './event.ts'
import { lossReason, over, usable } from './parts.ts'
import {
  inviteLifetime,
  negotiateLifetime,
  type Order,
  type Session,
  type SessionInput,
  type Step,
  type Talking,
} from './state.ts'

type Of<T extends SessionInput['type']> = Extract<SessionInput, { type: T }>

/** The only place where a session changes. Total: what makes no sense at its stage changes nothing. */
export function advance(session: Session, input: SessionInput): Step {
  switch (input.type) {
    case 'event':
      return eventHappened(session, input)
    case 'left':
      return leaverHappened(session, input.user)
    case 'described':
      return described(session, input)
    case 'undescribed':
      return undescribed(session, input)
    case 'gathered':
      return gathered(session, input)
    case 'take':
      return take(session)
    case 'tell':
      return tell(session, input)
    case 'invite-sent':
      return session.stage.name === 'inviting' ? step(session, { do: 'report-ringing' }) : step(session)
    case 'refused':
      return refused(session, input)
    case 'fired':
      return fired(session, input)
    case 'path':
      return path(session, input)
    case 'heard-media':
      return heardMedia(session)
    case 'cross':
      return cross(session, input)
    case 'crossed-out':
      return crossedOut(session)
    default:
      return input satisfies never
  }
}

function talkingTo(peer: Party, selected: Talking['selected']): Talking {
  return { name: 'talking', peer, selected, path: 'none', restart: 'unused' }
}

function step(session: Session, ...orders: Order[]): Step {
  return { session, orders }
}

function described(session: Session, { purpose, sdp, now }: Of<'described'>): Step {
  const { stage } = session
  switch (purpose) {
    case 'invite': {
      if (stage.name !== 'preparing') return step(session)
      const content = {
        ...head(session),
        offer: { type: 'offer', sdp },
        lifetime: inviteLifetime,
        invitee: session.other,
      } as const
      return step(
        { ...session, stage: { name: 'inviting', since: now } },
        { do: 'send', kind: 'invite', event: { type: 'm.call.invite', content } },
        { do: 'arm', timer: 'lifetime', after: inviteLifetime },
      )
    }
    case 'answer': {
      if (stage.name !== 'answering') return step(session)
      const peer = stage.inviter
      const selected = session.era === 0 ? 'yes' : 'awaited'
      const content = { ...head(session), answer: { type: 'answer', sdp } } as const
      const [candidates, held] = usable(session, peer)
      return step(
        { ...session, stage: talkingTo(peer, selected), held },
        { do: 'send', kind: 'answer', event: { type: 'm.call.answer', content } },
        { do: 'report-answered' },
        ...(selected === 'yes' ? [{ do: 'report-acknowledged' } as const] : []),
        ...(candidates.length > 0 ? [{ do: 'use-candidates', candidates } as const] : []),
      )
    }
    case 'reply':
    case 'restart': {
      if (stage.name !== 'talking' || (purpose === 'restart' && stage.restart !== 'asked')) return step(session)
      // Version 0 has no negotiate.
      if (session.era === 0) return step(session)
      const description = { type: purpose === 'reply' ? 'answer' : 'offer', sdp }
      const content = { ...head(session), description, lifetime: negotiateLifetime }
      const send = { do: 'send', kind: 'negotiate', event: { type: 'm.call.negotiate', content } } as const
      return purpose === 'reply'
        ? step(session, send)
        : step(session, send, { do: 'arm', timer: 'restart', after: negotiateLifetime })
    }
    default:
      return purpose satisfies never
  }
}

function undescribed(session: Session, { purpose, cause, detail }: Of<'undescribed'>): Step {
  const failed = (reason: Reason): Step => step(session, { do: 'report-ended', reason, heard: 'here' })
  if (session.stage.name === 'ended') return step(session)
  // What their negotiate asked for cannot be had: what was agreed before goes on.
  if (purpose === 'reply') return step(session, { do: 'ignore', why: 'of-no-effect' })
  return failed(purpose === 'restart' ? lossReason(session, detail) : { cause, actor: 'platform', detail })
}

function gathered(session: Session, { candidates }: Of<'gathered'>): Step {
  const { name } = session.stage
  if (name !== 'inviting' && name !== 'talking') return step(session)
  const content = { ...head(session), candidates }
  return step(session, { do: 'send', kind: 'candidates', event: { type: 'm.call.candidates', content } })
}

function take(session: Session): Step {
  const { stage } = session
  if (stage.name !== 'ringing') return step(session)
  return step(
    { ...session, stage: { name: 'answering', inviter: stage.inviter, answer: 'unsaid' } },
    { do: 'disarm', timer: 'lifetime' },
    { do: 'describe', purpose: 'answer', offer: stage.offer },
  )
}

function tell(session: Session, { view }: Of<'tell'>): Step {
  const { name } = session.stage
  if (name === 'ended') return step(session)
  // Nobody has heard of it: there is nobody to tell.
  if (name === 'preparing') return step(over(session))
  return step(over(session), ...clearing, ...endings(session, view))
}

/**
 * A caller that has no answer hears a reject and ignores a hangup; one that has it, the other way round. Where it is not known
 * which of the two it is, both are said: it takes the one, and has ended or gone on when the other comes.
 */
function endings(session: Session, view: View): Order[] {
  const { stage, era } = session
  const ending = (of: Session): Order => ({ do: 'send', kind: 'ending', event: endingEvent(of, view) })
  if (stage.name !== 'answering' || stage.answer === 'unsaid') return [ending(session)]
  const answered: Session = { ...session, stage: talkingTo(stage.inviter, 'awaited') }
  if (era === 0) return [ending(answered)]
  return [{ do: 'send', kind: 'refusal', event: endingEvent(session, view) }, ending(answered)]
}

const clearing: readonly Order[] = [
  { do: 'disarm', timer: 'lifetime' },
  { do: 'disarm', timer: 'restart' },
]

function refused(session: Session, { kind, detail }: Of<'refused'>): Step {
  const { name } = session.stage
  const fatal = (kind === 'invite' && name === 'inviting') || (kind === 'answer' && name === 'talking')
  if (!fatal) return step(session)
  const reason = { cause: 'network-failed', actor: 'network', detail } as const
  // What the homeserver did not take for us, it does not tell for us either.
  return step(over(session), ...clearing, { do: 'report-ended', reason, heard: 'wire' })
}

function fired(session: Session, { timer }: Of<'fired'>): Step {
  const { stage } = session
  if (timer === 'restart') {
    if (stage.name !== 'talking' || stage.restart !== 'asked') return step(session)
    const reason = lossReason(session, 'the far end did not answer our ICE restart')
    return step(session, { do: 'report-ended', reason, heard: 'here' })
  }
  const reason = { cause: 'no-answer', actor: 'timer', detail: 'the lifetime of the invite passed' } as const
  if (stage.name === 'inviting') return step(session, { do: 'report-ended', reason, heard: 'here' })
  // The caller counts the same time: a callee says nothing.
  if (stage.name === 'ringing') return step(over(session), { do: 'report-ended', reason, heard: 'wire' })
  return step(session)
}

function path(session: Session, { state }: Of<'path'>): Step {
  const { stage } = session
  if (stage.name !== 'talking') return step(session)
  switch (state) {
    case 'up': {
      const orders: Order[] = stage.restart === 'unused' ? [] : [{ do: 'disarm', timer: 'restart' }]
      const up = { ...stage, path: 'up', restart: 'unused' } as const
      const confirmed = confirm({ ...session, stage: up })
      return step(confirmed.session, ...orders, ...confirmed.orders)
    }
    case 'down':
      return step(session)
    case 'failed':
      if (stage.path === 'up' && session.era === 1 && stage.restart === 'unused') {
        return step({ ...session, stage: { ...stage, restart: 'asked' } }, { do: 'describe', purpose: 'restart' })
      }
      if (stage.restart === 'asked') return step(session)
      return step(session, { do: 'report-ended', reason: lossReason(session, 'no media path'), heard: 'here' })
    default:
      return state satisfies never
  }
}

function heardMedia(session: Session): Step {
  return confirm({ ...session, media: 'received' })
}

/** Media that flows says as much as a select_answer that names us. */
function confirm(session: Session): Step {
  const { stage } = session
  if (stage.name !== 'talking' || stage.selected === 'yes') return step(session)
  return step({ ...session, stage: { ...stage, selected: 'yes' } }, { do: 'report-acknowledged' })
}

/** Crossing calls: theirs goes on, so we take it. Ours, if it had left, is withdrawn from their other devices. */
function cross(session: Session, { invite, from, self, ours }: Of<'cross'>): Step {
  const { stage } = session
  if (stage.name !== 'preparing' && stage.name !== 'inviting') return step(session)
  const theirs: Session = {
    ...session,
    callId: invite.content.call_id,
    inviter: 'them',
    era: invite.era,
    self,
    stage: { name: 'answering', inviter: from, answer: 'unsaid' },
    held: [],
  }
  const withdrawn = { ...head(session), reason: 'user_hangup' } as const
  return step(
    theirs,
    { do: 'disarm', timer: 'lifetime' },
    ...(stage.name === 'inviting' && ours === 'rings'
      ? [{ do: 'send', kind: 'ending', event: { type: 'm.call.hangup', content: withdrawn } } as const]
      : []),
    { do: 'describe', purpose: 'answer', offer: invite.content.offer.sdp },
  )
}

/** Their client may ring with it all the same: it hears that it is over, if it can have heard of it. */
function crossedOut(session: Session): Step {
  const { stage } = session
  if (stage.name !== 'preparing' && stage.name !== 'inviting') return step(session)
  const reason = { cause: 'superseded', actor: 'network', detail: 'our call and theirs crossed' } as const
  return step(session, { do: 'report-ended', reason, heard: 'here' })
}
