import type { DatabaseSync } from 'node:sqlite'

/** The rows of calls that live, or whose far ends have not confirmed that they do not. */
export interface LiveRows {
  put(call: string, body: string): void
  /** It has its record; its row stays as it is until it is dropped. */
  freeze(call: string): void
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
  const all = db.prepare(
    'SELECT seq, id, EXISTS (SELECT 1 FROM records WHERE records.id = calls.id) AS over FROM calls ORDER BY seq',
  )
  const rows = new Map<string, number>()
  const frozen = new Set<string>()
  let last = 0

  function reload(): void {
    rows.clear()
    frozen.clear()
    for (const { seq, id, over } of all.iterate()) {
      last = Number(seq)
      rows.set(String(id), last)
      if (over === 1) frozen.add(String(id))
    }
  }
  reload()

  return {
    put(call, body) {
      const seq = rows.get(call)
      if (seq !== undefined) {
        if (!frozen.has(call)) update.run(body, seq)
        return
      }
      // A call that has its record is over: a late store must not bring it back to life.
      if (recorded.get(call) !== undefined) return
      insert.run(++last, call, body)
      rows.set(call, last)
    },
    freeze(call) {
      if (rows.has(call)) frozen.add(call)
    },
    drop(call) {
      const seq = rows.get(call)
      if (seq === undefined) return
      remove.run(seq)
      rows.delete(call)
      frozen.delete(call)
    },
    reload,
  }
}
