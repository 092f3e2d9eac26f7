/** Each invocation leaves a line that is fit for a log: what was told and answered, and nobody's number. */
import { expect, test } from 'vitest'
import { answer, hangup, pause, World } from './world.ts'

test('one line of each event, numbered as the events are, with what was answered', async () => {
  const world = await World.of(async (event, here) => {
    if (event.InvocationEventType === 'NEW_INBOUND_CALL') {
      await here.wait(300)
      return { ...answer(pause(10)), TransactionAttributes: { secret: '4111' } }
    }
    return event.InvocationEventType === 'HANGUP' ? { fault: 'function' } : answer(hangup())
  })
  await world.pass(300)
  await world.pass(100)
  await world.pass(100)
  const leg = world.leg('A')
  const common = { application: 'app-1', call: world.call, leg }
  expect(world.lines).toEqual([
    { ...common, sequence: 1, event: 'NEW_INBOUND_CALL', answered: 'Pause', milliseconds: 300 },
    { ...common, sequence: 2, event: 'ACTION_SUCCESSFUL', about: 'Pause', answered: 'Hangup', milliseconds: 0 },
    { ...common, sequence: 3, event: 'HANGUP', about: 'Hangup', answered: 'unreachable', milliseconds: 0 },
  ])
  expect(JSON.stringify(world.lines)).not.toMatch(/\+1415|4111/)
})
