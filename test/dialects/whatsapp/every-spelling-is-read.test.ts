import { describe, expect, test } from 'vitest'
import type { Cause } from '../../../src/call/causes.ts'
import { codec, documentedReasons, meanings, observedReasons } from '../../../src/dialects/whatsapp/index.ts'

const terminate = (attrs: Record<string, unknown>) => ({
  tag: 'call',
  attrs: { from: 'A@lid', id: '1' },
  content: [{ tag: 'terminate', attrs: { 'call-id': 'C', ...attrs } }],
})

/** Spelling → cause while it rings, and after the answer. */
const spellings: readonly (readonly [spellings: string, ringing: Cause, answered: Cause])[] = [
  [
    'accepted_elsewhere accept_elsewhere accepted-elsewhere answered_elsewhere acceptedelsewhere active_elsewhere handled_remotely ACCEPTED_ELSEWHERE',
    'answered-elsewhere',
    'answered-elsewhere',
  ],
  [
    'rejected_elsewhere reject_elsewhere declined_elsewhere decline_elsewhere rejectedelsewhere Rejected-Elsewhere',
    'declined-elsewhere',
    'declined-elsewhere',
  ],
  ['rejected reject decline declined rejected_by_user', 'declined', 'declined'],
  ['busy remote_busy user_busy BUSY', 'busy', 'busy'],
  ['timeout timed_out ringing_timeout no_answer missed TIMEOUT', 'no-answer', 'no-answer'],
  ['cancel canceled cancelled', 'cancelled', 'hangup'],
  ['hangup ended user_ended normal ended_by_user ended_by_peer ended_by_self', 'cancelled', 'hangup'],
  [
    'connection_lost media_tx_timeout media_rx_timeout media_tx_rx_timeout heartbeat_terminate remote_disconnect',
    'media-lost',
    'media-lost',
  ],
  ['setup_failed relay_bind_failed retry enc no-raw-e2e no_raw_e2e fatal_nack', 'media-failed', 'media-failed'],
  ['unavailable remote_offline uncallable tos call_is_full', 'unavailable', 'unavailable'],
  ['group_call_ended', 'cancelled', 'hangup'],
  ['dnd do_not_disturb reject_do_not_disturb blocked reject_blocked caller_blocked', 'blocked', 'blocked'],
  ['mic_permission_denied camera_permission_denied', 'capture-failed', 'capture-failed'],
  ['device_switch av-upgrade av_upgrade av-upgradable', 'transferred', 'transferred'],
  ['unknown gremlins', 'unknown', 'unknown'],
]

const rows = spellings.flatMap(([tokens, ringing, answered]) =>
  tokens.split(' ').map((token) => [token, ringing, answered] as const),
)

describe('a terminate', () => {
  test.each(rows)('for %s is %s while it rings, %s after the answer', (reason, ringing, answered) => {
    const wire = terminate({ reason })
    expect(codec.read(wire, { at: 0, phase: 'ringing', sender: 'caller' }).cause).toBe(ringing)
    expect(codec.read(wire, { at: 0, phase: 'answered', sender: 'caller' }).cause).toBe(answered)
    expect(codec.read(wire, { at: 0 }).raw).toEqual({ dialect: 'whatsapp', value: wire })
  })

  test('every token of both vocabularies has a row, and no token has two', () => {
    const tokens = rows.map(([token]) => token)
    for (const token of [...documentedReasons, ...observedReasons]) expect(tokens).toContain(token)
    const all = meanings.flatMap((row) => [...row.tokens] as string[])
    expect(new Set(all).size).toBe(all.length)
  })

  test('reads its reason in blanks, in capitals, and from its alias', () => {
    expect(codec.read(terminate({ reason: '  Accepted Elsewhere ' }), { at: 0 }).cause).toBe('answered-elsewhere')
    expect(codec.read(terminate({ terminate_reason: 'busy' }), { at: 0 }).cause).toBe('busy')
    expect(codec.read(terminate({ reason: 'timeout', terminate_reason: 'busy' }), { at: 0 }).cause).toBe('no-answer')
  })

  test('with an unknown reason still ends, with the reason on record', () => {
    expect(codec.read(terminate({ reason: 'gremlins' }), { at: 0 })).toMatchObject({
      cause: 'unknown',
      detail: expect.stringContaining('gremlins'),
    })
    expect(codec.read(terminate({ reason: 5 }), { at: 0 }).cause).toBe('unknown')
  })
})

describe('a terminate without a reason', () => {
  test.each([
    ['ringing', 'in', 'cancelled', 'caller'],
    ['ringing', 'out', 'declined', 'callee'],
    ['answered', 'in', 'hangup', 'caller'],
    ['answered', 'out', 'hangup', 'callee'],
    ['offered', 'in', 'cancelled', 'caller'],
  ] as const)('while %s, of a call that went %s: %s by the %s', (phase, direction, cause, actor) => {
    for (const attrs of [{}, { reason: '' }, { reason: 'hangup' }]) {
      expect(codec.read(terminate(attrs), { at: 0, phase, direction })).toMatchObject({ cause, actor, phase })
    }
  })

  test('names its sender by comparing it with the creator', () => {
    const by = (creator: string) =>
      codec.read(terminate({ 'call-creator': creator }), { at: 0, phase: 'answered' }).actor
    expect(by('A:3@lid')).toBe('caller')
    expect(by('B@lid')).toBe('callee')
    expect(by('15550001111@s.whatsapp.net')).toBe('unknown')
  })

  test('in a group call is by the participant, not by the call’s address', () => {
    const wire = {
      tag: 'call',
      attrs: { from: 'C@call', participant: 'B:1@lid', id: '1' },
      content: [{ tag: 'terminate', attrs: { 'call-creator': 'A@lid' } }],
    }
    expect(codec.read(wire, { at: 0, phase: 'answered' }).actor).toBe('callee')
  })
})

describe('a reject', () => {
  const reject = (attrs: Record<string, string>) => ({ tag: 'call', attrs: {}, content: [{ tag: 'reject', attrs }] })
  test.each([
    [{}, 'declined'],
    [{ reason: '' }, 'declined'],
    [{ reason: 'busy' }, 'busy'],
    [{ reason: 'enc' }, 'media-failed'],
    [{ reason: 'uncallable' }, 'unavailable'],
    [{ reason: 'dnd' }, 'blocked'],
    [{ reason: 'gremlins' }, 'declined'],
  ] as const)('with %j is %s', (attrs, cause) => {
    expect(codec.read(reject(attrs), { at: 0 }).cause).toBe(cause)
  })
})

describe('shapes', () => {
  test.each([
    [
      'a bare terminate',
      { tag: 'terminate', attrs: { 'call-id': 'C', reason: 'timeout', from: 'A@lid' } },
      'no-answer',
    ],
    ['a bare terminate as text', '<terminate call-id="C" reason="timeout"/>', 'no-answer'],
    [
      'the ending child among others',
      {
        tag: 'call',
        attrs: {},
        content: [
          { tag: 'new', attrs: {} },
          { tag: 'terminate', attrs: { reason: 'busy' } },
        ],
      },
      'busy',
    ],
    ['a bare token', 'accepted_elsewhere', 'answered-elsewhere'],
    ['a byte order mark', '\uFEFF<terminate reason="busy"/>', 'busy'],
    ['an action that ends nothing', { tag: 'call', attrs: {}, content: [{ tag: 'mute_v2', attrs: {} }] }, 'unknown'],
    ['an empty call', { tag: 'call', attrs: {} }, 'unknown'],
    ['broken text', '<call><terminate', 'unknown'],
    ['nothing', '', 'unknown'],
    ['another stanza', { tag: 'message', attrs: {} }, 'unknown'],
  ])('%s', (_, wire, cause) => {
    expect(codec.read(wire, { at: 0 })).toMatchObject({ cause, raw: { value: wire } })
  })

  test('the time of the stanza is when it ended', () => {
    const wire = { tag: 'call', attrs: { t: '1640039074' }, content: [{ tag: 'terminate', attrs: {} }] }
    expect(codec.read(wire, { at: 5 }).at).toBe(1_640_039_074_000)
    expect(codec.read({ ...wire, attrs: { t: 'now' } }, { at: 5 }).at).toBe(5)
  })
})

test('what live clients send is passed on as it came', () => {
  for (const token of observedReasons) {
    const wire = { tag: 'call', attrs: {}, content: [{ tag: 'terminate', attrs: { reason: token } }] }
    const ending = codec.read(wire, { at: 0 })
    expect(codec.write(ending, { vocabulary: 'observed' })).toEqual(wire)
  }
  for (const token of documentedReasons) {
    const wire = { tag: 'call', attrs: {}, content: [{ tag: 'terminate', attrs: { reason: token } }] }
    expect(codec.write(codec.read(wire, { at: 0 }))).toEqual(wire)
  }
})
