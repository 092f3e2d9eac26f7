/**
 * A process to be killed: stores and settles calls without end, and tells its parent what was acknowledged, in lines of
 * `stored ID`, `settled ID` and `attempted ID`. Usage: node writer-process.ts PATH [PREFIX]
 */
import { writeSync } from 'node:fs'
import { createLedger } from '../../src/ledger/ledger.ts'
import { callRecord, delivery, liveRow } from './values.ts'

const [path = '', prefix = 'c'] = process.argv.slice(2)
const ledger = createLedger({ path })
await ledger.open()
process.send?.('open')

/** Written at once: what the kernel has, a kill does not take back. */
const say = (line: string) => writeSync(1, `${line}\n`)

async function call(id: string): Promise<void> {
  await ledger.store(liveRow(id))
  say(`stored ${id}`)
  await ledger.store(liveRow(id, { began: 7 }))
  await ledger.settle(callRecord(id), [delivery(`${id}-d1`, id), delivery(`${id}-d2`, id)])
  say(`settled ${id}`)
  await ledger.attempted(`${id}-d1`, { at: 1, milliseconds: 1, status: 200, error: null }, 'delivered', null)
  say(`attempted ${id}`)
}

async function line(name: string): Promise<void> {
  for (let count = 0; ; count++) await call(`${prefix}-${name}-${count}`)
}

await Promise.all(Array.from({ length: 20 }, (_, index) => line(String(index))))
