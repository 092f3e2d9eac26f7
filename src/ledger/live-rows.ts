import type { DatabaseSync } from 'node:sqlite'

/** The rows of calls that live. */
export interface LiveRows {
  put(call: string, body: string): void
  drop(call: string): void
  /** Learns the rows anew: a rolled-back transaction took some of them away, or gave some back. */
  reload(): void
}

/**
 * Call ids are looked up in memory, not in an index: every call would write a page of that index when it comes and
 * another when it goes, for the sake of a set that is known here anyway.
 */
export function liveRows(db: DatabaseSync): LiveRows {
  const recorded = db.prepare('SELECT 1 FROM records WHERE id = ?')
  const insert = db.prepare('INSERT INTO calls (seq, id, body) VALUES (?, ?, ?)')
  const update = db.prepare('UPDATE calls SET body = ? WHERE seq = ?')
  const remove = db.prepare('DELETE FROM calls WHERE seq = ?')
  const all = db.prepare('SELECT seq, id FROM calls ORDER BY seq')
  const rows = new Map<string, number>()
  let last = 0

  function reload(): void {
    rows.clear()
    for (const { seq, id } of all.iterate()) {
      last = Number(seq)
      rows.set(String(id), last)
    }
  }
  reload()

  return {
    put(call, body) {
      const seq = rows.get(call)
      if (seq !== undefined) {
        update.run(body, seq)
        return
      }
      // A call that has its record is over: a late store must not bring it back to life.
      if (recorded.get(call) !== undefined) return
      insert.run(++last, call, body)
      rows.set(call, last)
    },
    drop(call) {
      const seq = rows.get(call)
      if (seq === undefined) return
      remove.run(seq)
      rows.delete(call)
    },
    reload,
  }
}
