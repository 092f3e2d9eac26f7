/** Rows that nobody would miss after a crash come to the disk later, or not at all if more is written of their calls before. */
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { dataPath, kinds, opened } from './places.ts'
import { callRecord, liveRow } from './values.ts'

const began = async (ledger: { live(): Promise<readonly { call: { began: number } }[]> }) =>
  (await ledger.live()).map(({ call }) => call.began)

test.each(kinds)('it comes within a second, and whoever wants to know hears of it then, %s', async (_, open) => {
  const ledger = await open()
  await ledger.store(liveRow('c1', { began: 1 }))
  const at = performance.now()
  const stored = ledger.store(liveRow('c1', { began: 2 }), 'later')
  expect(await began(ledger)).toEqual([1])
  await stored
  expect(performance.now() - at).toBeGreaterThan(450)
  expect(await began(ledger)).toEqual([2])
})

test.each(kinds)('of a call that changes again and again it comes too, as it is last, %s', async (_, open) => {
  const ledger = await open()
  await ledger.store(liveRow('c1', { began: 1 }))
  let changes = 1
  const change = () => ledger.store(liveRow('c1', { began: ++changes }), 'later')
  const stored = change()
  const changing = setInterval(change, 50)
  await stored
  clearInterval(changing)
  expect((await began(ledger))[0]).toBeGreaterThan(3)
})

test.each(kinds)('a row that must be there now takes its place, %s', async (_, open) => {
  const ledger = await open()
  await ledger.store(liveRow('c1', { began: 1 }))
  const later = ledger.store(liveRow('c1', { began: 2 }), 'later')
  await Promise.all([ledger.store(liveRow('c1', { began: 3 })), later])
  expect(await began(ledger)).toEqual([3])
})

test.each(kinds)('one that comes in the turn of a row that must be there now goes along, %s', async (_, open) => {
  const ledger = await open()
  await Promise.all([ledger.store(liveRow('c1', { began: 1 })), ledger.store(liveRow('c1', { began: 2 }), 'later')])
  expect(await began(ledger)).toEqual([2])
})

test.each(kinds)('a record takes its place, and no row comes after it, %s', async (_, open) => {
  const ledger = await open()
  await ledger.store(liveRow('c1', { began: 1 }))
  const later = ledger.store(liveRow('c1', { began: 2 }), 'later')
  await Promise.all([ledger.settle(callRecord('c1'), []), later])
  expect(await ledger.live()).toEqual([])
  expect(await ledger.record('c1')).toBeDefined()
})

test.each(kinds)('P2: it is the row that stays beside the record, if one has to, %s', async (_, open) => {
  const ledger = await open()
  await ledger.store(liveRow('c1', { began: 1 }))
  void ledger.store(liveRow('c1', { began: 2 }), 'later')
  await ledger.settle(callRecord('c1'), [], () => true)
  expect(await ledger.live()).toMatchObject([{ call: { began: 2 }, record: { id: 'c1' } }])
})

test('at the close it comes to the disk', async () => {
  const path = dataPath()
  const ledger = await opened(path)
  await ledger.store(liveRow('c1', { began: 1 }))
  const stored = ledger.store(liveRow('c1', { began: 2 }), 'later')
  await ledger.close()
  await stored
  const db = new DatabaseSync(path, { readOnly: true })
  expect(db.prepare("SELECT body ->> '$.call.began' AS began FROM calls").all()).toEqual([{ began: 2 }])
  db.close()
})
