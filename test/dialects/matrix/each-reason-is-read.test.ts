import { describe, expect, test } from 'vitest'
import type { Cause } from '../../../src/call/causes.ts'
import type { Actor } from '../../../src/call/ending.ts'
import { codec, hangupReasons, knownReasons, mediaReason } from '../../../src/dialects/matrix/index.ts'

const hangup = (reason?: unknown, version: unknown = '1') => ({
  type: 'm.call.hangup',
  content: { call_id: 'c1', version, party_id: 'p1', ...(reason === undefined ? {} : { reason }) },
})

/** reason, how far the call had come, who sent it → cause and actor */
const table: readonly (readonly [string | undefined, 'ringing' | 'answered', 'caller' | 'callee', Cause, Actor])[] = [
  ['user_hangup', 'answered', 'caller', 'hangup', 'caller'],
  ['user_hangup', 'answered', 'callee', 'hangup', 'callee'],
  ['user_hangup', 'ringing', 'caller', 'cancelled', 'caller'],
  ['user_hangup', 'ringing', 'callee', 'declined', 'callee'],
  [undefined, 'answered', 'caller', 'hangup', 'caller'],
  [undefined, 'ringing', 'caller', 'cancelled', 'caller'],
  [undefined, 'ringing', 'callee', 'declined', 'callee'],
  ['userHangup', 'answered', 'callee', 'hangup', 'callee'],
  ['user hangup', 'answered', 'callee', 'hangup', 'callee'],
  ['invite_timeout', 'ringing', 'caller', 'no-answer', 'timer'],
  ['user_busy', 'ringing', 'callee', 'busy', 'callee'],
  ['ice_failed', 'answered', 'caller', 'media-failed', 'network'],
  ['ice_timeout', 'answered', 'callee', 'media-lost', 'network'],
  ['user_media_failed', 'ringing', 'callee', 'capture-failed', 'callee'],
  ['unknown_error', 'answered', 'callee', 'error', 'unknown'],
  ['replaced', 'ringing', 'caller', 'superseded', 'caller'],
  ['new_session', 'answered', 'callee', 'superseded', 'callee'],
  ['answered_elsewhere', 'ringing', 'caller', 'answered-elsewhere', 'callee'],
  ['org.matrix.msc4006.completed_elsewhere', 'ringing', 'caller', 'answered-elsewhere', 'callee'],
  ['completed_elsewhere', 'ringing', 'caller', 'answered-elsewhere', 'callee'],
  ['transferred', 'answered', 'callee', 'transferred', 'callee'],
  ['signalling_timeout', 'ringing', 'caller', 'network-failed', 'network'],
  ['keep_alive_timeout', 'answered', 'callee', 'peer-gone', 'network'],
  ['busy', 'ringing', 'callee', 'busy', 'callee'],
  ['Reject', 'ringing', 'callee', 'declined', 'callee'],
  ['gremlins', 'answered', 'callee', 'unknown', 'unknown'],
]

describe('a hangup', () => {
  test.each(table)('%s, %s, sent by the %s, is %s by %s', (reason, phase, sender, cause, actor) => {
    const wire = hangup(reason)
    const ending = codec.read(wire, { at: 7, phase, sender })
    expect(ending).toMatchObject({ cause, actor, phase, at: 7 })
    expect(ending.raw).toEqual({ dialect: 'matrix', value: wire })
  })

  test('every reason that is known has a row', () => {
    const folded = new Set(table.map(([reason]) => reason?.toLowerCase()))
    const published = hangupReasons.filter((reason) => !folded.has(reason))
    expect(published).toEqual([])
    for (const reason of knownReasons) expect(codec.read(hangup(reason), { at: 0 }).cause).not.toBe('unknown')
  })

  test('of version 0, as an integer, reads like any other', () => {
    expect(codec.read(hangup(undefined, 0), { at: 0, phase: 'ringing', direction: 'in' }).cause).toBe('cancelled')
    expect(codec.read(hangup(undefined, 0), { at: 0, phase: 'ringing', direction: 'out' }).cause).toBe('declined')
  })

  test('with a reason that is no string is unknown, not a hangup', () => {
    for (const reason of [5, true, [], {}]) expect(codec.read(hangup(reason), { at: 0 }).cause).toBe('unknown')
    expect(codec.read(hangup(null), { at: 0 }).cause).toBe('hangup')
  })

  test('ended when its homeserver says so', () => {
    expect(codec.read({ ...hangup('user_busy'), origin_server_ts: 1_700 }, { at: 9 }).at).toBe(1_700)
  })
})

describe('events beside the hangup', () => {
  const content = { call_id: 'c1', version: '1', party_id: 'p1' }
  test.each([
    [{ type: 'm.call.reject', content }, 'declined', 'callee'],
    [{ type: 'm.call.reject', content: { ...content, reason: 'user_busy' } }, 'busy', 'callee'],
    [{ type: 'm.call.reject', content: { ...content, reason: 'nonsense' } }, 'declined', 'callee'],
    [
      { type: 'm.call.select_answer', content: { ...content, selected_party_id: 'p2' } },
      'answered-elsewhere',
      'callee',
    ],
    [{ type: 'm.call.reject_locally', content: { ...content, reason: 'unwanted' } }, 'declined', 'callee'],
    [{ type: 'm.call.reject_locally', content: { ...content, reason: 'needs_matrixrtc' } }, 'incompatible', 'unknown'],
    [{ type: 'm.call.replaces', content: { ...content, replacement_id: 'r' } }, 'transferred', 'unknown'],
    [{ type: 'm.room.member', content: { membership: 'leave' } }, 'peer-gone', 'unknown'],
    [{ type: 'm.room.member', content: { membership: 'ban' } }, 'peer-gone', 'unknown'],
    [{ type: 'm.room.member', content: { membership: 'join' } }, 'unknown', 'unknown'],
    [{ type: 'm.call.invite', content }, 'unknown', 'unknown'],
    [{ ...content, reason: 'ice_failed' }, 'media-failed', 'network'],
    [JSON.stringify({ type: 'm.call.reject', content }), 'declined', 'callee'],
    ['user_media_failed', 'capture-failed', 'unknown'],
  ] as const)('%j is %s by %s', (wire, cause, actor) => {
    expect(codec.read(wire, { at: 0 })).toMatchObject({ cause, actor, raw: { dialect: 'matrix', value: wire } })
  })
})

test('media that was ever received makes it a timeout', () => {
  expect(mediaReason(true)).toBe('ice_timeout')
  expect(mediaReason(false)).toBe('ice_failed')
})
