import { expect, test } from 'vitest'
import { answered, delivery, failed, world } from './deliveries.ts'

test('stopping waits for what is under way and starts nothing more', async () => {
  const { web, clock, ledger, dispatcher, send } = await world({ limits: { perHost: 1 } })
  await send(delivery('under-way'), delivery('waiting'))
  const stopped = dispatcher.stop(5000)
  await clock.pass(1000)
  web.requests[0]?.answer(answered(200))
  await clock.pass(0)
  await stopped
  expect(await ledger.delivery('under-way')).toMatchObject({ state: 'delivered' })
  expect(await ledger.delivery('waiting')).toMatchObject({ state: 'pending', attempts: [] })
  expect(web.requests).toHaveLength(1)
  expect(clock.armed).toBe(0)
})

test('what is not done in time is given up, stays pending, and has used up no attempt', async () => {
  const before = await world()
  await before.send(
    delivery('slow', { policy: { ...delivery('').policy, backoff: [1000] } }),
    delivery('resting', { next: 9000 }),
  )
  const stopped = before.dispatcher.stop(5000)
  await before.clock.pass(5000)
  await stopped
  const slow = await before.ledger.delivery('slow')
  expect(slow).toMatchObject({
    state: 'pending',
    next: 5000,
    attempts: [{ status: null, error: 'aborted: as the test says' }],
  })
  expect(before.clock.armed).toBe(0)

  const after = await world({}, before)
  after.web.reply = () => failed('connect')
  await after.dispatcher.start()
  await after.clock.pass(60_000)
  expect(await after.ledger.delivery('slow')).toMatchObject({ state: 'failed' })
  expect((await after.ledger.delivery('slow'))?.attempts).toHaveLength(3)
})

test('stopping with nothing under way is done at once; what comes later is left to the next process', async () => {
  const { web, ledger, dispatcher, send } = await world()
  await dispatcher.stop(5000)
  await send(delivery('late'))
  expect(web.requests).toHaveLength(0)
  expect(await ledger.delivery('late')).toMatchObject({ state: 'pending' })
})
