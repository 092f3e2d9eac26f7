import type { Migration } from './migration.ts'

/**
 * One index answers every filter on records, newest first, without touching a body that does not match.
 * A row ends up at its right edge, because calls are recorded in about the order in which they end: an insert is an append.
 */
export const recordSearch: Migration = {
  version: 2,
  name: 'record search',
  sql: `
    CREATE INDEX records_by_end ON records
      (ended, seq, cause, actor, phase, networks, platform, from_address, to_address);
  `,
}
