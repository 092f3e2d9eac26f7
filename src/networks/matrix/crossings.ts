import type { CallId } from '../../call/call.ts'
import type { Instant } from '../../call/ending.ts'
import { type CallEvent, type CallEventOf, type Party, sameParty, survivingCall } from '../../dialects/matrix/index.ts'
import type { LiveSession } from './live-session.ts'
import { freshId } from './names.ts'
import type { Session, SessionInput } from './session/state.ts'

/** Milliseconds for which a call of theirs is awaited that they gave up one of ours for: their client may still be making it. */
const awaited = 60_000

export type Cross = Extract<SessionInput, { type: 'cross' }>

/** A call of ours to a person, for which there is no room yet that they are in. */
export interface Seeker {
  readonly ghost: string
  readonly user: string
  /** They call first: their call is it, and the search is over. */
  crossed(room: string, cross: Cross): void
}

export type CrossingsOptions = Readonly<{
  sessionsIn(room: string): readonly LiveSession[]
  /** Whether the invite of a call of ours has not left yet. */
  unheard(room: string, callId: string): boolean
}>

/** Calls that a person and one of our ghosts make to each other at the same time: which of them goes on (glare). */
export class Crossings {
  readonly #options: CrossingsOptions
  readonly #seekers = new Set<Seeker>()
  /** Calls of theirs that crossed one of ours, and have the greater name. */
  readonly #rivals = new Map<LiveSession, Cross>()
  /** Calls that they gave up for one that has not come yet, by who called whom where. */
  readonly #unlinked = new Map<string, { call: CallId; until: Instant }>()

  constructor(options: CrossingsOptions) {
    this.#options = options
  }

  seek(seeker: Seeker): void {
    this.#seekers.add(seeker)
  }

  /** It has a room, or is given up. */
  sought(seeker: Seeker): void {
    this.#seekers.delete(seeker)
  }

  over(live: LiveSession): void {
    this.#rivals.delete(live)
  }

  /**
   * An invite of somebody whom we are calling, in the same room, where nobody has answered. Each call of ours makes a pair with theirs,
   * and of each pair one goes on: the lesser name, for both sides alike. One that they cannot have heard of gives way to theirs if
   * theirs goes on. Theirs does if it is the lesser of every pair: then one call of ours becomes the answer to it.
   */
  invited(invite: CallEventOf<'m.call.invite'>, room: string, from: Party, ghost: string): 'none' | 'ours' | 'theirs' {
    const cross: Cross = { type: 'cross', invite, from, self: { user: ghost, party: freshId() }, ours: 'rings' }
    const ours = this.#options.sessionsIn(room).filter(({ session: { self, other, inviter, stage } }) => {
      const waits = stage.name === 'preparing' || stage.name === 'inviting'
      return waits && self.user === ghost && other === from.user && inviter === 'us'
    })
    const heard = ours.filter(({ session }) => {
      return session.stage.name === 'inviting' && !this.#options.unheard(room, session.callId)
    })
    const greater = (each: LiveSession) => survivingCall(each.session.callId, invite.content.call_id) === 'theirs'
    const losers = heard.filter(greater)
    if (losers.length < heard.length) {
      for (const live of heard) if (!losers.includes(live)) this.#rivals.set(live, cross)
      for (const live of losers) live.take({ type: 'crossed-out' })
      return 'ours'
    }
    const [taker] = [...losers, ...ours]
    if (taker !== undefined) {
      taker.take(cross)
      for (const live of ours) if (live !== taker) live.take({ type: 'crossed-out' })
      return 'theirs'
    }
    for (const seeker of this.#seekers) {
      if (seeker.ghost !== ghost || seeker.user !== from.user) continue
      this.#seekers.delete(seeker)
      seeker.crossed(room, cross)
      return 'theirs'
    }
    return 'none'
  }

  /** They gave up ours for theirs, whatever the names say: theirs it is, if it has not ended. It is answered once. */
  rivalOf(live: LiveSession, event: CallEvent, from: Party): Cross | undefined {
    const rival = this.#rivals.get(live)
    const replaced = event.type === 'm.call.hangup' && event.content.reason === 'replaced'
    if (rival === undefined || !replaced || !sameParty(from, rival.from)) return undefined
    for (const [each, { invite }] of this.#rivals) if (invite === rival.invite) this.#rivals.delete(each)
    return live.session.stage.name === 'inviting' ? { ...rival, ours: 'given-up' } : undefined
  }

  /**
   * A call of ours was answered, or is over: theirs that gave way to it, and that a client which does not look for crossing calls
   * still makes. It is to be refused once, and not while another of ours stands before it.
   */
  outlived(live: LiveSession): Cross | undefined {
    const rival = this.#rivals.get(live)
    if (rival === undefined) return undefined
    this.#rivals.delete(live)
    const others = [...this.#rivals].filter(([, { invite }]) => invite === rival.invite)
    if (others.length > 0 && live.session.stage.name !== 'talking') return undefined
    for (const [other] of others) this.#rivals.delete(other)
    return rival
  }

  /** A call that crossed ours has ended: there is nothing to go over to. */
  rivalEnded(room: string, callId: string, from: Party): void {
    for (const [live, { invite, from: caller }] of this.#rivals) {
      if (live.session.room !== room || invite.content.call_id !== callId) continue
      if (sameParty(caller, from)) this.#rivals.delete(live)
    }
  }

  /**
   * The call of the same two, in the same room, that goes on if this one is superseded: theirs, or one that is up; else one of ours that
   * theirs gave way to. Another call of ours that rings there has superseded nothing.
   */
  survivorOf({ session }: LiveSession): CallId | undefined {
    const { room, self, other, callId } = session
    const others = this.#options.sessionsIn(room).filter(({ session: each }) => {
      return each.callId !== callId && each.self.user === self.user && each.other === other
    })
    const up = others.find(({ session: { inviter, stage } }) => {
      return stage.name === 'talking' || (inviter === 'them' && stage.name !== 'ended')
    })
    return (up ?? others.find((each) => this.#rivals.has(each)))?.call
  }

  /** A call was superseded, and what by is not known: the next that they make may be it. */
  awaitSurvivorOf({ session, call, now }: LiveSession): void {
    for (const [pair, { until }] of this.#unlinked) if (until <= now) this.#unlinked.delete(pair)
    this.#unlinked.set(pairOf(session), { call, until: now + awaited })
  }

  /** The call that this one of theirs supersedes, if it was given up before this one came. Asked once: another has not superseded it. */
  supersededBy(session: Session, now: Instant): CallId | undefined {
    const found = this.#unlinked.get(pairOf(session))
    this.#unlinked.delete(pairOf(session))
    return found === undefined || found.until <= now ? undefined : found.call
  }

  /** The call of this person to this ghost that rings in the room. */
  ringingFrom(room: string, ghost: string, user: string): CallId | undefined {
    return this.#options
      .sessionsIn(room)
      .find(
        ({ session: { inviter, self, other, stage } }) =>
          inviter === 'them' &&
          self.user === ghost &&
          other === user &&
          (stage.name === 'ringing' || stage.name === 'answering'),
      )?.call
  }
}

function pairOf({ room, self, other }: Session): string {
  return `${room}\n${self.user}\n${other}`
}
