/** What `serve` and `dev` share: a server from its start to its end. */
import type { Config } from '../config/config.ts'
import { type ConfigFault, faultLine } from '../config/fault.ts'
import { LedgerError } from '../ledger/errors.ts'
import type { RunningServer } from '../server.ts'
import { CommandError, exit, type Io, note } from './io.ts'

/** A server as its commands see it. */
export type Running = Pick<RunningServer, 'sipAddress' | 'httpAddress' | 'control' | 'drain' | 'stop'>

/** `log`: takes the log's lines, instead of standard output. */
export type Start = (config: Config, log?: LogLines, development?: Development) => Promise<Running>

/** `watch`: handlers are loaded again when their files change. `print`: takes each line that they print. */
export type Development = Readonly<{ watch: boolean; print(line: string): void }>

type LogLines = Readonly<{ write(line: string): void }>

/** Loaded only when a server is really started. */
export const startServer: Start = async (config, destination, development) => {
  const { startServer } = await import('../server.ts')
  const functions = development === undefined ? {} : { functions: development }
  if (destination === undefined) return startServer(config, functions)
  const { createLogger } = await import('../http/log.ts')
  return startServer(config, { log: createLogger({ level: config.log.level, destination }), ...functions })
}

/** @throws CommandError with a sentence for the faults that people meet. */
export async function started(
  start: Start,
  config: Config,
  log?: LogLines,
  development?: Development,
): Promise<Running> {
  try {
    return await start(config, log, development)
  } catch (error) {
    throw sentenceOf(error) ?? error
  }
}

function sentenceOf(error: unknown): CommandError | undefined {
  if (error instanceof LedgerError) return new CommandError(`${error.message}; ${error.remedy}`, error.code)
  const { code, port, address, hostname, cause } = error as NodeJS.ErrnoException & {
    port?: number
    address?: string
    hostname?: string
  }
  const where = port === undefined ? '' : ` (${address ?? ''}:${port})`
  if (code === 'EADDRINUSE')
    return new CommandError(
      `another program listens there already${where}: stop it, or take another port`,
      'cli.address-in-use',
    )
  if (code === 'EACCES') return new CommandError(`not allowed to listen there${where}`, 'cli.address-refused')
  if (code === 'EADDRNOTAVAIL')
    return new CommandError(`this machine has no such address${where}`, 'cli.address-unknown')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new CommandError(`nobody knows the name "${hostname}": listen on an address`, 'cli.address-unknown')
  // The SIP transport's own error has the system's behind it.
  return cause instanceof Error ? sentenceOf(cause) : undefined
}

/**
 * Until a signal ends it. SIGTERM drains: what lives may finish, up to the limit. SIGINT ends now. A second signal,
 * whichever, cuts a drain short.
 */
export async function untilStopped(server: Running, drainSeconds: number, io: Io): Promise<number> {
  let off: readonly (() => void)[] = []
  try {
    await new Promise<void>((resolve, reject) => {
      let state: 'running' | 'stopping' = 'running'
      const finish = (ending: Promise<void>) => {
        state = 'stopping'
        ending.then(resolve, reject)
      }
      const stopNow = () => {
        note(io, 'ending all calls')
        finish(server.stop())
      }
      const drain = () => {
        note(io, `draining: no new calls; live ones have ${drainSeconds} s`)
        finish(server.drain())
      }
      off = [io.onSignal('SIGTERM', () => (state === 'running' ? drain() : stopNow())), io.onSignal('SIGINT', stopNow)]
    })
  } finally {
    for (const unsubscribe of off) unsubscribe()
  }
  return exit.done
}

/** Every fault at once; nothing starts. */
export function configFaults(faults: readonly ConfigFault[], file: string | null): CommandError {
  const where = file ?? 'the environment'
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`
  return new CommandError(
    `${count} in ${where}; nothing was started\n${faults.map((one) => `  ${faultLine(one)}`).join('\n')}`,
    'cli.config',
  )
}

export function configWarnings(warnings: readonly ConfigFault[], io: Io): void {
  for (const one of warnings) note(io, `warning: ${faultLine(one)}`)
}
