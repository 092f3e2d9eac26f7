import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { LedgerError, type LedgerErrorCode } from '../../src/ledger/errors.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import { schemaVersion } from '../../src/ledger/migrations/index.ts'
import { readLedger } from '../../src/ledger/read-ledger.ts'
import { dataPath, opened } from './places.ts'
import { callRecord } from './values.ts'

async function filled(path: string): Promise<void> {
  const ledger = await opened(path)
  await Promise.all(Array.from({ length: 200 }, (_, index) => ledger.settle(callRecord(`c${index}`), [])))
  await ledger.close()
}

function sql(path: string, text: string): void {
  const db = new DatabaseSync(path)
  db.exec(text)
  db.close()
}

const faults: readonly (readonly [what: string, LedgerErrorCode, spoil: (path: string) => void | Promise<void>])[] = [
  [
    'a newer schema',
    'ledger.newer',
    async (path) => {
      await filled(path)
      sql(path, `PRAGMA user_version = ${schemaVersion + 1}`)
    },
  ],
  ['a database of something else', 'ledger.foreign', (path) => sql(path, 'CREATE TABLE notes (text)')],
  ['a file that is no database', 'ledger.corrupt', (path) => writeFileSync(path, 'Dear diary, '.repeat(1000))],
  [
    'a file cut short',
    'ledger.corrupt',
    async (path) => {
      await filled(path)
      truncateSync(path, 4096 * 5)
    },
  ],
  [
    'a file with a page of noise in its middle',
    'ledger.corrupt',
    async (path) => {
      await filled(path)
      const bytes = readFileSync(path)
      bytes.fill(0xa5, 4096 * 12, 4096 * 13)
      writeFileSync(path, bytes)
    },
  ],
  ['a folder', 'ledger.open', (path) => mkdirSync(path)],
]

test.each(faults)('%s is refused as %s, and stays as it was', async (_, code, spoil) => {
  const path = dataPath()
  await spoil(path)
  const before = code === 'ledger.open' ? null : readFileSync(path)
  const error: unknown = await createLedger({ path })
    .open()
    .catch((error: unknown) => error)
  expect(error).toBeInstanceOf(LedgerError)
  expect(error).toMatchObject({ code, message: expect.stringContaining(path), remedy: expect.any(String) })
  if (before !== null) expect(readFileSync(path).equals(before)).toBe(true)
})

test('a refused file can be opened once it is mended', async () => {
  const path = dataPath()
  mkdirSync(path)
  const ledger = createLedger({ path })
  await expect(ledger.open()).rejects.toMatchObject({ code: 'ledger.open' })
  await expect(opened(`${path}/in/a/new/folder.db`)).resolves.toBeDefined()
})

test('reading a file that is not there says so', () => {
  expect(() => readLedger(dataPath())).toThrow(expect.objectContaining({ code: 'ledger.open' }))
})
