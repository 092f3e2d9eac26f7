/** Opens a ledger, and prints the code of what stood in the way. Usage: node opening-process.ts PATH */
import { LedgerError } from '../../src/ledger/errors.ts'
import { createLedger } from '../../src/ledger/ledger.ts'

const [path = ''] = process.argv.slice(2)
const ledger = createLedger({ path })
try {
  await ledger.open()
  console.log('opened')
} catch (error) {
  console.log(error instanceof LedgerError ? error.code : error)
}
await ledger.close()
