/** Published handlers answer RINGING and HANGUP with next to nothing: no call suffers from it. */
import { expect, test } from 'vitest'
import { answer, bridge, World } from './world.ts'

const nothings: readonly unknown[] = [
  [],
  null,
  undefined,
  {},
  '',
  { SchemaVersion: '1.0' },
  { SchemaVersion: '1.0', Actions: null },
]

test.each(nothings)('%j to RINGING', async (nothing) => {
  const world = await World.of({
    args: {},
    handler: ({ InvocationEventType: type }) => (type === 'RINGING' ? nothing : answer()),
  })
  await world.input('A', 'ringing')
  await world.input('A', 'answered')
  expect(world.story).toEqual(['NEW_OUTBOUND_CALL', 'RINGING', 'CALL_ANSWERED'])
  expect(world.records).toEqual([])
})

test.each(nothings.filter((nothing) => JSON.stringify(nothing) !== '{}'))(
  '%j to the HANGUP of one of two',
  async (nothing) => {
    const world = await World.of(({ InvocationEventType: type }) =>
      type === 'NEW_INBOUND_CALL' ? answer(bridge()) : type === 'HANGUP' ? nothing : answer(),
    )
    await world.input('B', 'answered')
    await world.leaves('B')
    expect(world.story).toEqual(['NEW_INBOUND_CALL', 'ACTION_SUCCESSFUL CallAndBridge', 'HANGUP LEG-B 0'])
    expect(world.records).toEqual([])
    await world.leaves('A')
    expect(world.story.slice(3)).toEqual(['HANGUP LEG-A 0'])
  },
)
