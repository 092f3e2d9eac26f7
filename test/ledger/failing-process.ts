/** Settles calls until the disk takes no more, and prints what became of the ledger. Usage: node failing-process.ts PATH */
import { LedgerError } from '../../src/ledger/errors.ts'
import { createLedger, type LedgerHealth } from '../../src/ledger/ledger.ts'
import { callRecord, delivery } from './values.ts'

const [path = ''] = process.argv.slice(2)
const ledger = createLedger({ path })
await ledger.open()

const describe = (health: LedgerHealth) => (health.state === 'ok' ? 'ok' : `failing ${health.fault.code}`)

console.log('health', describe(ledger.health()))
const filler = { text: 'x'.repeat(10_000) }
for (let count = 0; ; count++) {
  try {
    await ledger.settle(callRecord(`c${count}`, { app: filler }), [delivery(`d${count}`, `c${count}`)])
  } catch (error) {
    console.log('rejected', error instanceof LedgerError ? error.code : error)
    console.log('names the file:', String(error).includes(path))
    console.log('health', describe(ledger.health()))
    console.log('probe', describe(await ledger.probe(1)))
    const { items } = await ledger.records({}, { limit: 1000 })
    console.log('reads its records:', items.length === count)
    break
  }
}
await ledger.close()
console.log('closed')
