import type { DatabaseSync } from 'node:sqlite'
import { inMemory, openDatabase, openReadOnly } from './database.ts'
import { LedgerError } from './errors.ts'
import { lock } from './lock.ts'
import { createQueries, type Queries, type QueryName } from './queries.ts'
import type { Write } from './write.ts'
import { type CommitResult, createWriter } from './writer.ts'

/** `writer` owns the data file; `reader` answers people's questions beside it, and never delays a commit. */
export type Role = 'writer' | 'reader'

/** The database itself, on the thread that holds it. */
export interface Engine {
  commit(writes: readonly Write[]): CommitResult
  query(name: QueryName, args: readonly unknown[]): unknown
  close(): void
}

function answer(queries: Queries, name: QueryName, args: readonly unknown[]): unknown {
  return (queries[name] as (...args: readonly unknown[]) => unknown)(...args)
}

function reading(db: DatabaseSync): Engine {
  const queries = createQueries(db)
  return {
    commit: () => {
      throw new LedgerError('ledger.write', 'this end is for reading')
    },
    query: (name, args) => answer(queries, name, args),
    close: () => db.close(),
  }
}

function writing(path: string): Engine {
  const release = path === inMemory ? () => {} : lock(path)
  try {
    const db = openDatabase(path)
    const queries = createQueries(db)
    const writer = createWriter(db)
    return {
      commit: (writes) => writer.commit(writes),
      query: (name, args) => answer(queries, name, args),
      close() {
        db.close()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

/** @throws LedgerError */
export function openEngine(role: Role, path: string): Engine {
  return role === 'writer' ? writing(path) : reading(openReadOnly(path))
}
