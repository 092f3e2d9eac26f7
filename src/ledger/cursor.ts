import { LedgerError } from './errors.ts'

/**
 * Where a page ended: the sort key of its last row, so rows inserted meanwhile neither repeat nor hide one. Opaque to
 * those who carry it; the list's name in it keeps a cursor of one list from being used in another.
 */
const keyLength = { records: 2, deliveries: 1 } as const

type List = keyof typeof keyLength

export function writeCursor(list: List, ...key: readonly unknown[]): string {
  return Buffer.from(`${list}:${key.join(':')}`).toString('base64url')
}

/** @throws LedgerError `ledger.cursor` */
export function readCursor(list: List, cursor: string): readonly number[] {
  const [name, ...parts] = Buffer.from(cursor, 'base64url').toString().split(':')
  const key = parts.map((part) => (/^-?\d{1,16}(\.\d{1,16})?$/.test(part) ? Number(part) : Number.NaN))
  if (name !== list || key.length !== keyLength[list] || key.some(Number.isNaN)) throw new LedgerError('ledger.cursor')
  return key
}
