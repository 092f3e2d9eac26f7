import { expect, test } from 'vitest'
import { readLedger } from '../../src/ledger/read-ledger.ts'
import { dataPath, opened } from './places.ts'
import { callRecord, delivery, liveRow } from './values.ts'

test('a command reads beside a running server, sees each commit, and still reads when the server is gone', async () => {
  const path = dataPath()
  const ledger = await opened(path)
  await ledger.store(liveRow('c1'))
  const reader = readLedger(path)
  expect((await reader.live()).map(({ call }) => call.id)).toEqual(['c1'])
  expect(await reader.record('c1')).toBeUndefined()

  await ledger.settle(callRecord('c1'), [delivery('d1', 'c1')])
  expect(await reader.live()).toEqual([])
  expect(await reader.record('c1')).toMatchObject({ id: 'c1' })
  expect((await reader.records({ cause: 'hangup' }, { limit: 5 })).items).toHaveLength(1)
  expect((await reader.deliveries({ call: 'c1' }, { limit: 5 })).items).toHaveLength(1)

  await ledger.close()
  expect(await reader.delivery('d1')).toBeDefined()
  await reader.close()

  const afterwards = readLedger(path)
  expect(await afterwards.record('c1')).toMatchObject({ id: 'c1' })
  await afterwards.close()
})
