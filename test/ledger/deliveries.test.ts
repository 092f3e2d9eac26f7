import { expect, test } from 'vitest'
import { kinds } from './places.ts'
import { delivery } from './values.ts'

test.each(kinds)('attempts are kept in order with what they met, %s', async (_, open) => {
  const ledger = await open()
  await ledger.enqueue([delivery('d1', 'c1')])
  const refused = { at: 1, milliseconds: 3, status: null, error: 'connect' }
  const taken = { at: 2, milliseconds: 4, status: 200, error: null }
  await ledger.attempted('d1', refused, 'pending', 99)
  expect(await ledger.delivery('d1')).toEqual(delivery('d1', 'c1', { next: 99, attempts: [refused] }))
  await ledger.attempted('d1', taken, 'delivered', null)
  expect(await ledger.delivery('d1')).toEqual(
    delivery('d1', 'c1', { state: 'delivered', next: null, attempts: [refused, taken] }),
  )
})

test.each(kinds)('enqueueing a delivery again does not send it again, %s', async (_, open) => {
  const ledger = await open()
  await ledger.enqueue([delivery('d1', 'c1')])
  await ledger.attempted('d1', { at: 1, milliseconds: 1, status: 200, error: null }, 'delivered', null)
  await ledger.enqueue([delivery('d1', 'c1')])
  expect(await ledger.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
})

test.each(kinds)('deliveries are due in the order of their time, the finished ones never, %s', async (_, open) => {
  const ledger = await open()
  await ledger.enqueue([
    delivery('late', 'c1', { next: 300 }),
    delivery('soon', 'c1', { next: 100 }),
    delivery('done', 'c1', { state: 'delivered', next: null }),
    delivery('next', 'c1', { next: 200 }),
  ])
  expect((await ledger.due(250, 10)).map(({ id }) => id)).toEqual(['soon', 'next'])
  expect((await ledger.due(1000, 1)).map(({ id }) => id)).toEqual(['soon'])
})

test.each(kinds)('what is pending can be given another body, what is done cannot, %s', async (_, open) => {
  const ledger = await open()
  await ledger.enqueue([delivery('d1', 'c1'), delivery('d2', 'c1', { state: 'failed', next: null })])
  await ledger.amend('d1', '{"n":"2\\u0000"}')
  await ledger.amend('d2', '{"n":"2"}')
  await ledger.amend('nobody', '{}')
  expect(await ledger.delivery('d1')).toEqual(delivery('d1', 'c1', { body: '{"n":"2\\u0000"}' }))
  expect(await ledger.delivery('d2')).toEqual(delivery('d2', 'c1', { state: 'failed', next: null }))
})

test.each(kinds)('a replay makes a delivery due again under the same identity, %s', async (_, open) => {
  const ledger = await open()
  const attempt = { at: 1, milliseconds: 1, status: 500, error: null }
  await ledger.enqueue([delivery('d1', 'c1')])
  await ledger.attempted('d1', attempt, 'failed', null)
  const replayed = delivery('d1', 'c1', { next: 777, attempts: [attempt] })
  expect(await ledger.replay('d1', 777)).toEqual(replayed)
  expect(await ledger.due(1000, 10)).toEqual([replayed])
  expect(await ledger.replay('nobody', 1)).toBeUndefined()
})

test.each(kinds)('deliveries are found by call and by state, %s', async (_, open) => {
  const ledger = await open()
  await ledger.enqueue([delivery('a', 'c1'), delivery('b', 'c2'), delivery('c', 'c1', { state: 'failed', next: null })])
  const ids = async (filter: Parameters<typeof ledger.deliveries>[0]) =>
    (await ledger.deliveries(filter, { limit: 10 })).items.map(({ id }) => id).join('')
  expect(await ids({})).toBe('cba')
  expect(await ids({ call: 'c1' })).toBe('ca')
  expect(await ids({ state: 'pending' })).toBe('ba')
  expect(await ids({ call: 'c1', state: 'failed' })).toBe('c')
})
