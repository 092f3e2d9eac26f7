/** Why the ledger could not do as it was asked. The codes are stable and listed in docs/errors.md. */
export const ledgerErrors = {
  'ledger.locked': {
    message: 'another process is using this data file',
    remedy: 'stop the other process, or give this one its own data path',
  },
  'ledger.newer': {
    message: 'the data file was written by a newer version',
    remedy: 'install that version again, or start on another data path; the file was not touched',
  },
  'ledger.foreign': {
    message: 'the file is a database, but not a ledger',
    remedy: 'give a data path of its own',
  },
  'ledger.corrupt': {
    message: 'the data file is damaged',
    remedy: 'restore a backup, or move the file away and start on a new one',
  },
  'ledger.open': {
    message: 'the data file cannot be opened',
    remedy: 'check that its folder exists and that this user may write there',
  },
  'ledger.full': { message: 'the disk is full', remedy: 'free some space; writing goes on by itself' },
  'ledger.io': {
    message: 'the disk failed',
    remedy: 'check the disk and the file system; writing goes on by itself once they work',
  },
  'ledger.write': { message: 'the row cannot be stored', remedy: 'report it: the row is not what the ledger expects' },
  'ledger.cursor': { message: 'the cursor is not one of this list', remedy: 'begin again without a cursor' },
  'ledger.closed': { message: 'the ledger is closed', remedy: 'open it first, and write nothing after close()' },
} as const satisfies Record<string, { message: string; remedy: string }>

export type LedgerErrorCode = keyof typeof ledgerErrors

export class LedgerError extends Error {
  override readonly name = 'LedgerError'
  readonly code: LedgerErrorCode
  readonly detail: string | undefined
  /** What would mend it. */
  readonly remedy: string

  constructor(code: LedgerErrorCode, detail?: string) {
    super(detail === undefined ? ledgerErrors[code].message : `${ledgerErrors[code].message}: ${detail}`)
    this.code = code
    this.detail = detail
    this.remedy = ledgerErrors[code].remedy
  }
}

/** A LedgerError as it crosses the threads. */
export type LedgerFault = Readonly<{ code: LedgerErrorCode; detail: string | undefined }>

// Primary result codes, https://www.sqlite.org/rescode.html
const byResultCode: Readonly<Record<number, LedgerErrorCode>> = {
  5: 'ledger.locked', // SQLITE_BUSY
  8: 'ledger.io', // SQLITE_READONLY
  10: 'ledger.io', // SQLITE_IOERR
  11: 'ledger.corrupt', // SQLITE_CORRUPT
  13: 'ledger.full', // SQLITE_FULL
  14: 'ledger.open', // SQLITE_CANTOPEN
  26: 'ledger.corrupt', // SQLITE_NOTADB
}

/** Classifies what node:sqlite throws; everything that is not the file's or the disk's fault is the row's. */
export function faultOf(error: unknown): LedgerFault {
  if (error instanceof LedgerError) return { code: error.code, detail: error.detail }
  if (!(error instanceof Error)) return { code: 'ledger.write', detail: String(error) }
  // Extended codes keep the primary one in their low byte.
  const result = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0
  return { code: byResultCode[result] ?? 'ledger.write', detail: error.message }
}

export function errorOf({ code, detail }: LedgerFault): LedgerError {
  return new LedgerError(code, detail)
}
