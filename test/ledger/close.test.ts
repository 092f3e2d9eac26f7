import { readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { createLedger } from '../../src/ledger/ledger.ts'
import { dataPath, kinds, opened } from './places.ts'
import { callRecord, liveRow } from './values.ts'

test('closing waits for everything written before it', async () => {
  const path = dataPath()
  const ledger = await opened(path)
  const written = Promise.all([ledger.store(liveRow('c1')), ledger.settle(callRecord('c2'), [])])
  await ledger.close()
  await written
  const again = await opened(path)
  expect((await again.live()).map(({ call }) => call.id)).toEqual(['c1'])
  expect(await again.record('c2')).toBeDefined()
})

test.each(kinds)('a closed ledger, or one not opened yet, refuses by its code, %s', async (_, open) => {
  const closed = await open()
  await closed.close()
  await closed.close()
  for (const ledger of [closed, createLedger({ memory: true })]) {
    for (const attempt of [
      () => ledger.store(liveRow('c1')),
      () => ledger.settle(callRecord('c1'), []),
      () => ledger.annex('c1', 1, { type: 'told', leg: 'a', outcome: 'delivered' }),
      () => ledger.enqueue([]),
      () => ledger.attempted('d', { at: 1, milliseconds: 1, status: null, error: null }, 'failed', null),
      () => ledger.live(),
      () => ledger.records({}, { limit: 1 }),
      () => ledger.replay('d', 1),
      () => ledger.probe(1),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'ledger.closed' })
    }
  }
})

test('a clean close leaves the data file, which only its owner may read, and the lock’s empty one', async () => {
  const path = dataPath()
  const ledger = await opened(path)
  await ledger.settle(callRecord('c1'), [])
  await ledger.close()
  expect(readdirSync(dirname(path))).toEqual(['ledger.db', 'ledger.db.lock'])
  expect(statSync(`${path}.lock`).size).toBe(0)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})
