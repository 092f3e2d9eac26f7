import type { CallId } from '../../call/call.ts'
import { type CallEvent, type CallEventOf, type Party, sameParty, survivingCall } from '../../dialects/matrix/index.ts'
import type { LiveSession } from './live-session.ts'
import { freshId } from './names.ts'
import type { SessionInput } from './session/state.ts'

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
   * An invite of somebody whom we are calling, in the same room, where nobody has answered: only one of the two goes on.
   * One that they cannot have heard of gives way, whatever its name; otherwise the names decide, for both sides alike.
   */
  invited(invite: CallEventOf<'m.call.invite'>, room: string, from: Party, ghost: string): 'none' | 'ours' | 'theirs' {
    const cross: Cross = { type: 'cross', invite, from, self: { user: ghost, party: freshId() }, ours: 'rings' }
    for (const live of this.#options.sessionsIn(room)) {
      const { self, other, inviter, stage, callId } = live.session
      if (self.user !== ghost || other !== from.user || inviter !== 'us') continue
      if (stage.name !== 'preparing' && stage.name !== 'inviting') continue
      const heard = stage.name === 'inviting' && !this.#options.unheard(room, callId)
      if (heard && survivingCall(callId, invite.content.call_id) === 'ours') {
        this.#rivals.set(live, cross)
        return 'ours'
      }
      live.take(cross)
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

  /** They gave up ours for theirs, whatever the names say: theirs it is, if it has not ended. */
  rivalOf(live: LiveSession, event: CallEvent, from: Party): Cross | undefined {
    const rival = this.#rivals.get(live)
    const replaced = event.type === 'm.call.hangup' && event.content.reason === 'replaced'
    if (rival === undefined || !replaced || !sameParty(from, rival.from)) return undefined
    this.#rivals.delete(live)
    return live.session.stage.name === 'inviting' ? { ...rival, ours: 'given-up' } : undefined
  }

  /** A call that crossed ours has ended: there is nothing to go over to. */
  rivalEnded(room: string, callId: string, from: Party): void {
    for (const [live, { invite, from: caller }] of this.#rivals) {
      if (live.session.room !== room || invite.content.call_id !== callId) continue
      if (sameParty(caller, from)) this.#rivals.delete(live)
    }
  }

  /** The other call of the same pair, in the same room, that is under way: the one that goes on if this one is superseded. */
  survivorOf({ session }: LiveSession): CallId | undefined {
    const { room, self, other, callId } = session
    return this.#options
      .sessionsIn(room)
      .find(
        ({ session: each }) =>
          each.callId !== callId &&
          each.self.user === self.user &&
          each.other === other &&
          each.stage.name !== 'preparing' &&
          each.stage.name !== 'ended',
      )?.call
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
