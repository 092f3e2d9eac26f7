import { expect, test } from 'vitest'
import { answer, type Event, World } from './world.ts'

const talk = (arn = 'arn:bot') => ({
  Type: 'StartBotConversation',
  Parameters: {
    BotAliasArn: arn,
    LocaleId: 'en_US',
    Configuration: {
      SessionState: { SessionAttributes: { from: 'test' }, DialogAction: { Type: 'ElicitIntent' } },
      WelcomeMessages: [{ Content: '<speak>Hello <b/> you</speak>', ContentType: 'SSML' }],
    },
  },
})
const handler = (action: unknown) => (event: Event) =>
  event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(action) : answer()

test.each([
  ['1', 'Sales', ['Hello you', 'sales'], {}],
  ['456', 'Order', ['Hello you'], { number: { Value: expect.objectContaining({ InterpretedValue: '456' }) } }],
])('understands keys %s as %s', async (keys, name, heard, slots) => {
  const world = await World.of(handler(talk()))
  await world.pass(2_000)
  world.sound('A').press(keys)
  await world.pass(2_000)
  const data = world.events.at(-1).ActionData
  expect(world.story.at(-1)).toBe('ACTION_SUCCESSFUL StartBotConversation')
  expect(data.IntentResult).toMatchObject({
    SessionId: world.leg('A'),
    SessionState: { SessionAttributes: { from: 'test' }, Intent: { Name: name, Slots: slots } },
  })
  expect(world.sound('A').heard).toEqual(heard)
})

test('understands nothing: asks again, then the fallback intent, failed', async () => {
  const world = await World.of(handler(talk()))
  for (let n = 0; n < 10; n++) await world.pass(2_000)
  expect(world.sound('A').heard).toEqual(['Hello you', 'again'])
  expect(world.events.at(-1).ActionData.IntentResult.SessionState.Intent).toMatchObject({
    Name: 'FallbackIntent',
    State: 'Failed',
  })
})

test('a bot that is not configured: ResourceNotFound', async () => {
  const world = await World.of(handler(talk('arn:other')))
  expect(world.events.at(-1).ActionData).toMatchObject({ ErrorType: 'ResourceNotFound' })
})

test('a caller who leaves in the middle: the action tells, then one HANGUP', async () => {
  const world = await World.of(handler(talk()))
  await world.pass(500)
  await world.leaves('A')
  expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED StartBotConversation', 'HANGUP LEG-A 0'])
})

test('a bot that hangs keeps no HANGUP from the function', async () => {
  const world = await World.of({ handler: handler(talk()), bot: { converse: () => new Promise(() => {}) } })
  await world.pass(1_000)
  await world.leaves('A')
  expect(world.record.ending).toMatchObject({ cause: 'hangup', actor: 'caller' })
  await world.pass(6_000)
  expect(world.story.slice(1)).toEqual(['ACTION_FAILED StartBotConversation', 'HANGUP LEG-A 0'])
  expect(world.switchboard.size).toBe(0)
})
