import { describe, expect, test } from 'vitest'
import { alice, ends, from, ghost, ignores, inviting, ringing, run, sends, talking, us } from './values.ts'

const tablet = { ...alice, party: 'tablet' }
const stranger = { user: '@mallory:hs', party: 'phone' }
const ourOther = { user: ghost, party: 'another' }
const hearing = { ...talking, media: 'received' } as const
const v0 = { ...alice, party: null }

const rows = [
  // their invite rings here
  ['ringing', ringing, alice, 'm.call.hangup', {}, 'cancelled by party'],
  ['ringing', ringing, alice, 'm.call.hangup', { reason: 'invite_timeout' }, 'no-answer by timer'],
  ['ringing', ringing, alice, 'm.call.hangup', { reason: 'sunspots' }, 'unknown by unknown'],
  ['ringing', ringing, tablet, 'm.call.hangup', {}, 'other-party'],
  ['ringing', ringing, stranger, 'm.call.hangup', {}, 'third-user'],
  ['ringing', ringing, ourOther, 'm.call.hangup', {}, 'declined-elsewhere by callee'],
  ['ringing', ringing, ourOther, 'm.call.reject', {}, 'declined-elsewhere by callee'],
  ['ringing', ringing, ourOther, 'm.call.answer', { answer: { sdp: 'v=0' } }, 'answered-elsewhere by callee'],
  ['ringing', ringing, us, 'm.call.hangup', {}, 'echo'],
  // the homeserver said the reject that it held for us
  ['ringing', ringing, us, 'm.call.reject', { reason: 'unknown_error' }, 'network-failed by network'],
  ['ringing', ringing, alice, 'm.call.select_answer', { selected_party_id: 'desk' }, 'answered-elsewhere by party'],
  ['ringing', ringing, stranger, 'm.call.select_answer', { selected_party_id: 'desk' }, 'third-user'],
  ['ringing', ringing, v0, 'm.call.hangup', {}, 'other-party'],
  // our invite rings there
  ['inviting', inviting, alice, 'm.call.hangup', { reason: 'user_busy' }, 'busy by party'],
  ['inviting', inviting, alice, 'm.call.hangup', {}, 'declined by party'],
  ['inviting', inviting, v0, 'm.call.hangup', {}, 'declined by party'],
  ['inviting', inviting, alice, 'm.call.hangup', { reason: 'user_media_failed' }, 'device-out'],
  ['inviting', inviting, alice, 'm.call.hangup', { reason: 'ice_failed' }, 'device-out'],
  ['inviting', inviting, alice, 'm.call.hangup', { reason: 'replaced' }, 'superseded by party'],
  ['inviting', inviting, alice, 'm.call.reject', {}, 'declined by party'],
  ['inviting', inviting, alice, 'm.call.reject', { reason: 'user_busy' }, 'busy by party'],
  ['inviting', inviting, alice, 'm.call.reject_locally', { reason: 'unwanted' }, 'device-out'],
  ['inviting', inviting, stranger, 'm.call.hangup', {}, 'third-user'],
  ['inviting', inviting, stranger, 'm.call.answer', { answer: { sdp: 'v=0' } }, 'third-user'],
  // we talk
  ['talking', talking, alice, 'm.call.hangup', { reason: 'user_hangup' }, 'hangup by party'],
  ['talking', talking, alice, 'm.call.hangup', { reason: 'ice_timeout' }, 'media-lost by network'],
  ['talking', talking, alice, 'm.call.hangup', { reason: 'ice_failed' }, 'media-failed by network'],
  // matrix-js-sdk has one word for both, and we have heard its sound
  ['hearing', hearing, alice, 'm.call.hangup', { reason: 'ice_failed' }, 'media-lost by network'],
  ['hearing', hearing, alice, 'm.call.hangup', { reason: 'user_hangup' }, 'hangup by party'],
  ['talking', talking, alice, 'm.call.hangup', { reason: 'unknown_error' }, 'error by unknown'],
  ['talking', talking, alice, 'm.call.hangup', { reason: 'user_media_failed' }, 'capture-failed by party'],
  // the homeserver said the hangup that it held for us
  ['talking', talking, us, 'm.call.hangup', { reason: 'unknown_error' }, 'network-failed by network'],
  ['talking', talking, us, 'm.call.answer', { answer: { sdp: 'v=0' } }, 'echo'],
  ['talking', talking, us, 'm.call.reject', {}, 'echo'],
  ['talking', talking, tablet, 'm.call.hangup', {}, 'other-party'],
  ['talking', talking, { ...stranger, party: alice.party }, 'm.call.hangup', {}, 'third-user'],
  ['talking', talking, ourOther, 'm.call.hangup', {}, 'own-other-party'],
  ['talking', talking, v0, 'm.call.hangup', {}, 'other-party'],
  ['talking', talking, alice, 'm.call.reject', {}, 'too-late'],
  ['talking', talking, alice, 'm.call.select_answer', { selected_party_id: 'desk' }, 'answered-elsewhere by party'],
  ['talking', talking, alice, 'm.call.replaces', { replacement_id: 'x' }, 'transferred by party'],
  ['talking', talking, tablet, 'm.call.replaces', { replacement_id: 'x' }, 'other-party'],
] as const

test.each(rows)('%s, %#: %o says %s', (_name, session, sender, type, content, expected) => {
  const { orders, session: after } = run(session, from(sender, type, content))
  const ended = expected.includes(' by ')
  expect(ends(orders)).toEqual(ended ? [expected] : [])
  expect(ignores(orders)).toEqual(ended ? [] : [expected])
  expect(after.stage.name === 'ended').toBe(ended)
  // Nobody answers a hangup with a hangup; only a refusal of our invite is acknowledged.
  const acknowledged = type === 'm.call.reject' && ended && session === inviting ? ['m.call.select_answer'] : []
  expect(sends(orders).map(([sent]) => sent)).toEqual(acknowledged)
})

describe('the Dart client says userHangup for everything', () => {
  const late = from(alice, 'm.call.hangup', { reason: 'userHangup' }, 60_000)
  test('after its ring timer that is one device out, and the call ends as unanswered', () => {
    const { orders } = run(inviting, late, { type: 'fired', timer: 'lifetime', now: 90_000 })
    expect(ignores(orders)).toEqual(['device-out'])
    expect(ends(orders)).toEqual(['no-answer by timer'])
  })
  test('before it, a person has refused', () => {
    const { orders } = run(inviting, from(alice, 'm.call.hangup', { reason: 'userHangup' }, 9_000))
    expect(ends(orders)).toEqual(['declined by party'])
  })
})

describe('somebody leaves the room', () => {
  test.each([
    ['the caller, ringing', ringing, alice.user, ['peer-gone by party']],
    ['the peer, talking', talking, alice.user, ['peer-gone by party']],
    ['who is rung, and nobody else is', inviting, alice.user, ['declined by party']],
    ['our ghost', talking, ghost, ['peer-gone by network']],
    ['a third user', talking, stranger.user, []],
  ] as const)('%s', (_name, session, user, expected) => {
    const { orders } = run(session, { type: 'left', user, now: 0 })
    expect(ends(orders)).toEqual(expected)
    expect(sends(orders)).toEqual([])
  })
})
