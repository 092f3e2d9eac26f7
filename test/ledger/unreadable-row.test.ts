import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { createLedger } from '../../src/ledger/ledger.ts'
import { dataPath, opened } from './places.ts'
import { liveRow } from './values.ts'

test('a live row that is no JSON is set aside, said, and keeps no other call from its end', async () => {
  const path = dataPath()
  const before = await opened(path)
  await before.store(liveRow('whole'))
  await before.store(liveRow('broken'))
  await before.close()
  const db = new DatabaseSync(path)
  db.exec(`UPDATE calls SET body = '{"call":' WHERE id = 'broken'`)
  db.close()

  const unreadable: string[] = []
  const ledger = createLedger({ path, onUnreadable: (call) => unreadable.push(call) })
  onTestFinished(() => ledger.close())
  await ledger.open()
  expect((await ledger.live()).map(({ call }) => call.id)).toEqual(['whole'])
  expect(unreadable).toEqual(['broken'])
  // Once: at the next start it is live no more, and still there for people.
  expect((await ledger.live()).map(({ call }) => call.id)).toEqual(['whole'])
  expect(unreadable).toEqual(['broken'])
  await ledger.close()
  const after = new DatabaseSync(path)
  expect(after.prepare(`SELECT value FROM meta WHERE key = 'unreadable-call:broken'`).get()?.value).toBe('{"call":')
  after.close()
})
