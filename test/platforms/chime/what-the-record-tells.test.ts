/** Each leg of the record has its own ending, and the call's is the last. */
import { expect, test } from 'vitest'
import { answer, bridge, hangup, World } from './world.ts'

test('the legs of the record tell who left first; its own ending is the last', async () => {
  const world = await World.of((event) => {
    if (event.InvocationEventType === 'NEW_INBOUND_CALL') return answer(bridge())
    return answer(...(event.InvocationEventType === 'HANGUP' ? [hangup()] : []))
  })
  await world.input('B', 'answered')
  await world.pass(1_000)
  await world.leaves('A')
  expect(world.record.legs.map(({ ending }) => [ending.cause, ending.actor])).toEqual([
    ['hangup', 'caller'],
    ['hangup', 'app'],
  ])
  expect(world.record.ending).toMatchObject({ cause: 'hangup', actor: 'app' })
})

test('a called leg that never answers is told of by ACTION_FAILED alone, and stands in the record', async () => {
  const world = await World.of((event) =>
    answer(...(event.InvocationEventType === 'NEW_INBOUND_CALL' ? [bridge()] : [hangup()])),
  )
  await world.leaves('B', { cause: 'busy', codes: { sip: 486 } })
  expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_FAILED CallAndBridge', 'HANGUP LEG-A 0'])
  expect(JSON.stringify(world.events)).not.toContain(world.leg('B'))
  expect(world.record.legs.map(({ ending }) => ending.cause)).toEqual(['hangup', 'busy'])
})
