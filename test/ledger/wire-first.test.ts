/** A group leaves for the disk only when what its turn says on the wire has gone: a process that dies between has said what it recorded. */
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { createLedger } from '../../src/ledger/ledger.ts'
import { dataPath } from './places.ts'
import { callRecord } from './values.ts'

test('P8: the wire is asked to send before each group, and nothing of the group is on disk by then', async () => {
  const path = dataPath()
  const seen: number[] = []
  const ledger = createLedger({ path, leaving: () => void seen.push(recorded()) })
  onTestFinished(() => ledger.close())
  await ledger.open()
  const db = new DatabaseSync(path, { readOnly: true })
  onTestFinished(() => db.close())
  const recorded = () => Number(db.prepare('SELECT count(*) AS n FROM records').get()!.n)
  await ledger.settle(callRecord('c1'), [])
  await ledger.settle(callRecord('c2'), [])
  expect(seen).toEqual([0, 1])
  expect(recorded()).toBe(2)
})
