import { describe, expect, test } from 'vitest'
import { causeNames } from '../../../src/call/causes.ts'
import { serialiseCallEvent } from '../../../src/dialects/matrix/index.ts'
import { alice, callId, ends, from, inviting, preparing, ringing, run, sends, talking, us, view } from './values.ts'

const head = { call_id: callId, version: '1', party_id: us.party }
const described = (purpose: 'invite' | 'answer' | 'reply' | 'restart') =>
  ({ type: 'described', purpose, sdp: 'v=0 ours', now: 5 }) as const

describe('a call that comes', () => {
  test('is answered once taken, and acknowledged when the caller names us', () => {
    const { orders } = run(
      ringing,
      from(alice, 'm.call.candidates', { candidates: [{ candidate: 'a', sdpMid: '0' }] }),
      { type: 'take' },
      described('answer'),
      from(alice, 'm.call.select_answer', { selected_party_id: us.party }),
      from(alice, 'm.call.select_answer', { selected_party_id: us.party }),
    )
    expect(orders.map((order) => order.do)).toEqual([
      'disarm',
      'describe',
      'send',
      'report-answered',
      'use-candidates',
      'report-acknowledged',
      'ignore',
    ])
    expect(sends(orders)).toEqual([['m.call.answer', { ...head, answer: { type: 'answer', sdp: 'v=0 ours' } }]])
  })

  test('expires in silence: the caller counts the same time', () => {
    const { orders } = run(ringing, { type: 'fired', timer: 'lifetime', now: 60_000 })
    expect(orders).toEqual([expect.objectContaining({ do: 'report-ended', heard: 'wire' })])
    expect(ends(orders)).toEqual(['no-answer by timer'])
  })

  test('that has ended is not answered when its answer is made too late', () => {
    const { orders } = run(ringing, { type: 'take' }, from(alice, 'm.call.hangup'), described('answer'))
    expect(sends(orders)).toEqual([])
    expect(ends(orders)).toHaveLength(1)
  })
})

describe('a call of ours', () => {
  test('names who is asked, and the party that it goes on with', () => {
    const { orders, session } = run(
      preparing,
      described('invite'),
      { type: 'invite-sent' },
      from({ ...alice, party: 'tablet' }, 'm.call.candidates', { candidates: [{ candidate: 'theirs', sdpMid: '0' }] }),
      from(alice, 'm.call.candidates', { candidates: [{ candidate: 'a', sdpMid: '0' }] }),
      from(alice, 'm.call.answer', { answer: { type: 'answer', sdp: 'v=0 theirs' } }),
      from({ ...alice, party: 'tablet' }, 'm.call.answer', { answer: { type: 'answer', sdp: 'v=0' } }),
    )
    expect(sends(orders)).toEqual([
      ['m.call.invite', { ...head, offer: { type: 'offer', sdp: 'v=0 ours' }, lifetime: 90_000, invitee: alice.user }],
      ['m.call.select_answer', { ...head, selected_party_id: 'phone' }],
    ])
    expect(orders.filter((order) => order.do === 'use-candidates')).toEqual([
      { do: 'use-candidates', candidates: [{ candidate: 'a', sdpMid: '0' }] },
    ])
    expect(session.stage).toMatchObject({ name: 'talking', peer: alice })
  })

  test('to a version 0 peer names no party', () => {
    const { orders } = run(
      inviting,
      from({ user: alice.user, party: null }, 'm.call.answer', { answer: { type: 'answer', sdp: 'v=0' } }),
      { type: 'tell', view: view('hangup', { phase: 'answered' }) },
    )
    expect(sends(orders)).toEqual([['m.call.hangup', { call_id: callId, version: 0 }]])
  })

  test('that nobody knows of ends without a word', () => {
    expect(run(preparing, { type: 'tell', view: view('cancelled') }).orders).toEqual([])
  })

  test('that the homeserver will not have is over, and nobody is told', () => {
    const { orders } = run(inviting, { type: 'refused', kind: 'invite', detail: '403' })
    expect(ends(orders)).toEqual(['network-failed by network'])
    expect(sends(orders)).toEqual([])
  })
})

describe('crossing calls: theirs goes on', () => {
  const cross = {
    type: 'cross',
    invite: from(alice, 'm.call.invite', { call_id: 'c0', offer: { sdp: 'v=0 x' }, lifetime: 9 }),
    from: alice,
    self: { ...us, party: 'anew' },
    ours: 'rings',
  }
  const input = { ...cross, invite: (cross.invite as { event: unknown }).event } as never

  test('ours, not sent yet, is dropped without a word', () => {
    const { orders, session } = run(preparing, input, described('answer'))
    expect(sends(orders).map(([type, content]) => [type, content.call_id])).toEqual([['m.call.answer', 'c0']])
    expect(session).toMatchObject({ callId: 'c0', inviter: 'them', self: { party: 'anew' } })
  })

  test('ours that they have given up themselves is not withdrawn: no hangup answers a hangup', () => {
    const { orders } = run(inviting, { ...(input as object), ours: 'given-up' } as never, described('answer'))
    expect(sends(orders).map(([type, content]) => [type, content.call_id])).toEqual([['m.call.answer', 'c0']])
  })

  test('ours, sent, is withdrawn', () => {
    const { orders } = run(inviting, input, described('answer'))
    expect(sends(orders).map(([type, content]) => [type, content.call_id])).toEqual([
      ['m.call.hangup', callId],
      ['m.call.answer', 'c0'],
    ])
    expect(ends(orders)).toEqual([])
  })
})

describe('every cause is told in words of the specification, once', () => {
  const stages = { ringing, inviting, talking, 'ringing, version 0': { ...ringing, era: 0 as const } }
  test.each(Object.entries(stages))('%s', (_name, session) => {
    for (const cause of causeNames) {
      const { orders, session: after } = run(
        session,
        { type: 'tell', view: view(cause) },
        { type: 'tell', view: view(cause) },
      )
      const sent = orders.filter((order) => order.do === 'send')
      expect(sent).toHaveLength(1)
      expect(serialiseCallEvent(sent[0]!.event)).toMatchObject({ ok: true })
      expect(after.stage.name).toBe('ended')
    }
  })

  test.each([
    [ringing, 'busy', 'm.call.reject', 'user_busy'],
    [ringing, 'declined', 'm.call.reject', undefined],
    [ringing, 'no-answer', 'm.call.reject', 'invite_timeout'],
    [ringing, 'restarted', 'm.call.reject', 'unknown_error'],
    [ringing, 'capture-failed', 'm.call.reject', 'user_media_failed'],
    [inviting, 'no-answer', 'm.call.hangup', 'invite_timeout'],
    [inviting, 'cancelled', 'm.call.hangup', 'user_hangup'],
    [inviting, 'answered-elsewhere', 'm.call.hangup', 'user_hangup'],
    [inviting, 'restarted', 'm.call.hangup', 'unknown_error'],
    [talking, 'media-lost', 'm.call.hangup', 'ice_timeout'],
    [talking, 'media-failed', 'm.call.hangup', 'ice_failed'],
    [talking, 'capture-failed', 'm.call.hangup', 'user_media_failed'],
    [talking, 'busy', 'm.call.hangup', 'user_busy'],
    [talking, 'hangup', 'm.call.hangup', 'user_hangup'],
  ] as const)('%#: %s is told', (session, cause, type, reason) => {
    const { orders } = run(session, { type: 'tell', view: view(cause) })
    expect(sends(orders)).toMatchObject([[type, reason === undefined ? {} : { reason }]])
    if (reason === undefined) expect(sends(orders)[0]![1]).not.toHaveProperty('reason')
  })
})

describe('the media path', () => {
  const up = { type: 'path', state: 'up' } as const
  const failed = { type: 'path', state: 'failed' } as const
  const heard = { type: 'heard-media' } as const

  test('that never came up ends it: ice_failed', () => {
    expect(ends(run(talking, failed).orders)).toEqual(['media-failed by network'])
  })
  test('that was lost is restarted once; if that fails too it is ice_timeout, as media had been heard', () => {
    const { orders } = run(talking, up, heard, failed, described('restart'), {
      type: 'fired',
      timer: 'restart',
      now: 20_000,
    })
    expect(sends(orders).map(([type]) => type)).toEqual(['m.call.negotiate'])
    expect(ends(orders)).toEqual(['media-lost by network'])
  })
  test('an answered restart that comes up again goes on, and may be tried again', () => {
    const { orders } = run(
      talking,
      up,
      heard,
      failed,
      described('restart'),
      from(alice, 'm.call.negotiate', { description: { type: 'answer', sdp: 'v=0' }, lifetime: 9_000 }),
      up,
      failed,
    )
    expect(ends(orders)).toEqual([])
    expect(orders.filter((order) => order.do === 'describe')).toHaveLength(2)
  })
  test('a restart that was answered and fails all the same ends it', () => {
    const answer = from(alice, 'm.call.negotiate', { description: { type: 'answer', sdp: 'v=0' }, lifetime: 9_000 })
    expect(ends(run(talking, up, heard, failed, described('restart'), answer, failed).orders)).toEqual([
      'media-lost by network',
    ])
  })
  test('media that flows confirms the answer', () => {
    expect(run(talking, heard, up).orders).toEqual([{ do: 'report-acknowledged' }])
  })
})

describe('negotiate', () => {
  const offer = { description: { type: 'offer', sdp: 'v=0 hold' }, lifetime: 10_000 }
  test('of the peer is answered', () => {
    const { orders } = run(talking, from(alice, 'm.call.negotiate', offer), described('reply'))
    expect(orders[0]).toEqual({ do: 'describe', purpose: 'reply', offer: 'v=0 hold' })
    expect(sends(orders)).toMatchObject([['m.call.negotiate', { description: { type: 'answer' } }]])
  })
  test.each([
    ['of another party', from({ ...alice, party: 'tablet' }, 'm.call.negotiate', offer), 'other-party'],
    ['past its lifetime', { ...from(alice, 'm.call.negotiate', offer), age: 10_001 }, 'stale'],
  ])('%s is not heard', (_name, input, why) => {
    expect(run(talking, input as never).orders).toEqual([{ do: 'ignore', why }])
  })
  test('after the end is not heard', () => {
    const { orders } = run(talking, from(alice, 'm.call.hangup'), from(alice, 'm.call.negotiate', offer))
    expect(orders.at(-1)).toEqual({ do: 'ignore', why: 'already-ended' })
  })
  test('one that crosses ours: the callee gives way, the caller does not', () => {
    const failing = [
      { type: 'path', state: 'up' },
      { type: 'path', state: 'failed' },
    ] as const
    const callee = run(talking, ...failing, described('restart'), from(alice, 'm.call.negotiate', offer))
    expect(callee.orders.at(-1)).toMatchObject({ do: 'describe', purpose: 'reply' })
    const caller = run(
      { ...talking, inviter: 'us' },
      ...failing,
      described('restart'),
      from(alice, 'm.call.negotiate', offer),
    )
    expect(caller.orders.at(-1)).toEqual({ do: 'ignore', why: 'glare' })
  })
})
