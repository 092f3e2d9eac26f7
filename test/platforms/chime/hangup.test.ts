/** The Hangup action, by the four cases of its page and the rows of docs/dialects/chime.md. */
import { describe, expect, test } from 'vitest'
import { answer, bridge, type Event, hangup, pause, speak, World } from './world.ts'

const inbound = (first: unknown, then: (event: Event) => unknown = () => answer()) => {
  return (event: Event) => (event.InvocationEventType === 'NEW_INBOUND_CALL' ? first : then(event))
}

test('a call with one leg: HANGUP, its answer is ignored, the call is over', async () => {
  const world = await World.of(inbound(answer(speak(), hangup()), () => answer(...Array(10).fill(speak()))))
  await world.pass(3_000)
  expect(world.story).toEqual(['NEW_INBOUND_CALL', 'HANGUP LEG-A 0'])
  expect(world.wire).toEqual(['A 180', 'A 200', 'A BYE hangup 0'])
  expect(world.record.ending).toMatchObject({ cause: 'hangup', actor: 'app', phase: 'answered' })
  const [, last] = world.events
  expect(last.Sequence).toBe(2)
  expect(last.CallDetails.Participants).toMatchObject([
    { Status: 'Disconnected', SipHeaders: { 'X-Test-Value': 'String' } },
  ])
})

describe('before the answer', () => {
  test.each([
    ['486', 'A refuse busy 486', 486, 'busy'],
    [486, 'A refuse busy 486', 486, 'busy'],
    ['480', 'A refuse unavailable 480', 480, 'unavailable'],
    ['0', 'A refuse hangup 0', 0, 'hangup'],
    [undefined, 'A refuse hangup 0', 0, 'hangup'],
    ['', 'A refuse hangup 0', 0, 'hangup'],
  ])('SipResponseCode %j: %s', async (code, wire, told, cause) => {
    const parameters = code === undefined ? {} : { SipResponseCode: code }
    const world = await World.of(inbound(answer(hangup(parameters))))
    expect(world.wire).toEqual(['A 180', wire])
    expect(world.story).toEqual(['NEW_INBOUND_CALL', `HANGUP LEG-A ${told}`])
    expect(world.record).toMatchObject({ ending: { cause, actor: 'app' }, talk: 0 })
  })

  test.each(['603', 'abc', 500, -1])('SipResponseCode %j fails the action, and the leg is untouched', async (code) => {
    const world = await World.of(inbound(answer(hangup({ SipResponseCode: code }))))
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED Hangup'])
    expect(world.events[1].ActionData).toMatchObject({
      ErrorType: 'InvalidActionParameter',
      ErrorMessage: expect.any(String),
    })
    expect(world.wire).toEqual(['A 180'])
  })
})

/** A is answered and bridged to B; what the handler says next is the test's. */
async function bridged(then: (event: Event) => unknown) {
  const world = await World.of(inbound(answer(speak(), bridge()), then))
  await world.pass(2_000)
  await world.input('B', 'ringing')
  await world.input('B', 'answered')
  return world
}

describe('a bridge', () => {
  const onBridge = (actions: unknown) => (event: Event) =>
    event.ActionData?.Type === 'CallAndBridge' ? actions : answer()

  test('Hangup of LEG-B: B alone is told, HANGUP and ACTION_SUCCESSFUL arrive, A lives', async () => {
    const world = await bridged(onBridge(answer(hangup({ ParticipantTag: 'LEG-B', SipResponseCode: '0' }))))
    expect(world.story).toEqual([
      'NEW_INBOUND_CALL',
      'ACTION_SUCCESSFUL CallAndBridge',
      'HANGUP LEG-B 0',
      'ACTION_SUCCESSFUL Hangup',
    ])
    expect(world.wire).toEqual(['A 180', 'A 200', 'B INVITE', 'B BYE hangup 0'])
    expect(world.records).toEqual([])
    expect(world.events[2].CallDetails.Participants).toMatchObject([
      { Status: 'Connected' },
      { Status: 'Disconnected' },
    ])
  })

  test('Hangup of LEG-A: what HANGUP is answered with runs on LEG-B', async () => {
    const world = await bridged((event) => {
      if (event.ActionData?.Type === 'CallAndBridge') return answer(hangup({ ParticipantTag: 'LEG-A' }))
      return event.InvocationEventType === 'HANGUP' && event.ActionData.Parameters.ParticipantTag === 'LEG-A'
        ? answer(speak('to b'))
        : answer()
    })
    expect(world.wire.at(-1)).toBe('A BYE hangup 0')
    expect(world.sound('B').heard).toEqual(['to b'])
    await world.leaves('B')
    expect(world.story.filter((line) => line.startsWith('HANGUP'))).toEqual(['HANGUP LEG-A 0', 'HANGUP LEG-B 0'])
    expect(world.records).toHaveLength(1)
  })

  test('a party that leaves ends its own leg; a Hangup of the survivor ends the call, never a third HANGUP', async () => {
    const world = await bridged((event) => {
      if (event.InvocationEventType !== 'HANGUP') return answer()
      const other = event.CallDetails.Participants.find((one: Event) => one.Status === 'Connected')
      return other === undefined ? answer() : answer(hangup({ CallId: other.CallId }))
    })
    await world.leaves('A')
    expect(world.story.slice(2)).toEqual(['HANGUP LEG-A 0', 'HANGUP LEG-B 0'])
    expect(world.wire.at(-1)).toBe('B BYE hangup 0')
    expect(world.events.at(-1).CallDetails.Participants).toMatchObject([
      { Status: 'Disconnected' },
      { Status: 'Disconnected' },
    ])
  })

  test('CallId beats ParticipantTag', async () => {
    const world = await bridged((event) => {
      const [a] = event.CallDetails.Participants
      return event.ActionData?.Type === 'CallAndBridge'
        ? answer(hangup({ CallId: a.CallId, ParticipantTag: 'LEG-B' }))
        : answer()
    })
    expect(world.wire.at(-1)).toBe('A BYE hangup 0')
  })

  test.each([{ CallId: 'another-call' }, { CallId: '00000000-0000-4000-8000-000000000000' }])(
    'a CallId of another transaction fails the action: %j',
    async (parameters) => {
      const world = await bridged(onBridge(answer(hangup(parameters))))
      expect(world.story.at(-1)).toBe('ACTION_FAILED Hangup')
      expect(world.events.at(-1).ActionData.ErrorType).toBe('InvalidActionParameter')
      expect(world.wire.filter((line) => line.includes('BYE'))).toEqual([])
    },
  )

  test('a leg that has ended is ended no second time', async () => {
    const world = await bridged((event) => {
      if (event.InvocationEventType !== 'HANGUP') return answer()
      return answer(hangup({ CallId: event.ActionData.Parameters.CallId }))
    })
    await world.leaves('B')
    expect(world.story.slice(2)).toEqual(['HANGUP LEG-B 0', 'ACTION_SUCCESSFUL Hangup'])
    expect(world.wire.filter((line) => line.includes('BYE'))).toEqual([])
    expect(world.records).toEqual([])
  })
})

test('a meeting leg: it leaves, the caller stays, ACTION_SUCCESSFUL tells', async () => {
  const join = { Type: 'JoinChimeMeeting', Parameters: { JoinToken: 't', MeetingId: 'm' } }
  const world = await World.of(
    inbound(answer(join), (event) =>
      event.ActionData?.Type === 'JoinChimeMeeting'
        ? answer(pause(100), hangup({ ParticipantTag: 'LEG-B' }))
        : answer(),
    ),
  )
  await world.pass(200)
  expect(world.wire).toEqual(['A 180', 'A 200', 'B joins', 'B BYE hangup 0'])
  expect(world.story).toEqual([
    'NEW_INBOUND_CALL',
    'ACTION_SUCCESSFUL JoinChimeMeeting',
    'HANGUP LEG-B 0',
    'ACTION_SUCCESSFUL Hangup',
  ])
  expect(world.records).toEqual([])
})

test('an update hangs up on a callee that rings: CANCEL, and one HANGUP', async () => {
  const world = await World.of({
    args: { who: 'alice' },
    handler: (event) => (event.InvocationEventType === 'CALL_UPDATE_REQUESTED' ? answer(hangup()) : answer()),
  })
  await world.input('A', 'ringing')
  expect(await world.update({ leave: 'now' })).toBe(true)
  expect(world.story).toEqual(['NEW_OUTBOUND_CALL', 'RINGING', 'CALL_UPDATE_REQUESTED', 'HANGUP LEG-A 0'])
  expect(world.events[0].ActionData).toEqual({ Type: 'CallCreateRequest', Parameters: { Arguments: { who: 'alice' } } })
  expect(world.record.ending).toMatchObject({ cause: 'cancelled', actor: 'app' })
})
