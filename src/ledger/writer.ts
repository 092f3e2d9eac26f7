import type { DatabaseSync } from 'node:sqlite'
import { faultOf, type LedgerFault } from './errors.ts'
import { liveRows } from './live-rows.ts'
import { memoryRows } from './memory-rows.ts'
import type { DeliveryColumns, Write } from './write.ts'

/** What became of a group of writes: all durable (null), or one fault for each write that is not. */
export type CommitResult = readonly (LedgerFault | null)[] | null

export interface Writer {
  /** Applies the writes in their order, in one transaction. Returns when it is on disk. */
  commit(writes: readonly Write[]): CommitResult
}

export function createWriter(db: DatabaseSync): Writer {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')
  const calls = liveRows(db)
  const record = db.prepare(`
    INSERT INTO records (id, ended, cause, actor, phase, networks, platform, from_address, to_address, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`)
  const deliver = db.prepare(`
    INSERT INTO deliveries (id, call, state, created, next, attempts, body)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`)
  const annex = db.prepare(`
    INSERT INTO annex (call, n, at, body)
    VALUES (?1, (SELECT coalesce(max(n), 0) + 1 FROM annex WHERE call = ?1), ?2, ?3)`)
  const attempted = db.prepare(`
    UPDATE deliveries SET attempts = json_insert(attempts, '$[#]', json(?2)), state = ?3, next = ?4 WHERE id = ?1`)
  const amend = db.prepare(`
    UPDATE deliveries SET body = json_set(body, '$.body', ?2) WHERE id = ?1 AND state = 'pending'`)
  const replay = db.prepare(`UPDATE deliveries SET state = 'pending', next = ?2 WHERE id = ?1`)
  const setAside = db.prepare(`
    INSERT OR REPLACE INTO meta (key, value) SELECT 'unreadable-call:' || id, body FROM calls WHERE id = ?`)
  const keep = db.prepare(`
    INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`)
  const forget = db.prepare('DELETE FROM meta WHERE key = ?')
  const remember = memoryRows(db)
  // As large as a busy group: a disk with room for one more small row is not well.
  const touch = db.prepare(`
    INSERT INTO meta (key, value) VALUES ('touched', ? || hex(zeroblob(32768)))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value`)

  function enqueue(rows: readonly DeliveryColumns[]): void {
    for (const row of rows) deliver.run(...row)
  }

  function apply(write: Write): void {
    switch (write[0]) {
      case 'store':
        calls.put(write[1], write[2])
        return
      case 'settle':
        if (typeof write[3] === 'object') calls.put(write[1][0], write[3].body)
        if (write[3] === 'dropped') calls.drop(write[1][0])
        else calls.freeze(write[1][0])
        if (record.run(...write[1]).changes === 1) enqueue(write[2])
        return
      case 'release':
        calls.drop(write[1])
        return
      case 'annex':
        annex.run(write[1], write[2], write[3])
        return
      case 'enqueue':
        enqueue(write[1])
        return
      case 'attempted':
        attempted.run(write[1], write[2], write[3], write[4])
        return
      case 'amend':
        amend.run(write[1], write[2])
        return
      case 'replay':
        replay.run(write[1], write[2])
        return
      case 'set-aside':
        setAside.run(write[1])
        calls.drop(write[1])
        return
      case 'keep':
        if (write[2] === null) forget.run(write[1])
        else keep.run(write[1], write[2])
        return
      case 'memory':
        remember(write)
        return
      case 'touch':
        touch.run(String(write[1]))
        return
      default:
        write satisfies never
    }
  }

  function transaction(writes: readonly Write[]): LedgerFault | null {
    try {
      begin.run()
      for (const write of writes) apply(write)
      end.run()
      return null
    } catch (error) {
      // Where the disk failed, SQLite has rolled back by itself (https://www.sqlite.org/lang_transaction.html §3).
      if (db.isTransaction) db.exec('ROLLBACK')
      calls.reload()
      return placed(faultOf(error), db.location())
    }
  }

  return {
    commit(writes) {
      const fault = transaction(writes)
      if (fault === null) return null
      // A row that cannot be stored takes no other call down with it: each write has its own transaction then.
      if (fault.code === 'ledger.write' && writes.length > 1) return writes.map((write) => transaction([write]))
      return writes.map(() => fault)
    },
  }
}

/** What is not the row's fault is the file's: it is named. */
function placed(fault: LedgerFault, path: string | null): LedgerFault {
  return fault.code === 'ledger.write' || path === null ? fault : { ...fault, detail: `${path}: ${fault.detail}` }
}
