import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { faultOf, LedgerError } from './errors.ts'
import { migrations, schemaVersion } from './migrations/index.ts'

/** 'Onhk' in the file's header: https://www.sqlite.org/pragma.html#pragma_application_id */
const applicationId = 0x4f6e686b

/** Files up to this size are read through at every start. A larger one would hold up recovery; its pages are checked as they are read. */
const checkedBytes = 64 * 1024 * 1024

export const inMemory = ':memory:'

/** Runs `open`; what it throws becomes a LedgerError that names the file. */
function named<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof LedgerError) throw error
    const { code, detail } = faultOf(error)
    throw new LedgerError(code === 'ledger.write' ? 'ledger.open' : code, `${path}: ${detail}`)
  }
}

function number(db: DatabaseSync, pragma: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0)
}

/** @throws LedgerError unless the file is empty, or a ledger of this version or an older one. */
function checkIdentity(db: DatabaseSync, path: string): number {
  const version = number(db, 'user_version')
  const id = number(db, 'application_id')
  const empty = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n === 0
  if (id !== applicationId && !(empty && id === 0)) throw new LedgerError('ledger.foreign', path)
  if (version > schemaVersion) {
    throw new LedgerError('ledger.newer', `${path} has schema ${version}, this program knows ${schemaVersion}`)
  }
  return version
}

/** Brings the schema to `target`. Each step and its version number are one transaction. */
export function migrate(db: DatabaseSync, from: number, target = schemaVersion): void {
  for (const step of migrations) {
    if (step.version <= from || step.version > target) continue
    db.exec('BEGIN IMMEDIATE')
    try {
      db.exec(step.sql)
      db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${step.version}`)
      db.exec('COMMIT')
    } catch (error) {
      // Where the disk failed, SQLite has rolled back by itself; to do it again would hide why.
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
}

/** Only its owner may read it: it holds numbers, and what apps are told. SQLite gives its side files the same mode. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'a', 0o600))
}

/** Opens, checks and migrates the data file for writing. The caller holds its lock. @throws LedgerError */
export function openDatabase(path: string): DatabaseSync {
  return named(path, () => {
    if (path !== inMemory) createPrivately(path)
    const db = new DatabaseSync(path, { timeout: 1000 })
    try {
      const version = checkIdentity(db, path)
      if (path !== inMemory && statSync(path).size <= checkedBytes) {
        const [result] = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})
        if (result !== 'ok') throw new LedgerError('ledger.corrupt', `${path}: ${result}`)
      }
      // FULL: a commit is on disk when it returns (https://www.sqlite.org/pragma.html#pragma_synchronous); WAL's
      // default of NORMAL would lose the last ones at a power cut.
      db.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA journal_size_limit = ${64 * 1024 * 1024}`)
      migrate(db, version)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** Opens the data file for reading, while a server may be writing to it. @throws LedgerError */
export function openReadOnly(path: string): DatabaseSync {
  return named(path, () => {
    if (!existsSync(path)) throw new LedgerError('ledger.open', `${path}: no such file`)
    const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
    try {
      // An older schema is the server's to migrate; reading it here would need the old queries.
      const version = checkIdentity(db, path)
      if (version < schemaVersion)
        throw new LedgerError('ledger.open', `${path} has schema ${version}: start the server once`)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}
