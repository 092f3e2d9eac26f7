import type { DatabaseSync } from 'node:sqlite'
import type { Write } from './write.ts'

type MemoryWrite = Extract<Write, readonly ['memory', ...unknown[]]>

/** Writes what networks remember. Its statements are made at the first change: most servers have no such network. */
export function memoryRows(db: DatabaseSync): (write: MemoryWrite) => void {
  let statements: ReturnType<typeof prepare> | undefined
  function prepare() {
    return {
      put: db.prepare(`
        INSERT INTO memory (network, kind, key, at, body) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (network, kind, key) DO UPDATE SET at = excluded.at, body = excluded.body`),
      drop: db.prepare('DELETE FROM memory WHERE network = ? AND kind = ? AND key = ?'),
      forget: db.prepare('DELETE FROM memory WHERE network = ? AND kind = ? AND at < ?'),
    }
  }
  return ([, network, old, dropped, put]) => {
    statements ??= prepare()
    for (const [kind, before] of old) statements.forget.run(network, kind, before)
    for (const [kind, key] of dropped) statements.drop.run(network, kind, key)
    for (const memo of put) statements.put.run(network, ...memo)
  }
}
