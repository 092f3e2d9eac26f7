import type { Ledger } from '../switchboard/ports.ts'
import { openReadOnly } from './database.ts'
import { createQueries } from './queries.ts'

/** The ledger's questions, for a command that runs beside a server. */
export type LedgerReader = Pick<Ledger, 'live' | 'record' | 'records' | 'delivery' | 'deliveries' | 'close'>

/**
 * Opens a data file for reading, whether a server is writing to it or not. Sees every commit made before each question.
 * @throws LedgerError `ledger.open`, `ledger.newer`, `ledger.foreign`, `ledger.corrupt`
 */
export function readLedger(path: string): LedgerReader {
  const db = openReadOnly(path)
  const queries = createQueries(db)
  return {
    live: async () => queries.live(),
    record: async (call) => queries.record(call),
    records: async (filter, page) => queries.records(filter, page),
    delivery: async (id) => queries.delivery(id),
    deliveries: async (filter, page) => queries.deliveries(filter, page),
    close: async () => db.close(),
  }
}
