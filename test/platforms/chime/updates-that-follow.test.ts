/** What an update is answered with begins before the next event is told, however close that comes: no Hangup is lost among updates. */
import { expect, test } from 'vitest'
import { answer, bridge, type Event, hangup, pause, speak, World } from './world.ts'

const type = (event: Event) => event.InvocationEventType as string
const asked = (event: Event) => event.ActionData.Parameters.Arguments.want as string

/** Updates that come before the function has answered the first of them. */
async function flood(world: World, ...wants: string[]) {
  for (const want of wants) world.platform.update('app-1', world.call, { want })
  await world.pass(5_000)
}

test.each([['in a Pause', [pause(30_000)]] as const, ['without an action', [speak('welcome')]] as const])(
  'a Hangup that another update follows, %s',
  async (_, first) => {
    const world = await World.of(async (event, here) => {
      if (type(event) === 'NEW_INBOUND_CALL') return answer(...first)
      if (type(event) !== 'CALL_UPDATE_REQUESTED') return answer()
      await here.wait(500)
      return answer(asked(event) === 'leave' ? hangup({ SipResponseCode: 486 }) : speak('never'))
    })
    await world.pass(2_000)
    await flood(world, 'leave', 'speak', 'speak')
    expect(world.wire.at(-1)).toMatch(/^A (BYE|refuse) busy 486$/)
    expect(world.story.filter((line) => line.startsWith('CALL_UPDATE'))).toHaveLength(1)
    expect(world.story.at(-1)).toBe('HANGUP LEG-A 486')
    expect(world.sound('A').heard).not.toContain('never')
    expect(world.record.ending).toMatchObject({ cause: 'busy', actor: 'app' })
  },
)

test('each of four updates hangs up a leg of a bridge: both have gone, each was told of once', async () => {
  const world = await World.of(async (event, here) => {
    if (type(event) === 'NEW_INBOUND_CALL') return answer(bridge())
    if (type(event) !== 'CALL_UPDATE_REQUESTED') return answer()
    await here.wait(100)
    return answer(hangup({ ParticipantTag: asked(event) }))
  })
  await world.input('B', 'answered')
  await flood(world, 'LEG-A', 'LEG-B', 'LEG-A', 'LEG-B')
  expect(world.story.slice(2)).toEqual([
    'CALL_UPDATE_REQUESTED',
    'HANGUP LEG-A 0',
    'CALL_UPDATE_REQUESTED',
    'ACTION_SUCCESSFUL Hangup',
    'HANGUP LEG-B 0',
  ])
  expect(world.wire.slice(-2)).toEqual(['A BYE hangup 0', 'B BYE hangup 0'])
})

test('a call that is set up is interrupted, not refused: what CallNotAnswered is answered with does not come in between', async () => {
  const world = await World.of((event) => {
    if (type(event) === 'NEW_INBOUND_CALL') return answer(speak(), bridge())
    if (type(event) === 'ACTION_FAILED') return answer(speak('nobody is there'))
    return type(event) === 'CALL_UPDATE_REQUESTED' ? answer(pause(1_000), hangup()) : answer()
  })
  await world.pass(2_000)
  await world.input('B', 'ringing')
  await world.update({})
  expect(world.wire.at(-1)).toBe('B CANCEL cancelled')
  await world.pass(2_000)
  expect(world.story.slice(1)).toEqual(['CALL_UPDATE_REQUESTED', 'ACTION_INTERRUPTED CallAndBridge', 'HANGUP LEG-A 0'])
  expect(world.sound('A').heard).not.toContain('nobody is there')
})

test('what cannot be interrupted holds up neither the next event nor a HANGUP', async () => {
  const bot = { converse: () => new Promise<null>(() => {}) }
  const world = await World.of({
    bot,
    handler: (event) =>
      type(event) === 'NEW_INBOUND_CALL'
        ? answer({ Type: 'StartBotConversation', Parameters: { BotAliasArn: 'arn:bot' } })
        : type(event) === 'CALL_UPDATE_REQUESTED'
          ? answer(hangup())
          : answer(),
  })
  await flood(world, 'one', 'two')
  expect(world.story.slice(1)).toEqual(['CALL_UPDATE_REQUESTED', 'CALL_UPDATE_REQUESTED'])
  await world.leaves('A')
  await world.pass(10_000)
  expect(world.story.slice(-2)).toEqual(['ACTION_FAILED StartBotConversation', 'HANGUP LEG-A 0'])
})

test('keys that were pressed are not told once the call has ended: the HANGUP does not wait for them', async () => {
  const keys = {
    Type: 'ReceiveDigits',
    Parameters: {
      InputDigitsRegex: '^\\d$',
      InBetweenDigitsDurationInMilliseconds: 100,
      FlushDigitsDurationInMilliseconds: 200,
    },
  }
  const world = await World.of(async (event, here) => {
    if (type(event) === 'DIGITS_RECEIVED') await here.wait(4_000)
    return type(event) === 'NEW_INBOUND_CALL' ? answer(speak(), keys) : answer()
  })
  await world.pass(2_000)
  for (const key of '123') {
    world.sound('A').press(key)
    await world.pass(300)
  }
  await world.leaves('A')
  await world.pass(5_000)
  expect(world.story.slice(-2)).toEqual(['DIGITS_RECEIVED', 'HANGUP LEG-A 0'])
  expect(world.story.filter((line) => line === 'DIGITS_RECEIVED')).toHaveLength(1)
})
