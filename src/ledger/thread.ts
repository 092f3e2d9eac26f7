import { Worker } from 'node:worker_threads'
import { inMemory } from './database.ts'
import { openEngine, type Role } from './engine.ts'
import { errorOf, faultOf, LedgerError, type LedgerFault } from './errors.ts'
import type { QueryName } from './queries.ts'
import type { Write } from './write.ts'
import type { CommitResult } from './writer.ts'

export type Request = Readonly<
  { number: number } & (
    | { type: 'open' }
    | { type: 'commit'; writes: readonly Write[] }
    | { type: 'query'; name: QueryName; args: readonly unknown[] }
    | { type: 'close' }
  )
>

export type Reply = Readonly<{ number: number; value: unknown } | { number: number; fault: LedgerFault }>

/** An engine somewhere else. Every promise rejects with a LedgerError only. */
export interface RemoteEngine {
  open(): Promise<void>
  commit(writes: readonly Write[]): Promise<CommitResult>
  query(name: QueryName, args: readonly unknown[]): Promise<unknown>
  close(): Promise<void>
}

const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

/** Milliseconds that a thread whose database is closed may take to leave: long, as a busy machine may need seconds, and force is a risk. */
const patience = 10_000

/** Settles when it has ended: by itself, since ending a thread by force has crashed Node (https://github.com/nodejs/node/issues/56312). */
async function left(worker: Worker): Promise<void> {
  const force = setTimeout(() => void worker.terminate(), patience)
  await new Promise((resolve) => worker.once('exit', resolve))
  clearTimeout(force)
}

type ThreadState =
  | Readonly<{ name: 'new' | 'closed' }>
  | Readonly<{ name: 'running'; worker: Worker }>
  /** It died. The next question starts another one. */
  | Readonly<{ name: 'died' }>

/**
 * An engine on a thread of its own, so that no disk ever holds up a wire. A thread that dies (out of memory, a defect)
 * fails what it was asked, and is followed by another: what was committed is in the file, and the rest is asked again.
 */
export function threadEngine(role: Role, path: string): RemoteEngine {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let state: ThreadState = { name: 'new' }
  let count = 0

  function died(worker: Worker, detail: string): void {
    if (state.name !== 'running' || state.worker !== worker) return
    state = { name: 'died' }
    const fault = new LedgerError('ledger.io', detail)
    for (const { reject } of waiting.values()) reject(fault)
    waiting.clear()
  }

  function start(): Worker {
    const started = new Worker(workerUrl, { workerData: { role, path } })
    started.on('message', (reply: Reply) => {
      const waiter = waiting.get(reply.number)
      waiting.delete(reply.number)
      if ('fault' in reply) waiter?.reject(errorOf(reply.fault))
      else waiter?.resolve(reply.value)
    })
    started.on('error', (error) => died(started, `its thread died: ${error.message}`))
    started.on('exit', () => died(started, 'its thread ended'))
    state = { name: 'running', worker: started }
    return started
  }

  function post(worker: Worker, request: { type: Request['type'] } & Record<string, unknown>): Promise<unknown> {
    const waiter = Promise.withResolvers<unknown>()
    const number = ++count
    waiting.set(number, waiter)
    worker.postMessage({ ...request, number })
    return waiter.promise
  }

  function ask(request: { type: Request['type'] } & Record<string, unknown>): Promise<unknown> {
    if (state.name === 'running') return post(state.worker, request)
    if (state.name !== 'died') return Promise.reject(new LedgerError('ledger.closed'))
    // Requests are answered in their order: this one stands behind the opening.
    const worker = start()
    const opened = open(worker)
    return Promise.all([post(worker, request), opened]).then(([answer]) => answer)
  }

  async function open(worker: Worker): Promise<void> {
    try {
      await post(worker, { type: 'open' })
    } catch (error) {
      died(worker, 'it could not be opened')
      await worker.terminate()
      throw error
    }
  }

  async function close(): Promise<void> {
    if (state.name === 'running') await post(state.worker, { type: 'close' }).catch(() => {})
    // Unless it died of that.
    if (state.name === 'running') await left(state.worker)
    state = { name: 'closed' }
  }

  return {
    open: () => open(start()),
    commit: (writes) => ask({ type: 'commit', writes }) as Promise<CommitResult>,
    query: (name, args) => ask({ type: 'query', name, args }),
    close,
  }
}

/** A database in this thread's memory, gone with it: for tests, and for trying things out. */
export function memoryEngine(): RemoteEngine {
  const engine = openEngine('writer', inMemory)
  return {
    open: async () => {},
    commit: async (writes) => engine.commit(writes),
    async query(name, args) {
      try {
        return engine.query(name, args)
      } catch (error) {
        throw errorOf(faultOf(error))
      }
    },
    close: async () => engine.close(),
  }
}
