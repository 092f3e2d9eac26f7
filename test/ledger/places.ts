/** Places to store samples in. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createLedger, type DurableLedger } from '../../src/ledger/ledger.ts'
import { temporaryFolder } from '../temporary-folder.ts'

export function dataPath(): string {
  return join(temporaryFolder(), 'ledger.db')
}

/** An open ledger on `path`, closed after the test. */
export async function opened(path: string = dataPath()): Promise<DurableLedger> {
  const ledger = createLedger({ path })
  onTestFinished(() => ledger.close())
  await ledger.open()
  return ledger
}

export async function openedInMemory(): Promise<DurableLedger> {
  const ledger = createLedger({ memory: true })
  onTestFinished(() => ledger.close())
  await ledger.open()
  return ledger
}

/** Both kinds of ledger keep every promise. */
export const kinds: readonly (readonly [name: string, open: () => Promise<DurableLedger>])[] = [
  ['in a file', () => opened()],
  ['in memory', openedInMemory],
]
