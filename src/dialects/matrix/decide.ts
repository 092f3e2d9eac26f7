import type { Cause } from '../../call/causes.ts'
import type { Actor } from '../../call/ending.ts'
import type { Era } from './event.ts'
import { defaultLifetime } from './parse.ts'
import { readingOf } from './reasons.ts'

/**
 * What an event does to a call, by who sent it and how far the call had come: the rules of the Matrix specification's
 * "Voice over IP" section, and our decisions where it is silent. Pure: the network keeps the
 * state and carries the verdicts out.
 */

/** A party is the pair of user and party id; version 0 parties, and some careless ones, have no id. */
export type Party = Readonly<{ user: string; party: string | null }>

/** What we know of the call that an event names, by (room, call id). `self` is the party that we are. */
export type Sight =
  | Readonly<{ name: 'unknown' }>
  | Readonly<{ name: 'ended' }>
  /** They invited us. */
  | Readonly<{ name: 'ringing'; self: Party; inviter: Party; era: Era }>
  /** We invited; `invitee` is null where anybody in the room may answer. `waited`: milliseconds since the invite. */
  | Readonly<{ name: 'inviting'; self: Party; invitee: string | null; era: Era; waited: number }>
  | Readonly<{ name: 'chosen'; self: Party; peer: Party }>

/** Why an event is of no effect; counted, so that an operator sees them. */
export type IgnoreReason =
  | 'already-ended'
  | 'echo'
  | 'third-user'
  | 'other-party'
  | 'own-other-party'
  | 'too-late'
  | 'not-for-us'
  | 'stale'

export type Verdict =
  | Readonly<{ do: 'ignore'; why: IgnoreReason }>
  /** Remember it for longer than any lifetime: a later invite with this call id, from this sender, must not ring. */
  | Readonly<{ do: 'tombstone' }>
  | Readonly<{ do: 'end'; cause: Cause; actor: Actor }>
  /** This device is out; the others ring on. */
  | Readonly<{ do: 'party-out'; cause: Cause; actor: Actor }>
  /** Their call survives ours. */
  | Readonly<{ do: 'superseded' }>

const ignore = (why: IgnoreReason): Verdict => ({ do: 'ignore', why })
const end = (cause: Cause, actor: Actor): Verdict => ({ do: 'end', cause, actor })

/**
 * One party, the same in user and id.
 *
 * @example
 * sameParty({ user: '@a:hs', party: 'p' }, { user: '@b:hs', party: 'p' }) // false
 */
export function sameParty(a: Party, b: Party): boolean {
  return a.user === b.user && a.party === b.party
}

/**
 * A hangup arrives.
 *
 * @example
 * const alice = { user: '@alice:hs', party: 'phone' }
 * const us = { user: '@sip_1:hs', party: 'us' }
 * decideHangup({ name: 'ringing', self: us, inviter: alice, era: 1 }, alice) // { do: 'end', cause: 'cancelled', actor: 'caller' }
 */
export function decideHangup(sight: Sight, from: Party, reason?: string): Verdict {
  switch (sight.name) {
    case 'unknown':
      return { do: 'tombstone' }
    case 'ended':
      return ignore('already-ended')
    case 'ringing':
      return hangupWhileRinging(sight, from, reason)
    case 'inviting':
      return hangupWhileInviting(sight, from, reason)
    case 'chosen': {
      if (sameParty(from, sight.self)) return ignore('echo')
      if (sameParty(from, sight.peer)) return heard(reason, 'hangup', 'unknown')
      if (from.user === sight.self.user && from.user !== sight.peer.user) return ignore('own-other-party')
      return ignore(from.user === sight.peer.user ? 'other-party' : 'third-user')
    }
    default:
      return sight satisfies never
  }
}

function hangupWhileRinging(sight: Extract<Sight, { name: 'ringing' }>, from: Party, reason?: string): Verdict {
  if (sameParty(from, sight.self)) return ignore('echo')
  const inviter = sight.era === 0 ? from.user === sight.inviter.user : sameParty(from, sight.inviter)
  if (inviter) return heard(reason, 'cancelled', 'caller')
  if (from.user === sight.self.user) return end('declined-elsewhere', 'callee')
  return ignore(from.user === sight.inviter.user ? 'other-party' : 'third-user')
}

/** The Dart client says `userHangup` for everything, also when its ring timer of 60 s runs out. */
const dartRingTimeout = { from: 55_000, to: 70_000 } as const

function hangupWhileInviting(sight: Extract<Sight, { name: 'inviting' }>, from: Party, reason?: string): Verdict {
  if (sameParty(from, sight.self)) return ignore('echo')
  if (from.user === sight.self.user && from.user !== sight.invitee) return ignore('own-other-party')
  if (sight.invitee !== null && from.user !== sight.invitee) return ignore('third-user')
  // In version 0 a hangup is how a callee refuses; it has no other word.
  if (sight.era === 0) return heard(reason, 'declined', 'callee')
  const ringTimeout = sight.waited >= dartRingTimeout.from && sight.waited <= dartRingTimeout.to
  if (reason === 'userHangup' && ringTimeout) return { do: 'party-out', cause: 'no-answer', actor: 'timer' }
  const reading = readingOf(reason)
  if (reading === null) return { do: 'party-out', cause: 'unknown', actor: 'unknown' }
  switch (reading.cause) {
    case 'by-phase':
      return end('declined', 'callee')
    case 'busy':
    case 'declined':
      return end(reading.cause, 'callee')
    case 'superseded':
      return { do: 'superseded' }
    default:
      // A device that failed, or lost its patience, does not speak for the person's other devices.
      return { do: 'party-out', cause: reading.cause, actor: reading.actor === 'sender' ? 'callee' : reading.actor }
  }
}

function heard(reason: string | undefined, person: Cause, sender: Actor): Verdict {
  const reading = readingOf(reason)
  if (reading === null) return end('unknown', 'unknown')
  if (reading.cause === 'by-phase') return end(person, sender)
  return end(reading.cause, reading.actor === 'sender' ? sender : reading.actor)
}

/**
 * A reject arrives. Whichever the caller saw first, it or an answer, decides.
 *
 * @example
 * const alice = { user: '@alice:hs', party: 'phone' }
 * const us = { user: '@sip_1:hs', party: 'us' }
 * decideReject({ name: 'chosen', self: us, peer: alice }, alice) // { do: 'ignore', why: 'too-late' }
 */
export function decideReject(sight: Sight, from: Party, reason?: string): Verdict {
  switch (sight.name) {
    case 'unknown':
      return { do: 'tombstone' }
    case 'ended':
      return ignore('already-ended')
    case 'ringing':
      if (sameParty(from, sight.self)) return ignore('echo')
      return from.user === sight.self.user ? end('declined-elsewhere', 'callee') : ignore('third-user')
    case 'inviting': {
      if (sameParty(from, sight.self)) return ignore('echo')
      if (sight.invitee !== null && from.user !== sight.invitee) return ignore('third-user')
      const reading = reason === undefined ? null : readingOf(reason)
      const cause = reading === null || reading.cause === 'by-phase' ? 'declined' : reading.cause
      return end(cause, 'callee')
    }
    case 'chosen':
      return sameParty(from, sight.self) ? ignore('echo') : ignore('too-late')
    default:
      return sight satisfies never
  }
}

/**
 * The caller names the party that it goes on with. Only the inviter's own word counts, and the losers say nothing.
 *
 * @example
 * const alice = { user: '@alice:hs', party: 'phone' }
 * const us = { user: '@sip_1:hs', party: 'us' }
 * decideSelectAnswer({ name: 'ringing', self: us, inviter: alice, era: 1 }, alice, 'other') // { do: 'end', cause: 'answered-elsewhere', actor: 'callee' }
 */
export function decideSelectAnswer(sight: Sight, from: Party, selected: string): Verdict {
  switch (sight.name) {
    case 'unknown':
      return { do: 'tombstone' }
    case 'ended':
      return ignore('already-ended')
    case 'inviting':
      return ignore(sameParty(from, sight.self) ? 'echo' : 'third-user')
    case 'ringing':
      if (!sameParty(from, sight.inviter))
        return ignore(from.user === sight.inviter.user ? 'other-party' : 'third-user')
      return selected === sight.self.party ? ignore('not-for-us') : end('answered-elsewhere', 'callee')
    case 'chosen':
      if (!sameParty(from, sight.peer)) return ignore(from.user === sight.peer.user ? 'other-party' : 'third-user')
      return selected === sight.self.party ? ignore('not-for-us') : end('answered-elsewhere', 'callee')
    default:
      return sight satisfies never
  }
}

/**
 * One of our own user's other devices answers while we ring.
 *
 * @example
 * const alice = { user: '@alice:hs', party: 'phone' }
 * const us = { user: '@sip_1:hs', party: 'us' }
 * const sight = { name: 'ringing', self: us, inviter: alice, era: 1 }
 * decideOwnAnswer(sight, { ...us, party: 'desk' }) // { do: 'end', cause: 'answered-elsewhere', actor: 'callee' }
 */
export function decideOwnAnswer(sight: Sight, from: Party): Verdict {
  if (sight.name === 'unknown') return { do: 'tombstone' }
  if (sight.name === 'ended') return ignore('already-ended')
  if (sameParty(from, sight.self)) return ignore('echo')
  if (sight.name !== 'ringing' || from.user !== sight.self.user) return ignore('not-for-us')
  return end('answered-elsewhere', 'callee')
}

/**
 * A negotiate is heard only from the chosen peer, and only while it is valid.
 *
 * @example
 * const alice = { user: '@alice:hs', party: 'phone' }
 * const us = { user: '@sip_1:hs', party: 'us' }
 * negotiateIsValid({ name: 'chosen', self: us, peer: alice }, alice, 5_000, 10_000) // true
 */
export function negotiateIsValid(sight: Sight, from: Party, age: number, lifetime: number): boolean {
  return sight.name === 'chosen' && sameParty(from, sight.peer) && age <= lifetime
}

/** When an invite reached us, and what it and the homeserver say of its age. Milliseconds. */
export type InviteTimes = Readonly<{
  now: number
  /** When we received it. */
  received: number
  lifetime?: number
  /** `unsigned.age` at receipt. */
  age?: number
  origin_server_ts?: number
  /** The homeserver's clock is known to agree with ours: then a stale `age` in a retried transaction is found out. */
  trustServerClock?: boolean
}>

/**
 * Milliseconds for which an invite may still ring; 0 or less means that it is over. The sender's clock is not used;
 * where `age` is missing, `origin_server_ts` stands in, and where that is missing too, the lifetime begins at receipt.
 *
 * @example
 * inviteTimeLeft({ now: 6_000, received: 1_000, lifetime: 60_000, age: 10_000 }) // 45_000
 */
export function inviteTimeLeft(times: InviteTimes): number {
  const { now, received, age, origin_server_ts, trustServerClock } = times
  const sinceSent = origin_server_ts === undefined ? 0 : Math.max(0, received - origin_server_ts)
  const ageAtReceipt = age === undefined ? sinceSent : trustServerClock === true ? Math.max(age, sinceSent) : age
  return (times.lifetime ?? defaultLifetime) - Math.max(0, ageAtReceipt) - (now - received)
}

/** An invite that would be over before anybody could pick up is not rung. */
export const ringGrace = 3_000

/**
 * Glare: both sides have sent an invite to each other; the lexicographically lesser call id survives.
 *
 * @example
 * survivingCall('c1', 'c2') // 'ours'
 */
export function survivingCall(ours: string, theirs: string): 'ours' | 'theirs' {
  return ours <= theirs ? 'ours' : 'theirs'
}
