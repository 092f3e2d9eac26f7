/** The function is asked before anybody answers (checklist 3): the caller has heard 180, no 200, and no sound of ours. */
import { expect, it } from 'vitest'
import { action, answer, hangup } from './handler.ts'
import { stage, until, wireOf } from './stage.ts'

it('180 while the function thinks; the 200 comes with its first action, once, and the sound after it', async () => {
  let think = (): void => {}
  const thought = new Promise<void>((resolve) => {
    think = resolve
  })
  const { phone, endpoint } = await stage({
    async handler({ InvocationEventType: type }) {
      if (type === 'NEW_INBOUND_CALL') await thought
      return type === 'NEW_INBOUND_CALL' ? answer(action('Speak', { Text: 'hello' }), hangup()) : answer()
    },
  })
  const call = await (await phone()).call('+15550100')
  await until(() => endpoint.events.length === 1)
  await call.ringing()
  // As long as any prompt would need.
  await new Promise((resolve) => setTimeout(resolve, 300))
  // A 100 is for what takes longer than 200 ms (RFC 3261, 8.2.6.1); a busy machine may be that late.
  const wire = () => wireOf(call).filter((line) => line !== '← 100 INVITE')
  expect(wire()).toEqual(['→ INVITE', '← 180 INVITE'])
  expect(call.packetsReceived).toBe(0)
  expect(endpoint.events[0].CallDetails.Participants[0]).not.toHaveProperty('Status')
  think()
  await call.answered()
  await until(() => call.packetsReceived > 0)
  expect(await call.ended(20_000)).toMatchObject({ by: 'them', how: 'BYE' })
  expect(wire()).toEqual(['→ INVITE', '← 180 INVITE', '← 200 INVITE', '→ ACK', '← BYE Q.850;cause=16', '→ 200 BYE'])
})

it('a Pause first answers nobody: the caller hears nothing but 180 for as long', async () => {
  const { phone, endpoint } = await stage({
    handler: ({ InvocationEventType: type }) =>
      type === 'NEW_INBOUND_CALL'
        ? answer(action('Pause', { DurationInMilliseconds: 200 }), hangup(undefined, '486'))
        : answer(),
  })
  const call = await (await phone()).call('+15550100')
  expect(await call.ended()).toMatchObject({ how: 'refusal', status: 486 })
  expect(wireOf(call).some((line) => line.includes('200 INVITE'))).toBe(false)
  await until(() => endpoint.hangups().length === 1)
})
