import { expect, test } from 'vitest'
import { kinds } from './places.ts'
import { callRecord, delivery, ending, liveRow } from './values.ts'

test.each(kinds)('P3: settling turns a live call into its record and deliveries at once, %s', async (_, open) => {
  const ledger = await open()
  await ledger.store(liveRow('c1'))
  expect(await ledger.live()).toEqual([liveRow('c1')])

  await ledger.settle(callRecord('c1'), [delivery('d1', 'c1'), delivery('d2', 'c1')])
  expect(await ledger.live()).toEqual([])
  expect(await ledger.record('c1')).toEqual({ ...callRecord('c1'), annex: [] })
  expect(await ledger.delivery('d1')).toEqual(delivery('d1', 'c1'))
  expect((await ledger.deliveries({ call: 'c1' }, { limit: 10 })).items.map(({ id }) => id)).toEqual(['d2', 'd1'])
})

test.each(kinds)('P3: a second settle of a call changes nothing, deliveries included, %s', async (_, open) => {
  const ledger = await open()
  await ledger.settle(callRecord('c1'), [delivery('d1', 'c1')])
  const other = callRecord('c1', { ending: ending({ cause: 'busy' }) })
  await ledger.settle(other, [delivery('d2', 'c1')])
  // … and in the same group as the first.
  await Promise.all([ledger.settle(callRecord('c2'), []), ledger.settle(callRecord('c2'), [delivery('d3', 'c2')])])

  expect((await ledger.record('c1'))?.ending.cause).toBe('hangup')
  expect((await ledger.deliveries({}, { limit: 10 })).items.map(({ id }) => id)).toEqual(['d1'])
})

test.each(kinds)('P4: a late store does not bring a settled call back to life, %s', async (_, open) => {
  const ledger = await open()
  await Promise.all([ledger.store(liveRow('c1')), ledger.settle(callRecord('c1'), []), ledger.store(liveRow('c1'))])
  await ledger.store(liveRow('c1'))
  expect(await ledger.live()).toEqual([])
})

test.each(kinds)(
  'P2: the row of a call whose far ends have not confirmed stays as it was, until it is released, %s',
  async (_, open) => {
    const ledger = await open()
    await ledger.store(liveRow('c1'))
    await ledger.settle(callRecord('c1'), [], () => true)
    await ledger.store(liveRow('c1', { began: 2 }))
    await ledger.annex('c1', 1, { type: 'told', leg: 'a', outcome: 'delivered' })
    const record = { ...callRecord('c1'), annex: [{ type: 'told', leg: 'a', outcome: 'delivered', at: 1 }] }
    expect(await ledger.live()).toEqual([{ ...liveRow('c1'), record }])
    await ledger.release('c1')
    expect(await ledger.live()).toEqual([])
    expect(await ledger.record('c1')).toEqual(record)
  },
)

test.each(kinds)('P2: what was to be stored in the turn that settles is in the row that stays, %s', async (_, open) => {
  const ledger = await open()
  await ledger.store(liveRow('c1'))
  await Promise.all([ledger.store(liveRow('c1', { began: 2 })), ledger.settle(callRecord('c1'), [], () => true)])
  expect(await ledger.live()).toMatchObject([{ call: { began: 2 }, record: { id: 'c1' } }])
  await Promise.all([ledger.store(liveRow('c2')), ledger.settle(callRecord('c2'), [], () => true)])
  expect((await ledger.live()).map(({ call }) => call.id)).toEqual(['c1', 'c2'])
})

test.each(kinds)('whether it stays is asked when the record leaves for the disk, %s', async (_, open) => {
  const ledger = await open()
  await ledger.store(liveRow('c1'))
  let confirmed = false
  const settled = ledger.settle(callRecord('c1'), [], () => !confirmed)
  confirmed = true
  await settled
  expect(await ledger.live()).toEqual([])
})

test.each(kinds)('a call settled in the turn it was stored in leaves a record and no live row, %s', async (_, open) => {
  const ledger = await open()
  const stored = ledger.store(liveRow('c1'))
  const settled = ledger.settle(callRecord('c1'), [])
  await Promise.all([stored, settled])
  expect(await ledger.live()).toEqual([])
  expect(await ledger.record('c1')).toBeDefined()
})

test.each(kinds)('of several stores of one call the last one stands, %s', async (_, open) => {
  const ledger = await open()
  await Promise.all([ledger.store(liveRow('c1')), ledger.store(liveRow('c1', { began: 2 }))])
  await ledger.store(liveRow('c2'))
  await ledger.store(liveRow('c1', { began: 3 }))
  expect((await ledger.live()).map(({ call }) => [call.id, call.began])).toEqual([
    ['c1', 3],
    ['c2', liveRow('c2').call.began],
  ])
})
