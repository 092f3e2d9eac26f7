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

/** An engine on a thread of its own, so that no disk ever holds up a wire. */
export function threadEngine(role: Role, path: string): RemoteEngine {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let worker: Worker | undefined
  /** Why there is no thread. */
  let gone = new LedgerError('ledger.closed')
  let count = 0

  function abandon(detail: string): void {
    if (worker === undefined) return
    worker = undefined
    gone = new LedgerError('ledger.io', detail)
    for (const { reject } of waiting.values()) reject(gone)
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
    started.on('error', (error) => abandon(`its thread died: ${error.message}`))
    started.on('exit', () => abandon('its thread ended'))
    return started
  }

  function ask(request: { type: Request['type'] } & Record<string, unknown>): Promise<unknown> {
    if (worker === undefined) return Promise.reject(gone)
    const waiter = Promise.withResolvers<unknown>()
    const number = ++count
    waiting.set(number, waiter)
    worker.postMessage({ ...request, number })
    return waiter.promise
  }

  async function stop(): Promise<void> {
    const stopping = worker
    if (stopping === undefined) return
    await ask({ type: 'close' })
    worker = undefined
    await stopping.terminate()
  }

  return {
    async open() {
      worker ??= start()
      try {
        await ask({ type: 'open' })
      } catch (error) {
        await worker?.terminate()
        throw error
      }
    },
    commit: (writes) => ask({ type: 'commit', writes }) as Promise<CommitResult>,
    query: (name, args) => ask({ type: 'query', name, args }),
    close: stop,
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
