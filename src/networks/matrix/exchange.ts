import type { Instant } from '../../call/ending.ts'
import { type CallEvent, type CallEventOf, inviteTimeLeft, type Party, ringGrace } from '../../dialects/matrix/index.ts'
import { Crossings } from './crossings.ts'
import type { LiveSession } from './live-session.ts'
import { freshId, type GhostNames, serverOf } from './names.ts'
import { advance } from './session/advance.ts'
import type { Ignored, Session, SessionInput } from './session/state.ts'
import { keyOf, longestLifetime, Tombstones } from './tombstones.ts'

export type ExchangeOptions = Readonly<{
  names: GhostNames
  serverName: string
  trustServerClock: boolean
  ghostsIn(room: string): readonly string[]
  admits(userId: string): boolean
  /** Whether the invite of a call of ours has not left yet. */
  unheard(room: string, callId: string): boolean
  /** A call that came, and rings. The session is added by whoever takes it. `left`: milliseconds that it may ring. */
  announce(session: Session, left: number): void
  ignored(why: Ignored): void
}>

/** An end that came before its invite, to be remembered. */
export type Warned = Readonly<{ room: string; callId: string; by: Party }>

/** Nobody of ours is in the call yet: it came in this transaction, and the rest of it may say that it is over. */
type Fresh = { session: Session; left: number; caller: Party }

/** Which events belong to which session, and which to none. The whole of a transaction is read before anything rings. */
export class Exchange {
  readonly tombstones = new Tombstones()
  readonly crossings: Crossings
  readonly #options: ExchangeOptions
  readonly #sessions = new Map<string, LiveSession[]>()
  #fresh: Fresh[] = []

  constructor(options: ExchangeOptions) {
    this.#options = options
    const { unheard } = options
    this.crossings = new Crossings({ unheard, sessionsIn: (room) => this.#inRoom(room) })
  }

  get size(): number {
    return this.#sessions.size
  }

  // -------------------------------------------------------------- sessions

  add(live: LiveSession): void {
    const key = keyOf(live.session.room, live.session.callId)
    this.#sessions.set(key, [...(this.#sessions.get(key) ?? []), live])
  }

  over(live: LiveSession): void {
    const { room, callId } = live.session
    this.#drop(live, keyOf(room, callId))
    this.crossings.over(live)
    this.tombstones.set(room, callId, 'over', live.caller, live.now)
  }

  /** Crossing calls: it goes on as theirs, and ours is over. */
  renamed(live: LiveSession, before: Session): void {
    this.#drop(live, keyOf(before.room, before.callId))
    this.tombstones.set(before.room, before.callId, 'over', before.self, live.now)
    this.add(live)
  }

  #drop(live: LiveSession, key: string): void {
    const rest = (this.#sessions.get(key) ?? []).filter((each) => each !== live)
    if (rest.length === 0) this.#sessions.delete(key)
    else this.#sessions.set(key, rest)
  }

  // -------------------------------------------------------------- events

  /** One event of a transaction. Returns an end that came before its invite. */
  event(event: CallEvent, now: Instant): Warned | undefined {
    const { room_id: room, sender } = event.envelope
    if (room === undefined || sender === undefined) {
      this.#options.ignored('malformed')
      return undefined
    }
    const from: Party = { user: sender, party: event.era === 0 ? null : (event.content.party_id ?? null) }
    const { call_id: callId } = event.content
    if (event.type === 'm.call.invite') {
      this.#invite(event, room, from, now)
      return undefined
    }
    const input: SessionInput = { type: 'event', event, from, now, age: this.#ageOf(event, now) }
    const live = this.#sessionOf(room, callId, sender)
    if (live !== undefined) {
      live.take(this.crossings.rivalOf(live, event, from) ?? input)
      return undefined
    }
    const fresh = this.#fresh.find(({ session }) => session.room === room && session.callId === callId)
    if (fresh !== undefined) {
      this.#advance(fresh, input)
      return undefined
    }
    return this.#unknown(event, room, callId, from, now)
  }

  /** Of several with the same call id, the one with this person; our own other devices speak to whichever there is. */
  #sessionOf(room: string, callId: string, sender: string): LiveSession | undefined {
    const all = this.#sessions.get(keyOf(room, callId)) ?? []
    return all.find(({ session }) => session.other === sender) ?? all[0]
  }

  #inRoom(room: string): LiveSession[] {
    return [...this.#sessions.values()].flat().filter(({ session }) => session.room === room)
  }

  #advance(fresh: Fresh, input: SessionInput): void {
    const step = advance(fresh.session, input)
    fresh.session = step.session
    for (const order of step.orders) if (order.do === 'ignore') this.#options.ignored(order.why)
  }

  #unknown(event: CallEvent, room: string, callId: string, from: Party, now: Instant): Warned | undefined {
    if (this.tombstones.has(room, callId, now) === 'over') {
      if (event.type === 'm.call.hangup') this.crossings.rivalEnded(room, callId, from)
      this.#options.ignored('already-ended')
      return undefined
    }
    switch (event.type) {
      case 'm.call.hangup':
      case 'm.call.reject':
      case 'm.call.select_answer':
      case 'm.call.answer':
        this.#options.ignored('unknown-call')
        this.tombstones.set(room, callId, 'warned', from, now)
        return { room, callId, by: from }
      default:
        this.#options.ignored('unknown-call')
        return undefined
    }
  }

  // -------------------------------------------------------------- invites

  #invite(event: CallEventOf<'m.call.invite'>, room: string, from: Party, now: Instant): void {
    const { names, ignored, admits } = this.#options
    const { call_id: callId, invitee, offer } = event.content
    if (names.numberOf(from.user) !== undefined) return ignored('echo')
    const ghost = this.#calledIn(room, invitee)
    if (ghost === undefined) return ignored('not-for-us')
    if (!admits(from.user)) return ignored('not-allowed')
    const known = this.#sessionOf(room, callId, from.user)
    if (known?.session.other === from.user) return known.take({ type: 'event', event, from, now, age: 0 })
    if (this.tombstones.forbids(room, callId, from, ghost, now)) return ignored('tombstoned')
    if (
      this.#fresh.some(
        ({ session }) => session.room === room && session.callId === callId && session.other === from.user,
      )
    ) {
      return ignored('duplicate')
    }
    const left = this.#timeLeft(event, now)
    if (left < ringGrace) {
      this.tombstones.set(room, callId, 'over', from, now)
      return ignored('stale')
    }
    const crossing = this.crossings.invited(event, room, from, ghost)
    if (crossing === 'ours') {
      this.tombstones.set(room, callId, 'over', from, now)
      return ignored('glare')
    }
    if (crossing === 'theirs') return
    const session: Session = {
      room,
      callId,
      self: { user: ghost, party: freshId() },
      other: from.user,
      inviter: 'them',
      era: event.era,
      stage: { name: 'ringing', offer: offer.sdp, inviter: from },
      held: [],
      media: 'never',
    }
    this.#fresh.push({ session, left, caller: from })
  }

  /** The one of our ghosts that is called: the invitee, or the only one in the room. */
  #calledIn(room: string, invitee: string | undefined): string | undefined {
    const { names, ghostsIn } = this.#options
    if (invitee !== undefined) return names.numberOf(invitee) === undefined ? undefined : invitee
    const ghosts = ghostsIn(room)
    return ghosts.length === 1 ? ghosts[0] : undefined
  }

  #timeLeft({ content, envelope }: CallEventOf<'m.call.invite'>, now: Instant): number {
    const { unsigned, origin_server_ts, sender = '' } = envelope
    // Another homeserver's clock is nobody's to trust.
    const trust = this.#options.trustServerClock && serverOf(sender) === this.#options.serverName
    return inviteTimeLeft({
      now,
      received: now,
      lifetime: Math.min(content.lifetime, longestLifetime),
      ...(unsigned?.age === undefined ? {} : { age: unsigned.age }),
      ...(origin_server_ts === undefined ? {} : { origin_server_ts }),
      trustServerClock: trust,
    })
  }

  #ageOf({ envelope }: CallEvent, now: Instant): number {
    const { unsigned, origin_server_ts } = envelope
    return Math.max(0, unsigned?.age ?? (origin_server_ts === undefined ? 0 : now - origin_server_ts))
  }

  // -------------------------------------------------------------- rooms

  left(room: string, user: string, now: Instant): void {
    const input: SessionInput = { type: 'left', user, now }
    for (const all of [...this.#sessions.values()]) {
      for (const live of all) if (live.session.room === room) live.take(input)
    }
    for (const fresh of this.#fresh) if (fresh.session.room === room) this.#advance(fresh, input)
  }

  /** The transaction is read: what still rings is announced. */
  settle(now: Instant): void {
    const fresh = this.#fresh
    this.#fresh = []
    for (const { session, left, caller } of fresh) {
      if (session.stage.name === 'ringing') {
        this.#options.announce(session, left)
        continue
      }
      this.tombstones.set(session.room, session.callId, 'over', caller, now)
      this.#options.ignored('ended-before-ringing')
    }
  }
}
