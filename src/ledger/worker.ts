/** The thread that holds the database. It answers every request with one reply of the same number, in order. */
import { parentPort, workerData } from 'node:worker_threads'
import { type Engine, openEngine, type Role } from './engine.ts'
import { faultOf, LedgerError } from './errors.ts'
import type { Reply, Request } from './thread.ts'

const port = parentPort
if (port === null) throw new Error('this file is the entry of a worker thread')

const { role, path } = workerData as { role: Role; path: string }
let engine: Engine | undefined

function carryOut(request: Request): unknown {
  if (request.type === 'open') {
    engine = openEngine(role, path)
    return null
  }
  if (request.type === 'close') {
    engine?.close()
    return null
  }
  // Asked behind an opening that failed: nothing of it was done, and nobody may think so.
  if (engine === undefined) throw new LedgerError('ledger.io', 'the data file is not open')
  switch (request.type) {
    case 'commit':
      return engine.commit(request.writes)
    case 'query':
      return engine.query(request.name, request.args)
  }
}

port.on('message', (request: Request) => {
  let reply: Reply
  try {
    reply = { number: request.number, value: carryOut(request) }
  } catch (error) {
    reply = { number: request.number, fault: faultOf(error) }
  }
  port.postMessage(reply)
  if (request.type === 'close') port.close()
})
