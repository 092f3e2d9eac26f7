import { expect, test } from 'vitest'
import { kinds } from './places.ts'
import { callRecord, ending } from './values.ts'

test.each(kinds)('what is learnt after the record stands beside it, in order, %s', async (_, open) => {
  const ledger = await open()
  await ledger.settle(callRecord('c1'), [])
  await ledger.settle(callRecord('c2'), [])
  const late = { type: 'late', leg: 'c1-a', ending: ending({ cause: 'busy' }) } as const
  const told = { type: 'told', leg: 'c1-a', outcome: 'delivered' } as const
  await Promise.all([ledger.annex('c1', 10, late), ledger.annex('c1', 5, told)])
  await ledger.annex('c1', 20, told)

  const annex = [
    { ...late, at: 10 },
    { ...told, at: 5 },
    { ...told, at: 20 },
  ]
  expect(await ledger.record('c1')).toEqual({ ...callRecord('c1'), annex })
  const page = await ledger.records({}, { limit: 10 })
  expect(page.items.map((record) => record.annex.length)).toEqual([0, 3])
})
