import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { dataPath, opened } from './places.ts'
import { callRecord, liveRow, timer } from './values.ts'

test('P4: the timers of a live call are durable rows that come, change and go with it', async () => {
  const path = dataPath()
  const ledger = await opened(path)
  const db = new DatabaseSync(path, { readOnly: true })
  const timers = () => db.prepare('SELECT call, id, due, cause FROM timers ORDER BY due').all()

  await ledger.store(liveRow('c1', { timers: [timer('limit', 900), timer('scheduled', 500)] }))
  await ledger.store(liveRow('c2'))
  expect(timers()).toEqual([
    { call: 'c1', id: 'scheduled', due: 500, cause: 'scheduled' },
    { call: 'c1', id: 'limit', due: 900, cause: 'scheduled' },
  ])
  await ledger.store(liveRow('c1', { timers: [timer('limit', 950)] }))
  expect(timers()).toEqual([{ call: 'c1', id: 'limit', due: 950, cause: 'scheduled' }])
  expect((await ledger.live())[0]?.call.timers).toEqual([timer('limit', 950)])
  await ledger.settle(callRecord('c1'), [])
  expect(timers()).toEqual([])
  db.close()
})
