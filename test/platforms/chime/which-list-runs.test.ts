/** Which list runs, on which leg, where two events come close together. */
import { expect, test } from 'vitest'
import { answer, bridge, type Event, hangup, pause, speak, World } from './world.ts'

const type = (event: Event) => event.InvocationEventType as string
const is = (event: Event, what: string, action: string) => type(event) === what && event.ActionData.Type === action

/** A and B are bridged; what came before is of no interest. */
async function bridged(first: readonly unknown[], then: (event: Event) => unknown) {
  const world = await World.of((event) =>
    type(event) === 'NEW_INBOUND_CALL' ? answer(bridge(), ...first) : then(event),
  )
  await world.input('B', 'answered')
  return world
}

test('what a HANGUP is answered with runs, whatever is answered to the ACTION_SUCCESSFUL of its Hangup', async () => {
  const world = await bridged([], (event) => {
    if (is(event, 'ACTION_SUCCESSFUL', 'CallAndBridge')) return answer(hangup({ ParticipantTag: 'LEG-B' }))
    if (type(event) === 'HANGUP') return answer(speak('one'), speak('never'))
    return is(event, 'ACTION_SUCCESSFUL', 'Hangup') ? answer(speak('two')) : answer()
  })
  for (let n = 0; n < 4; n++) await world.pass(2_000)
  expect(world.sound('A').heard).toEqual(['one', 'two'])
})

test('take back and transfer: [] to the HANGUP, the next call in answer to the ACTION_SUCCESSFUL', async () => {
  let bridges = 0
  const world = await bridged([], (event) => {
    if (is(event, 'ACTION_SUCCESSFUL', 'CallAndBridge') && bridges++ === 0)
      return answer(hangup({ ParticipantTag: 'LEG-B' }))
    return is(event, 'ACTION_SUCCESSFUL', 'Hangup') ? answer(bridge()) : answer()
  })
  expect(world.wire.slice(-2)).toEqual(['B BYE hangup 0', 'C INVITE'])
  world.switchboard.dispatch(world.call, { type: 'answered', at: world.clock.now(), leg: world.leg('C') })
  await world.pass(0)
  expect(world.events.at(-1).CallDetails.Participants).toMatchObject([
    { ParticipantTag: 'LEG-A', CallId: world.leg('A'), Status: 'Connected' },
    { ParticipantTag: 'LEG-B', CallId: world.leg('C'), Status: 'Connected' },
  ])
})

test('a list that goes on keeps to the leg that it was given for', async () => {
  const keys = {
    Type: 'ReceiveDigits',
    Parameters: {
      ParticipantTag: 'LEG-B',
      InputDigitsRegex: '^1$',
      InBetweenDigitsDurationInMilliseconds: 500,
      FlushDigitsDurationInMilliseconds: 600,
    },
  }
  const world = await bridged([keys, pause(5_000), speak('to a')], () => answer())
  world.sound('B').press('1')
  await world.pass(1_000)
  expect(type(world.events.at(-1))).toBe('DIGITS_RECEIVED')
  expect(world.events.at(-1).ActionData).toMatchObject({ Type: 'ReceiveDigits', ReceivedDigits: '1' })
  await world.pass(6_000)
  expect(world.sound('A').heard).toEqual(['to a'])
  expect(world.sound('B').heard).toEqual([])
})

test('nothing is told after the last HANGUP', async () => {
  for (const last of [hangup(), hangup({ ParticipantTag: 'LEG-A' }), hangup({ SipResponseCode: 486 })]) {
    const world = await World.of((event) => (type(event) === 'NEW_INBOUND_CALL' ? answer(last, speak()) : answer(last)))
    await world.pass(1_000)
    expect(world.story.at(-1)).toMatch(/^HANGUP LEG-A/)
    expect(world.events).toHaveLength(2)
  }
})

test('both legs hung up by one list: each is told of, the last HANGUP is the last event', async () => {
  const both = answer(hangup({ ParticipantTag: 'LEG-B' }), hangup({ ParticipantTag: 'LEG-A' }))
  const world = await bridged([], (event) => (is(event, 'ACTION_SUCCESSFUL', 'CallAndBridge') ? both : answer()))
  expect(world.story.slice(2)).toEqual(['HANGUP LEG-B 0', 'ACTION_SUCCESSFUL Hangup', 'HANGUP LEG-A 0'])
  expect(world.wire.slice(-2)).toEqual(['B BYE hangup 0', 'A BYE hangup 0'])
  expect(world.records).toHaveLength(1)
})

test('the record tells that an update hung up', async () => {
  const world = await World.of((event) =>
    type(event) === 'NEW_INBOUND_CALL'
      ? answer(pause(30_000))
      : type(event).startsWith('CALL_UPDATE')
        ? answer(hangup())
        : answer(),
  )
  await world.update({ leave: 'now' })
  await world.pass(100)
  expect(world.record.ending).toMatchObject({ actor: 'app', detail: 'Hangup with 0, in answer to an update' })
})

test('failures of a meeting carry the old text besides', async () => {
  const join = { Type: 'JoinChimeMeeting', Parameters: { JoinToken: 't' } }
  const world = await bridged([join], () => answer())
  const failed = world.events.find((event) => is(event, 'ACTION_FAILED', 'JoinChimeMeeting'))
  expect(failed.ActionData).toMatchObject({
    ErrorType: 'InvalidActionParameter',
    ErrorMessage: 'the call leg is bridged already',
    Error: 'InvalidActionParameter: the call leg is bridged already',
  })
})

test('an update that hangs up a leg that is not there fails, and the callee goes on ringing', async () => {
  const world = await World.of({
    args: {},
    handler: (event) =>
      type(event) === 'CALL_UPDATE_REQUESTED' ? answer(hangup({ ParticipantTag: 'LEG-B' })) : answer(),
  })
  await world.input('A', 'ringing')
  await world.update({})
  expect(world.story.at(-1)).toBe('ACTION_FAILED Hangup')
  expect(world.wire.filter((line) => line.includes('CANCEL'))).toEqual([])
})

test('a leg that has ended is told of before another takes its place, however slow the function', async () => {
  const keys = {
    Type: 'SpeakAndGetDigits',
    Parameters: { SpeechParameters: { Text: 'x' }, RepeatDurationInMilliseconds: 9_000, MaxNumberOfDigits: 1 },
  }
  const world = await World.of(async (event, here) => {
    if (type(event) === 'NEW_INBOUND_CALL') return answer(bridge(), keys)
    if (type(event) === 'CALL_UPDATE_REQUESTED' || is(event, 'ACTION_SUCCESSFUL', 'SpeakAndGetDigits'))
      await here.wait(2_000)
    return type(event) === 'CALL_UPDATE_REQUESTED' ? answer(bridge()) : answer()
  })
  await world.input('B', 'answered')
  await world.update({})
  world.sound('A').press('1')
  await world.pass(500)
  await world.leaves('B')
  await world.pass(2_000)
  const c = () =>
    world.switchboard.dispatch(world.call, { type: 'answered', at: world.clock.now(), leg: world.leg('C') })
  if (world.leg('C') !== '') c()
  await world.pass(3_000)
  const hung = world.events.find((event) => type(event) === 'HANGUP')
  expect(hung.ActionData.Parameters).toMatchObject({ CallId: world.leg('B'), ParticipantTag: 'LEG-B' })
  expect(hung.CallDetails.Participants).toMatchObject([
    { CallId: world.leg('A'), Status: 'Connected' },
    { CallId: world.leg('B'), Status: 'Disconnected' },
  ])
  expect(world.wire.at(-1)).toBe('C INVITE')
  expect(world.story.slice(2)).toEqual([
    'CALL_UPDATE_REQUESTED',
    'ACTION_SUCCESSFUL SpeakAndGetDigits',
    'HANGUP LEG-B 0',
  ])
})
