import type { Cause } from '../../../call/causes.ts'
import type { Actor, Instant } from '../../../call/ending.ts'
import {
  type CallEvent,
  type CallEventOf,
  decideHangup,
  decideOwnAnswer,
  decideReject,
  decideSelectAnswer,
  negotiateIsValid,
  type Party,
  type Sight,
  sameParty,
  type Verdict,
} from '../../../dialects/matrix/index.ts'
import { head } from './ending.ts'
import { hold, over, rawOf, usable } from './parts.ts'
import type { Ignored, Order, Session, SessionInput, Step } from './state.ts'

type Happened = Extract<SessionInput, { type: 'event' }>

/** An event of this call, from whoever is in the room. */
export function eventHappened(session: Session, input: Happened): Step {
  const { event, from } = input
  if (session.stage.name === 'ended') return ignored(session, 'already-ended')
  if (sameParty(from, session.self)) return echo(session, event)
  switch (event.type) {
    case 'm.call.invite':
      return ignored(session, 'duplicate')
    case 'm.call.candidates':
      return candidates(session, event, from)
    case 'm.call.answer':
      return answer(session, event, input)
    case 'm.call.select_answer':
      return selectAnswer(session, event, input)
    case 'm.call.reject':
      return carryOut(
        session,
        event,
        from,
        decideReject(sightOf(session, event, input.now), from, event.content.reason),
      )
    case 'm.call.hangup':
      return carryOut(
        session,
        event,
        from,
        decideHangup(sightOf(session, event, input.now), from, event.content.reason),
      )
    case 'm.call.reject_locally':
      return ignored(session, fromFarEnd(session, from) ? 'device-out' : 'third-user')
    case 'm.call.negotiate':
      return negotiate(session, event, input)
    case 'm.call.replaces':
      return replaces(session, event, from)
    case 'm.call.sdp_stream_metadata_changed':
    case 'm.call.asserted_identity':
      return ignored(session, 'of-no-effect')
    default:
      return event satisfies never
  }
}

/**
 * What we said ourselves, except for the end of a call that lives: the homeserver held it for us (MSC4140), and has not
 * heard from us in time. For everybody else the call is over.
 */
function echo(session: Session, event: CallEvent): Step {
  const { name } = session.stage
  const held =
    name === 'inviting' || name === 'talking'
      ? 'm.call.hangup'
      : name === 'ringing' || name === 'answering'
        ? 'm.call.reject'
        : undefined
  if (event.type !== held) return ignored(session, 'echo')
  const what = event.type === 'm.call.hangup' ? 'hangup' : 'reject'
  return ended(
    session,
    event,
    'network-failed',
    'network',
    `the homeserver had not heard from us, and said our ${what}`,
  )
}

function ignored(session: Session, why: Ignored): Step {
  return { session, orders: [{ do: 'ignore', why }] }
}

/** What the rules of the dialect see of this session. */
export function sightOf({ stage, self, other }: Session, event: CallEvent, now: Instant): Sight {
  switch (stage.name) {
    case 'preparing':
    case 'ended':
      return { name: 'ended' }
    case 'inviting':
      return { name: 'inviting', self, invitee: other, era: event.era, waited: now - stage.since }
    case 'ringing':
    case 'answering':
      return { name: 'ringing', self, inviter: stage.inviter, era: stage.inviter.party === null ? 0 : 1 }
    case 'talking':
      return { name: 'chosen', self, peer: stage.peer }
    default:
      return stage satisfies never
  }
}

function fromFarEnd({ other, stage }: Session, from: Party): boolean {
  if (stage.name === 'talking') return sameParty(from, stage.peer)
  if (stage.name === 'ringing' || stage.name === 'answering') return sameParty(from, stage.inviter)
  return from.user === other
}

function stranger({ other, self }: Session, from: Party): Ignored {
  if (from.user === self.user) return 'own-other-party'
  return from.user === other ? 'other-party' : 'third-user'
}

function candidates(session: Session, event: CallEventOf<'m.call.candidates'>, from: Party): Step {
  if (!fromFarEnd(session, from)) return ignored(session, stranger(session, from))
  const list = event.content.candidates
  if (session.stage.name !== 'talking') return { session: hold(session, from, list), orders: [] }
  return { session, orders: [{ do: 'use-candidates', candidates: list }] }
}

function answer(session: Session, event: CallEventOf<'m.call.answer'>, { from, now }: Happened): Step {
  const { stage } = session
  if (stage.name !== 'inviting') {
    if (session.inviter === 'us') return ignored(session, stage.name === 'talking' ? 'too-late' : 'unknown-call')
    return carryOut(session, event, from, decideOwnAnswer(sightOf(session, event, now), from))
  }
  if (from.user !== session.other) return ignored(session, stranger(session, from))
  const [mine, held] = usable(session, from)
  const answered: Session = {
    ...session,
    era: event.era,
    held,
    stage: { name: 'talking', peer: from, selected: 'yes', path: 'none', restart: 'unused' },
  }
  return {
    session: answered,
    orders: [
      { do: 'disarm', timer: 'lifetime' },
      { do: 'accept', sdp: event.content.answer.sdp },
      ...(mine.length > 0 ? [{ do: 'use-candidates', candidates: mine } as const] : []),
      ...select(answered, event, from),
      { do: 'report-answered' },
    ],
  }
}

/** The party that we go on with, or whose refusal stands: its other devices stop ringing. Version 0 knows no parties. */
function select(session: Session, event: CallEvent, { party }: Party): Order[] {
  if (event.era === 0 || party === null) return []
  const content = { ...head({ ...session, era: 1 }), selected_party_id: party }
  return [{ do: 'send', kind: 'select', event: { type: 'm.call.select_answer', content } }]
}

function selectAnswer(session: Session, event: CallEventOf<'m.call.select_answer'>, { from, now }: Happened): Step {
  const { stage, self } = session
  if (session.inviter === 'us') return ignored(session, stranger(session, from))
  const ours = event.content.selected_party_id === self.party
  if (ours && stage.name === 'talking' && sameParty(from, stage.peer)) {
    if (stage.selected === 'yes') return ignored(session, 'of-no-effect')
    return { session: { ...session, stage: { ...stage, selected: 'yes' } }, orders: [{ do: 'report-acknowledged' }] }
  }
  const verdict = decideSelectAnswer(sightOf(session, event, now), from, event.content.selected_party_id)
  return carryOut(session, event, from, verdict)
}

function negotiate(session: Session, event: CallEventOf<'m.call.negotiate'>, { from, now, age }: Happened): Step {
  const { stage, era, inviter } = session
  const { description, lifetime } = event.content
  if (stage.name !== 'talking' || !sameParty(from, stage.peer)) return ignored(session, stranger(session, from))
  if (!negotiateIsValid(sightOf(session, event, now), from, age, lifetime)) return ignored(session, 'stale')
  if (era === 0) return ignored(session, 'of-no-effect')
  const asked = stage.restart === 'asked'
  if (description.type === 'answer') {
    if (!asked) return ignored(session, 'of-no-effect')
    return {
      session: { ...session, stage: { ...stage, restart: 'used' } },
      orders: [
        { do: 'disarm', timer: 'restart' },
        { do: 'accept', sdp: description.sdp },
      ],
    }
  }
  // Two offers crossed: the callee is the polite one, and gives way.
  if (asked && inviter === 'us') return ignored(session, 'glare')
  return { session, orders: [{ do: 'describe', purpose: 'reply', offer: description.sdp }] }
}

/** The peer moves the call away (MSC2747), and says no more: we cannot follow, so it ends here. */
function replaces(session: Session, event: CallEvent, from: Party): Step {
  const { stage } = session
  if (stage.name !== 'talking' || !sameParty(from, stage.peer)) return ignored(session, stranger(session, from))
  return ended(session, event, 'transferred', 'party')
}

function ended(session: Session, event: CallEvent, cause: Cause, actor: Actor | 'party', detail?: string): Step {
  const raw = rawOf(event)
  const reason = { cause, actor, ...(detail === undefined ? {} : { detail }), ...(raw === undefined ? {} : { raw }) }
  return {
    session: over(session),
    orders: [
      { do: 'disarm', timer: 'lifetime' },
      { do: 'disarm', timer: 'restart' },
      { do: 'report-ended', reason, heard: 'wire' },
    ],
  }
}

function carryOut(session: Session, event: CallEvent, from: Party, verdict: Verdict): Step {
  switch (verdict.do) {
    case 'ignore':
      return ignored(session, verdict.why)
    case 'tombstone':
      return ignored(session, 'unknown-call')
    case 'party-out':
      return ignored(session, 'device-out')
    case 'superseded':
      return ended(session, event, 'superseded', 'party')
    case 'end': {
      const actor = whoOf(session, from, verdict)
      const step = ended(session, event, causeOf(session, verdict.cause), actor)
      const acknowledged =
        event.type === 'm.call.reject' && session.inviter === 'us' ? select(session, event, from) : []
      return { session: step.session, orders: [...acknowledged, ...step.orders] }
    }
    default:
      return verdict satisfies never
  }
}

/** Some clients have one word for both, and say `ice_failed` of a sound that we have heard: it came, and was lost. */
function causeOf({ media }: Session, cause: Cause): Cause {
  return cause === 'media-failed' && media === 'received' ? 'media-lost' : cause
}

/** What the far end did is the party's act, whichever side of the call it is; a failure may be nobody's. */
function whoOf({ other }: Session, from: Party, { cause, actor }: Extract<Verdict, { do: 'end' }>): Actor | 'party' {
  if (from.user !== other) return actor
  if (actor === 'caller' || actor === 'callee') return 'party'
  return actor === 'unknown' && cause !== 'error' && cause !== 'unknown' ? 'party' : actor
}

/** A person, or our ghost, is no longer in the room: nothing that is said there reaches them. */
export function leaverHappened(session: Session, user: string): Step {
  const { stage } = session
  if (stage.name === 'ended') return ignored(session, 'already-ended')
  const gone = (cause: Cause, actor: Actor | 'party', detail: string): Step => ({
    session: over(session),
    orders: [
      { do: 'disarm', timer: 'lifetime' },
      { do: 'disarm', timer: 'restart' },
      { do: 'report-ended', reason: { cause, actor, detail }, heard: 'wire' },
    ],
  })
  if (user === session.self.user) return gone('peer-gone', 'network', 'our ghost was put out of the room')
  if (user !== session.other) return ignored(session, 'third-user')
  // Asked and gone, and nobody else is asked: that is a no.
  if (stage.name === 'preparing' || stage.name === 'inviting') return gone('declined', 'party', 'left the room')
  return gone('peer-gone', 'party', 'left the room')
}
