import type { Migration } from './migration.ts'

/**
 * Bodies are JSON: the ledger keeps what the heart says and understands only what it must find again.
 *
 * `timers` is a view. A timer is stored inside its call, so it is a durable row from the moment that the call is, can
 * never disagree with it, and costs no write of its own; at recovery every live call ends and with it every timer, so
 * nothing but inspection would ever read a table of them.
 *
 * Moments are REAL: a clock may count fractions of a millisecond.
 *
 * A record's columns stand before its body so that filtering need not read the body's pages.
 */
export const tables: Migration = {
  version: 1,
  name: 'tables',
  sql: `
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE calls (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;

    CREATE VIEW timers AS
      SELECT calls.id AS call, timer.value ->> 'id' AS id, timer.value ->> 'due' AS due,
             timer.value ->> 'cause' AS cause, timer.value ->> 'leg' AS leg
      FROM calls, json_each(calls.body, '$.call.timers') AS timer;

    CREATE TABLE records (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      ended REAL NOT NULL,
      cause TEXT NOT NULL,
      actor TEXT NOT NULL,
      phase TEXT NOT NULL,
      networks TEXT NOT NULL,
      platform TEXT NOT NULL,
      from_address TEXT NOT NULL,
      to_address TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;

    CREATE TABLE annex (
      call TEXT NOT NULL,
      n INTEGER NOT NULL,
      at REAL NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (call, n)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE deliveries (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      call TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
      created REAL NOT NULL,
      next REAL,
      attempts TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX deliveries_by_call ON deliveries (call);
    CREATE INDEX deliveries_due ON deliveries (next) WHERE next IS NOT NULL;
  `,
}
