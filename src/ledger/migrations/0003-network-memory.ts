import type { Migration } from './migration.ts'

/** What networks remember beside their calls: what they have seen, what they still have to send, which rooms are whose. */
export const networkMemory: Migration = {
  version: 3,
  name: 'network-memory',
  sql: `
    CREATE TABLE memory (
      network TEXT NOT NULL,
      kind TEXT NOT NULL,
      key TEXT NOT NULL,
      at REAL NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (network, kind, key)
    ) STRICT, WITHOUT ROWID;
  `,
}
