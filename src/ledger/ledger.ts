import type { CallId } from '../call/call.ts'
import type { Ledger, NetworkMemory } from '../switchboard/ports.ts'
import { faultOf, LedgerError, type LedgerFault } from './errors.ts'
import { Group } from './group.ts'
import { LaterRows } from './later-rows.ts'
import type { Kept, Queries, QueryName } from './queries.ts'
import { memoryEngine, type RemoteEngine, threadEngine } from './thread.ts'
import { deliveryColumns, memoryWrite } from './write.ts'

export type LedgerOptions =
  /** The data file; made where there is none. `PATH.lock` beside it keeps other processes out. */
  (
    | Readonly<{ path: string }>
    /** Forgotten with the process; no thread, no file. */
    | Readonly<{ memory: true }>
  ) &
    Readonly<{
      /** Before each group leaves for the disk: what is to be said on the wire goes first (P8), or a process that dies between has recorded what it never said. */
      leaving?(): void
      /** After each group commit, failed ones included: how long it took, and how many writes were in it. */
      onCommit?(milliseconds: number, writes: number): void
      /** A call that was found live cannot be read: its row is set aside, and it ends without a record. */
      onUnreadable?(call: CallId): void
    }>

/** Whether the disk takes writes. `failing` since the last one failed, until one succeeds. */
export type LedgerHealth = Readonly<{ state: 'ok' } | { state: 'failing'; fault: LedgerFault }>

export interface DurableLedger extends Ledger {
  /** Keeps something small, by kind (no colon in it) and id; undefined forgets it. Resolves once it is on disk. */
  keep(kind: string, id: string, value: unknown): Promise<void>
  /** All that is kept, by kind, then id. */
  kept(): Promise<readonly Kept[]>
  /** What the network of this name remembers. */
  memory(network: string): NetworkMemory
  /** As the last write found it. */
  health(): LedgerHealth
  /** Tries a write of no consequence, and tells how it went. For readiness checks while writes fail. */
  probe(at: number): Promise<LedgerHealth>
}

/**
 * Milliseconds from the beginning of one commit to that of the next, at least. A commit costs as much as the rows of several calls,
 * whatever it holds, so in a rush calls share it; a write that comes when nothing else does waits for nothing. It is added to the
 * ringing of a call that comes in a rush. On the way of a webhook more would be felt: one that waits makes the commit come sooner.
 */
const gatherMilliseconds = 13
const hurryMilliseconds = 8

/**
 * The durable store on SQLite. What a turn of the event loop writes, and whatever is written while the disk is busy
 * with that, is one transaction: under load the groups grow, and the cost of a sync is shared by all calls in them.
 *
 * Every promise rejects with a LedgerError only: `ledger.full`, `ledger.io` (nothing of the group was stored),
 * `ledger.write` (this one write was not), `ledger.closed`; `open` also with `ledger.locked`, `ledger.newer`,
 * `ledger.foreign`, `ledger.corrupt`, `ledger.open`; lists with `ledger.cursor`.
 */
export function createLedger(options: LedgerOptions): DurableLedger {
  const inMemory = 'memory' in options
  const writer = inMemory ? memoryEngine() : threadEngine('writer', options.path)
  let reader: Promise<RemoteEngine> | undefined
  let phase: 'new' | 'open' | 'closed' = 'new'
  let group = new Group()
  let committing: Promise<void> | null = null
  /** A webhook has come to the group that gathers. */
  let hurry: (() => void) | undefined
  let health: LedgerHealth = { state: 'ok' }

  /** Commits group after group until nothing is left to write. */
  async function commitAll(): Promise<void> {
    while (!group.empty) {
      const began = performance.now()
      await commit()
      if (!inMemory) await gather(began)
    }
    committing = null
  }

  async function gather(since: number): Promise<void> {
    const left = () => since + (group.hurries ? hurryMilliseconds : gatherMilliseconds) - performance.now()
    if (phase !== 'open' || left() <= 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left())
      hurry = () => {
        hurry = undefined
        clearTimeout(timer)
        setTimeout(resolve, Math.max(0, left()))
      }
    })
    hurry = undefined
    // What this turn still brings goes along.
    await new Promise<void>(afterTurn)
  }

  async function commit(): Promise<void> {
    options.leaving?.()
    const batch = group
    group = new Group()
    const writes = batch.spell()
    if (writes.length === 0) return
    const began = performance.now()
    let fault: LedgerFault | null
    try {
      fault = batch.conclude(await writer.commit(writes))
    } catch (error) {
      fault = faultOf(error)
      batch.conclude(writes.map(() => fault))
    }
    options.onCommit?.(performance.now() - began, writes.length)
    // A row that cannot be stored says nothing about the disk.
    if (fault?.code !== 'ledger.write') health = fault === null ? { state: 'ok' } : { state: 'failing', fault }
  }

  /** The group to write to. It leaves when this turn of the loop is over and no commit runs. */
  function current(): Group {
    committing ??= (inMemory ? Promise.resolve() : new Promise<void>(afterTurn)).then(commitAll)
    return group
  }

  const later = new LaterRows(({ row, waiter }) => waiter.resolve(current().store(row)))

  const closed = () => Promise.reject(new LedgerError('ledger.closed'))

  /** Started at the first question: many a process only writes. */
  async function startReader(path: string): Promise<RemoteEngine> {
    const engine = threadEngine('reader', path)
    try {
      await engine.open()
      return engine
    } catch (error) {
      reader = undefined
      throw error
    }
  }

  async function ask<Name extends QueryName>(
    of: 'writer' | 'reader',
    name: Name,
    ...args: Parameters<Queries[Name]>
  ): Promise<ReturnType<Queries[Name]>> {
    if (phase !== 'open') return closed()
    if (!inMemory && of === 'reader') reader ??= startReader(options.path)
    const engine = inMemory || of === 'writer' ? writer : await reader!
    return (await engine.query(name, args)) as ReturnType<Queries[Name]>
  }

  return {
    async open() {
      if (phase !== 'new') throw new LedgerError('ledger.closed', 'a ledger is opened once')
      await writer.open()
      phase = 'open'
    },

    store(row, when = 'now') {
      if (phase !== 'open') return closed()
      if (when === 'later' && !group.has(row.call.id)) return later.put(row)
      const stored = current().store(row)
      later.take(row.call.id)?.waiter.resolve(stored)
      return stored
    },
    settle(record, deliveries, keeps) {
      if (phase !== 'open') return closed()
      const waiting = later.take(record.id)
      const settled = current().settle(record, deliveries, keeps, waiting?.row)
      waiting?.waiter.resolve(settled)
      if (deliveries.length > 0) hurry?.()
      return settled
    },
    release: (call) => (phase === 'open' ? current().add(['release', call]) : closed()),
    annex: (call, at, entry) =>
      phase === 'open' ? current().add(['annex', call, at, JSON.stringify(entry)]) : closed(),
    enqueue(deliveries) {
      if (phase !== 'open') return closed()
      const stored = current().add(['enqueue', deliveries.map(deliveryColumns)])
      hurry?.()
      return stored
    },
    attempted: (delivery, attempt, state, next) =>
      phase === 'open' ? current().add(['attempted', delivery, JSON.stringify(attempt), state, next]) : closed(),
    amend: (delivery, body) => (phase === 'open' ? current().add(['amend', delivery, body]) : closed()),

    // Indexed and bounded, and asked when nothing else happens: no need of a second thread.
    async live() {
      for (const call of await ask('writer', 'unreadable')) {
        options.onUnreadable?.(call)
        await current().add(['set-aside', call])
      }
      return ask('writer', 'live')
    },
    due: (before, limit) => ask('writer', 'due', before, limit),
    record: (call) => ask('reader', 'record', call),
    records: (filter, page) => ask('reader', 'records', filter, page),
    delivery: (id) => ask('reader', 'delivery', id),
    deliveries: (filter, page) => ask('reader', 'deliveries', filter, page),

    async replay(id, at) {
      if (phase !== 'open') return closed()
      await current().add(['replay', id, at])
      return ask('reader', 'delivery', id)
    },

    keep: (kind, id, value) =>
      phase === 'open'
        ? current().add(['keep', `kept:${kind}:${id}`, value === undefined ? null : JSON.stringify(value)])
        : closed(),
    kept: () => ask('writer', 'kept'),

    memory: (network) => ({
      commit: (change) => (phase === 'open' ? current().add(memoryWrite(network, change)) : closed()),
      all: () => ask('writer', 'memory', network),
    }),

    health: () => health,

    async probe(at) {
      if (phase !== 'open') return closed()
      await current()
        .add(['touch', at])
        .catch(() => {})
      return health
    },

    async close() {
      if (phase !== 'open') return
      later.flush()
      phase = 'closed'
      await committing
      await (await reader?.catch(() => undefined))?.close()
      await writer.close()
    },
  }
}

/** Behind all promises that can be kept now, and behind what those who kept them put off to the end of the turn, as HTTP clients do with requests. */
function afterTurn(then: () => void): void {
  queueMicrotask(() => process.nextTick(() => setImmediate(then)))
}
