import type { CallRecord } from '../call/record.ts'
import type { Delivery, DeliveryState, LiveRow, MemoryChange } from '../switchboard/ports.ts'

/**
 * Writes as they cross from the caller's thread to the ledger's: tuples of strings and numbers, because those are what
 * structured clone copies fastest, and what SQLite binds.
 */
export type Write =
  | readonly ['store', call: string, body: string]
  | readonly ['settle', record: RecordColumns, deliveries: readonly DeliveryColumns[], row: RowAfterwards]
  /** The row that a settle kept. */
  | readonly ['release', call: string]
  | readonly ['annex', call: string, at: number, body: string]
  | readonly ['enqueue', deliveries: readonly DeliveryColumns[]]
  | readonly ['attempted', delivery: string, attempt: string, state: DeliveryState, next: number | null]
  | readonly ['amend', delivery: string, body: string]
  | readonly ['replay', delivery: string, at: number]
  /** A live row that is no JSON: kept in `meta`, for people, and live no more. */
  | readonly ['set-aside', call: string]
  /** A small thing that a face keeps, in `meta`; null forgets it. */
  | readonly ['keep', key: string, body: string | null]
  /** What a network remembers: old memos forgotten, some dropped, some put, in this order. */
  | readonly [
      'memory',
      network: string,
      forget: readonly (readonly [kind: string, before: number])[],
      drop: readonly (readonly [kind: string, key: string])[],
      put: readonly (readonly [kind: string, key: string, at: number, body: string])[],
    ]
  /** Changes nothing that anybody reads: finds out whether the disk takes writes again. */
  | readonly ['touch', at: number]

/** What becomes of a live row when its record is written. A body: it was to be stored in the same group, and is kept so. */
export type RowAfterwards = 'dropped' | 'kept' | Readonly<{ body: string }>

export type RecordColumns = readonly [
  id: string,
  ended: number,
  cause: string,
  actor: string,
  phase: string,
  networks: string,
  platform: string,
  from: string,
  to: string,
  body: string,
]

export type DeliveryColumns = readonly [
  id: string,
  call: string,
  state: DeliveryState,
  created: number,
  next: number | null,
  attempts: string,
  body: string,
]

export const rowBody = (row: LiveRow): string => JSON.stringify(row)

export function storeWrite(row: LiveRow): Write {
  return ['store', row.call.id, rowBody(row)]
}

export function settleWrite(
  record: CallRecord,
  deliveries: readonly Delivery[],
  row: RowAfterwards = 'dropped',
): Write {
  return ['settle', recordColumns(record), deliveries.map(deliveryColumns), row]
}

/** Every network that carried a leg, each between spaces, so that ` sip ` finds it wherever it stands. */
function networksOf(record: CallRecord): string {
  let networks = ' '
  for (const leg of record.legs) if (!networks.includes(` ${leg.network} `)) networks += `${leg.network} `
  return networks
}

function recordColumns(record: CallRecord): RecordColumns {
  const { cause, actor, phase } = record.ending
  const { id, ended, platform, from, to } = record
  return [id, ended, cause, actor, phase, networksOf(record), platform, from, to, JSON.stringify(record)]
}

export function deliveryColumns(delivery: Delivery): DeliveryColumns {
  const { id, call, state, created, next, attempts, ...body } = delivery
  return [id, call, state, created, next, JSON.stringify(attempts), JSON.stringify(body)]
}

export function memoryWrite(network: string, { forget = [], drop = [], put = [] }: MemoryChange): Write {
  return [
    'memory',
    network,
    forget.map(({ kind, before }) => [kind, before]),
    drop.map(({ kind, key }) => [kind, key]),
    put.map(({ kind, key, at, value }) => [kind, key, at, JSON.stringify(value ?? null)]),
  ]
}
