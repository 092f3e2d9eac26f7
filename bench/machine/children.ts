/** Programs that the benchmark starts. Every one of them ends with it, by its own handle. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { now } from './time.ts'

export type Child = Readonly<{
  pid: number
  /** The moment at which it was started. */
  started: number
  /** Resolves with the exit code when it is gone; null if a signal ended it. */
  gone: Promise<number | null>
  running(): boolean
  /** Sends the signal, and SIGKILL if it still runs after `grace` milliseconds. Resolves when it is gone. */
  end(signal: NodeJS.Signals, grace?: number): Promise<void>
}>

export class Children {
  readonly #running = new Set<Child>()
  #state: 'open' | 'closed' = 'open'

  /** @throws if it cannot be started. What it says goes to the file `log`. */
  async start(
    command: string,
    args: readonly string[],
    options: { cwd: string; log: string; env?: Record<string, string> },
  ): Promise<Child> {
    if (this.#state === 'closed') throw new Error('no more programs are started')
    const log = openSync(options.log, 'a')
    // Settings of the user's own server must not change the one that is measured.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ONHOOK_')))
    const started = now()
    const handle = spawn(command, args, {
      cwd: options.cwd,
      env: { ...env, ...options.env },
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    const exit = once(handle, 'exit').then(([code]) => code as number | null)
    exit.catch(() => {})
    const running = () => handle.exitCode === null && handle.signalCode === null
    const child: Child = {
      pid: handle.pid!,
      started,
      gone: exit,
      running,
      async end(signal, grace = 5_000) {
        if (running()) handle.kill(signal)
        const timer = setTimeout(() => handle.kill('SIGKILL'), grace)
        await exit
        clearTimeout(timer)
      },
    }
    this.#running.add(child)
    exit.finally(() => this.#running.delete(child)).catch(() => {})
    await once(handle, 'spawn')
    return child
  }

  async endAll(): Promise<void> {
    this.#state = 'closed'
    await Promise.all([...this.#running].map((child) => child.end('SIGKILL')))
  }
}
