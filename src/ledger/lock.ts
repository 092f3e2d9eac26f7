import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { faultOf, LedgerError } from './errors.ts'

/**
 * Makes this process the data file's only writer, until `release` or its death: the kernel drops the lock of a killed
 * process, so there is never a stale one to remove by hand.
 *
 * The lock is SQLite's own, on a database of its own beside the data file. Locking the data file itself
 * (`locking_mode = EXCLUSIVE`) would shut out readers too, and commands read while the server runs.
 *
 * @throws LedgerError `ledger.locked`, `ledger.open`
 */
export function lock(path: string): () => void {
  let db: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true })
    db = new DatabaseSync(`${path}.lock`, { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    const { code, detail } = faultOf(error)
    throw new LedgerError(
      code === 'ledger.locked' ? code : 'ledger.open',
      code === 'ledger.locked' ? path : `${path}: ${detail}`,
    )
  }
  const held = db
  return () => held.close()
}
