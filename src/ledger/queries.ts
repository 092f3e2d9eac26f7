import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { CallId } from '../call/call.ts'
import type { Instant } from '../call/ending.ts'
import type { Delivery, DeliveryState, LiveRow, Memo, Page, RecordFilter, RecordView } from '../switchboard/ports.ts'
import { readCursor, writeCursor } from './cursor.ts'

export type PageRequest = { limit: number; cursor?: string }
export type DeliveryFilter = { call?: CallId; state?: DeliveryState }

/** The ledger's questions, each answered from one snapshot of the file. */
export interface Queries {
  live(): readonly LiveRow[]
  /** Ids of live rows that are no JSON: damaged by something else than this program. */
  unreadable(): readonly CallId[]
  /** What is kept, oldest identity first. */
  kept(): readonly Kept[]
  /** What a network remembers, oldest first. */
  memory(network: string): readonly Memo[]
  record(call: CallId): RecordView | undefined
  records(filter: RecordFilter, page: PageRequest): Page<RecordView>
  due(before: Instant, limit: number): readonly Delivery[]
  delivery(id: string): Delivery | undefined
  deliveries(filter: DeliveryFilter, page: PageRequest): Page<Delivery>
}

/** Something small that a face of the server keeps: JSON. */
export type Kept = Readonly<{ kind: string; id: string; value: unknown }>

export type QueryName = keyof Queries

type Row = Record<string, unknown>

const longestPage = 1000

const recordColumns = `seq, ended, body,
  (SELECT json_group_array(json_insert(body, '$.at', at) ORDER BY n) FROM annex WHERE call = records.id) AS annex`
const deliveryColumns = 'seq, id, call, state, created, next, attempts, body'

const text = (value: unknown): string => value as string

function recordView(row: Row): RecordView {
  return { ...JSON.parse(text(row.body)), annex: JSON.parse(text(row.annex)) }
}

function deliveryOf(row: Row): Delivery {
  const { id, call, state, created, next } = row
  return { ...JSON.parse(text(row.body)), id, call, state, created, next, attempts: JSON.parse(text(row.attempts)) }
}

/** Conditions that hold together, with their values. */
function conditions() {
  const terms: string[] = []
  const values: SQLInputValue[] = []
  return {
    values,
    add(term: string, ...bound: (SQLInputValue | undefined)[]): void {
      if (bound.some((value) => value === undefined)) return
      terms.push(term)
      values.push(...(bound as SQLInputValue[]))
    },
    where: () => (terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`),
  }
}

/** A page of one row more than asked for tells whether there is a next one. */
function pageOf<T>(rows: readonly Row[], limit: number, item: (row: Row) => T, cursor: (row: Row) => string): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(item), next: last !== undefined && rows.length > limit ? cursor(last) : null }
}

const clamp = (limit: number) => Math.min(Math.max(Math.trunc(limit), 1), longestPage)

export function createQueries(db: DatabaseSync): Queries {
  const live = db.prepare('SELECT body FROM calls WHERE json_valid(body) ORDER BY seq')
  const unreadable = db.prepare('SELECT id FROM calls WHERE NOT json_valid(body) ORDER BY seq')
  const kept = db.prepare("SELECT key, value FROM meta WHERE key GLOB 'kept:*' AND json_valid(value) ORDER BY key")
  const record = db.prepare(`SELECT ${recordColumns} FROM records WHERE id = ?`)
  const due = db.prepare(`SELECT ${deliveryColumns} FROM deliveries WHERE next <= ? ORDER BY next, seq LIMIT ?`)
  const delivery = db.prepare(`SELECT ${deliveryColumns} FROM deliveries WHERE id = ?`)

  return {
    live: () =>
      live.all().map((row) => {
        const found = JSON.parse(text(row.body)) as LiveRow
        const ended = record.get(found.call?.id ?? '')
        return ended === undefined ? found : { ...found, record: recordView(ended) }
      }),

    unreadable: () => unreadable.all().map(({ id }) => text(id)),

    kept: () =>
      kept.all().map((row) => {
        const [, kind = '', ...id] = text(row.key).split(':')
        return { kind, id: id.join(':'), value: JSON.parse(text(row.value)) }
      }),

    memory: (network) =>
      db
        .prepare('SELECT kind, key, at, body FROM memory WHERE network = ? AND json_valid(body) ORDER BY at, key')
        .all(network)
        .map((row) => ({
          kind: text(row.kind),
          key: text(row.key),
          at: Number(row.at),
          value: JSON.parse(text(row.body)),
        })),

    record(call) {
      const row = record.get(call)
      return row && recordView(row)
    },

    records(filter, page) {
      const limit = clamp(page.limit)
      const where = conditions()
      const [ended, seq] = page.cursor === undefined ? [] : readCursor('records', page.cursor)
      where.add('(ended, seq) < (?, ?)', ended, seq)
      where.add('ended >= ?', filter.since)
      where.add('ended < ?', filter.until)
      where.add('cause = ?', filter.cause)
      where.add('actor = ?', filter.actor)
      where.add('phase = ?', filter.phase)
      where.add('platform = ?', filter.platform)
      where.add('from_address = ?', filter.from)
      where.add('to_address = ?', filter.to)
      where.add('instr(networks, ?) > 0', filter.network && ` ${filter.network} `)
      const rows = db
        .prepare(`SELECT ${recordColumns} FROM records ${where.where()} ORDER BY ended DESC, seq DESC LIMIT ?`)
        .all(...where.values, limit + 1)
      return pageOf(rows, limit, recordView, (row) => writeCursor('records', row.ended, row.seq))
    },

    due: (before, limit) => due.all(before, limit).map(deliveryOf),

    delivery(id) {
      const row = delivery.get(id)
      return row && deliveryOf(row)
    },

    deliveries(filter, page) {
      const limit = clamp(page.limit)
      const where = conditions()
      const [seq] = page.cursor === undefined ? [] : readCursor('deliveries', page.cursor)
      where.add('seq < ?', seq)
      where.add('call = ?', filter.call)
      where.add('state = ?', filter.state)
      // Exactly the pending ones have a next attempt: said so, the small partial index finds them.
      if (filter.state === 'pending') where.add('next IS NOT NULL')
      const rows = db
        .prepare(`SELECT ${deliveryColumns} FROM deliveries ${where.where()} ORDER BY seq DESC LIMIT ?`)
        .all(...where.values, limit + 1)
      return pageOf(rows, limit, deliveryOf, (row) => writeCursor('deliveries', row.seq))
    },
  }
}
