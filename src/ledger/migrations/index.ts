import { tables } from './0001-tables.ts'
import { recordSearch } from './0002-record-search.ts'
import { networkMemory } from './0003-network-memory.ts'
import type { Migration } from './migration.ts'

/** Every step, in order. */
export const migrations: readonly Migration[] = [tables, recordSearch, networkMemory]

/** The version that this program reads and writes. */
export const schemaVersion = migrations.length
