import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { migrate } from '../../src/ledger/database.ts'
import { migrations, schemaVersion } from '../../src/ledger/migrations/index.ts'
import { deliveryColumns, settleWrite, storeWrite } from '../../src/ledger/write.ts'
import { createWriter } from '../../src/ledger/writer.ts'
import { dataPath, opened } from './places.ts'
import { callRecord, delivery, liveRow } from './values.ts'

function schemaOf(db: DatabaseSync): unknown {
  return db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()
}

/** A data file as version `version` of the program left it, with a call of each kind in it. */
function oldFile(version: number): string {
  const path = dataPath()
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode = WAL')
  migrate(db, 0, version)
  const writer = createWriter(db)
  writer.commit([
    storeWrite(liveRow('live')),
    settleWrite(callRecord('ended'), [delivery('d1', 'ended')]),
    ['annex', 'ended', 5, JSON.stringify({ type: 'told', leg: 'ended-a', outcome: 'delivered' })],
    ['enqueue', [deliveryColumns(delivery('d2', 'live'))]],
  ])
  db.close()
  return path
}

test('the steps are numbered without a gap', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
  expect(schemaVersion).toBeGreaterThan(1)
})

test.each(migrations.map(({ version }) => version))(
  'a file of version %i opens with all that was in it',
  async (version) => {
    const path = oldFile(version)
    const ledger = await opened(path)
    expect(await ledger.live()).toEqual([liveRow('live')])
    expect((await ledger.records({ cause: 'hangup' }, { limit: 9 })).items).toEqual([
      { ...callRecord('ended'), annex: [{ type: 'told', leg: 'ended-a', outcome: 'delivered', at: 5 }] },
    ])
    expect((await ledger.due(Number.MAX_SAFE_INTEGER, 9)).map(({ id }) => id)).toEqual(['d1', 'd2'])
    await ledger.close()

    const migrated = new DatabaseSync(path)
    const fresh = new DatabaseSync(':memory:')
    migrate(fresh, 0)
    expect(schemaOf(migrated)).toEqual(schemaOf(fresh))
    expect(migrated.prepare('PRAGMA user_version').get()).toEqual({ user_version: schemaVersion })
    migrated.close()
  },
)

test('a step that fails leaves the file at the version it had', async () => {
  const path = oldFile(1)
  const db = new DatabaseSync(path)
  db.exec('CREATE TABLE in_the_way (a); CREATE INDEX records_by_end ON in_the_way (a)')
  const before = schemaOf(db)
  db.close()
  await expect(opened(path)).rejects.toMatchObject({ code: 'ledger.open' })
  const after = new DatabaseSync(path)
  expect(schemaOf(after)).toEqual(before)
  expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  after.close()
})

test('filters on records read an index, not every record', async () => {
  const path = dataPath()
  await (await opened(path)).close()
  const db = new DatabaseSync(path)
  const plan = db
    .prepare("EXPLAIN QUERY PLAN SELECT body FROM records WHERE cause = 'busy' ORDER BY ended DESC, seq DESC LIMIT 9")
    .all()
  expect(plan.map(({ detail }) => detail)).toEqual(['SCAN records USING INDEX records_by_end'])
  db.close()
  expect(existsSync(`${path}-wal`)).toBe(false)
})
