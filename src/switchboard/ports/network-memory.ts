import type { Instant } from '../../call/ending.ts'

/**
 * What one network must remember beside its calls: what it has seen, what it has yet to send, who is who. A change is one
 * transaction, and shares it with whatever else was written in the same turn of the event loop: a call that came with it.
 */
export interface NetworkMemory {
  /** Resolves once it is on disk. */
  commit(change: MemoryChange): Promise<void>
  /** Oldest first. */
  all(): Promise<readonly Memo[]>
}

/** Applied in this order: forget, drop, put. A memo that is put again replaces the earlier one. */
export type MemoryChange = Readonly<{
  forget?: readonly Readonly<{ kind: string; before: Instant }>[]
  drop?: readonly Readonly<{ kind: string; key: string }>[]
  put?: readonly Memo[]
}>

/** Something that a network remembers: JSON, by kind and key. */
export type Memo = Readonly<{ kind: string; key: string; at: Instant; value: unknown }>
