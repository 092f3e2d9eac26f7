import { describe, expect, test } from 'vitest'
import {
  decideHangup,
  decideOwnAnswer,
  decideReject,
  decideSelectAnswer,
  inviteTimeLeft,
  negotiateIsValid,
  type Party,
  type Sight,
  survivingCall,
  type Verdict,
} from '../../../src/dialects/matrix/index.ts'

const us: Party = { user: '@ghost:hs', party: 'us' }
const ourOther: Party = { user: '@ghost:hs', party: 'us2' }
const peer: Party = { user: '@alice:hs', party: 'phone' }
const peerOther: Party = { user: '@alice:hs', party: 'laptop' }
const stranger: Party = { user: '@mallory:hs', party: 'phone' }

const unknown: Sight = { name: 'unknown' }
const ended: Sight = { name: 'ended' }
const ringing: Sight = { name: 'ringing', self: us, inviter: peer, era: 1 }
const ringing0: Sight = { name: 'ringing', self: us, inviter: { ...peer, party: null }, era: 0 }
const inviting: Sight = { name: 'inviting', self: us, invitee: peer.user, era: 1, waited: 5_000 }
const inviting0: Sight = { name: 'inviting', self: us, invitee: peer.user, era: 0, waited: 5_000 }
const open: Sight = { name: 'inviting', self: us, invitee: null, era: 1, waited: 5_000 }
const chosen: Sight = { name: 'chosen', self: us, peer }

type Row = readonly [what: string, Sight, Party, string | undefined, Verdict]

const ignored = (why: Extract<Verdict, { do: 'ignore' }>['why']): Verdict => ({ do: 'ignore', why })

describe('a hangup', () => {
  const rows: readonly Row[] = [
    ['of an unknown call leaves a tombstone', unknown, peer, undefined, { do: 'tombstone' }],
    ['of an ended call changes nothing', ended, peer, 'user_hangup', ignored('already-ended')],
    ['by the inviter stops the ringing', ringing, peer, undefined, { do: 'end', cause: 'cancelled', actor: 'caller' }],
    [
      'by the inviter, with its reason',
      ringing,
      peer,
      'invite_timeout',
      { do: 'end', cause: 'no-answer', actor: 'timer' },
    ],
    ['by a version 0 inviter', ringing0, peer, undefined, { do: 'end', cause: 'cancelled', actor: 'caller' }],
    [
      'by our own other device is handled there',
      ringing,
      ourOther,
      undefined,
      { do: 'end', cause: 'declined-elsewhere', actor: 'callee' },
    ],
    ['by a third user while ringing', ringing, stranger, 'user_hangup', ignored('third-user')],
    ['by another device of the inviter', ringing, peerOther, undefined, ignored('other-party')],
    ['echoed', ringing, us, undefined, ignored('echo')],
    [
      'by a version 0 invitee is a refusal',
      inviting0,
      peer,
      undefined,
      { do: 'end', cause: 'declined', actor: 'callee' },
    ],
    [
      'by a version 1 invitee, of a person',
      inviting,
      peer,
      'user_hangup',
      { do: 'end', cause: 'declined', actor: 'callee' },
    ],
    [
      'by a version 1 invitee, without reason',
      inviting,
      peer,
      undefined,
      { do: 'end', cause: 'declined', actor: 'callee' },
    ],
    ['by a busy invitee', inviting, peer, 'user_busy', { do: 'end', cause: 'busy', actor: 'callee' }],
    [
      'by a device without microphone',
      inviting,
      peer,
      'user_media_failed',
      { do: 'party-out', cause: 'capture-failed', actor: 'callee' },
    ],
    [
      'by a device without a media path',
      inviting,
      peer,
      'ice_failed',
      { do: 'party-out', cause: 'media-failed', actor: 'network' },
    ],
    ['by a device that failed', inviting, peer, 'unknown_error', { do: 'party-out', cause: 'error', actor: 'unknown' }],
    [
      'by a device, in words nobody knows',
      inviting,
      peer,
      'gremlins',
      { do: 'party-out', cause: 'unknown', actor: 'unknown' },
    ],
    ['that gives way to their own call', inviting, peer, 'replaced', { do: 'superseded' }],
    [
      'of a ring timer that calls itself a user',
      { ...inviting, waited: 60_000 },
      peer,
      'userHangup',
      { do: 'party-out', cause: 'no-answer', actor: 'timer' },
    ],
    ['of a user of that client', inviting, peer, 'userHangup', { do: 'end', cause: 'declined', actor: 'callee' }],
    ['by a third user before the answer', inviting, stranger, 'invite_timeout', ignored('third-user')],
    ['by anybody where nobody was named', open, stranger, 'user_busy', { do: 'end', cause: 'busy', actor: 'callee' }],
    ['by our own other device, of our invite', inviting, ourOther, undefined, ignored('own-other-party')],
    ['by the chosen peer', chosen, peer, 'user_hangup', { do: 'end', cause: 'hangup', actor: 'unknown' }],
    [
      'by the chosen peer, whose media was lost',
      chosen,
      peer,
      'ice_timeout',
      { do: 'end', cause: 'media-lost', actor: 'network' },
    ],
    [
      'by the chosen peer, in words nobody knows',
      chosen,
      peer,
      'gremlins',
      { do: 'end', cause: 'unknown', actor: 'unknown' },
    ],
    ['by the peer on another device', chosen, peerOther, undefined, ignored('other-party')],
    ['by our own other device, of a live call', chosen, ourOther, undefined, ignored('own-other-party')],
    ['by a stranger with the peer’s party id', chosen, stranger, undefined, ignored('third-user')],
    ['of version 0 in a version 1 call', chosen, { ...peer, party: null }, undefined, ignored('other-party')],
    ['echoed in a live call', chosen, us, undefined, ignored('echo')],
  ]
  test.each(rows)('%s', (_, sight, from, reason, verdict) => {
    expect(decideHangup(sight, from, reason)).toEqual(verdict)
  })
})

describe('a reject', () => {
  const rows: readonly Row[] = [
    ['of an unknown call leaves a tombstone', unknown, peer, undefined, { do: 'tombstone' }],
    ['of an ended call', ended, peer, undefined, ignored('already-ended')],
    ['by the invitee ends the invite', inviting, peer, undefined, { do: 'end', cause: 'declined', actor: 'callee' }],
    ['with a reason that is known', inviting, peer, 'user_busy', { do: 'end', cause: 'busy', actor: 'callee' }],
    ['with a reason that is not', inviting, peer, 'nah', { do: 'end', cause: 'declined', actor: 'callee' }],
    ['by a third user', inviting, stranger, undefined, ignored('third-user')],
    [
      'by our own other device while we ring',
      ringing,
      ourOther,
      undefined,
      { do: 'end', cause: 'declined-elsewhere', actor: 'callee' },
    ],
    ['by somebody else while we ring', ringing, stranger, undefined, ignored('third-user')],
    ['after the answer that we chose', chosen, peerOther, undefined, ignored('too-late')],
    ['echoed', ringing, us, undefined, ignored('echo')],
  ]
  test.each(rows)('%s', (_, sight, from, reason, verdict) => {
    expect(decideReject(sight, from, reason)).toEqual(verdict)
  })
})

describe('a select_answer', () => {
  const elsewhere: Verdict = { do: 'end', cause: 'answered-elsewhere', actor: 'callee' }
  test.each([
    ['for another party', ringing, peer, 'us2', elsewhere],
    ['for another party, after we answered', chosen, peer, 'us2', elsewhere],
    ['for us', chosen, peer, 'us', ignored('not-for-us')],
    ['by a stranger', ringing, stranger, 'us2', ignored('third-user')],
    ['by another device of the inviter', ringing, peerOther, 'us2', ignored('other-party')],
    ['of our own invite', inviting, us, 'phone', ignored('echo')],
    ['of an unknown call', unknown, peer, 'us2', { do: 'tombstone' }],
    ['of an ended call', ended, peer, 'us2', ignored('already-ended')],
  ] as const)('%s', (_, sight, from, selected, verdict) => {
    expect(decideSelectAnswer(sight, from, selected)).toEqual(verdict)
  })
})

test('an answer on our own other device stops the ringing here', () => {
  expect(decideOwnAnswer(ringing, ourOther)).toEqual({ do: 'end', cause: 'answered-elsewhere', actor: 'callee' })
  expect(decideOwnAnswer(ringing, us)).toEqual(ignored('echo'))
  expect(decideOwnAnswer(chosen, ourOther)).toEqual(ignored('not-for-us'))
})

test('a negotiate counts from the chosen peer, in time', () => {
  expect(negotiateIsValid(chosen, peer, 10, 10)).toBe(true)
  expect(negotiateIsValid(chosen, peer, 11, 10)).toBe(false)
  expect(negotiateIsValid(chosen, peerOther, 0, 10)).toBe(false)
  expect(negotiateIsValid(ended, peer, 0, 10)).toBe(false)
})

describe('an invite is valid', () => {
  test.each([
    ['by its age', { now: 1_000, received: 1_000, lifetime: 60_000, age: 10_000 }, 50_000],
    ['and time goes on', { now: 6_000, received: 1_000, lifetime: 60_000, age: 10_000 }, 45_000],
    [
      'by its time of sending, if the age is missing',
      { now: 100_000, received: 100_000, lifetime: 60_000, origin_server_ts: 30_000 },
      -10_000,
    ],
    ['from receipt, if both are missing', { now: 5_000, received: 5_000, lifetime: 60_000 }, 60_000],
    ['for a minute, if it does not say', { now: 5_000, received: 5_000 }, 60_000],
    ['and never longer for a negative age', { now: 0, received: 0, lifetime: 60_000, age: -5_000 }, 60_000],
    [
      'by the older of the two, if the server clock is trusted',
      { now: 100_000, received: 100_000, lifetime: 60_000, age: 1, origin_server_ts: 50_000, trustServerClock: true },
      10_000,
    ],
    [
      'by its age alone, if it is not',
      { now: 100_000, received: 100_000, lifetime: 60_000, age: 1, origin_server_ts: 50_000 },
      59_999,
    ],
  ] as const)('%s', (_, times, left) => {
    expect(inviteTimeLeft(times)).toBe(left)
  })
})

test('in glare the lesser call id survives, seen from either side', () => {
  expect(survivingCall('a', 'b')).toBe('ours')
  expect(survivingCall('b', 'a')).toBe('theirs')
  expect(survivingCall('Z', 'a')).toBe('ours')
})
