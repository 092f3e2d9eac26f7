/** `onhook serve` as a process of its own, started and ended by its handle. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../io.ts'

const main = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url))

/** Milliseconds. */
const startLimit = 20_000
const stopLimit = 5_000

export type ServerProcess = Readonly<{
  pid: number
  /** `host:port` */
  sip: string
  /** `http://host:port` */
  http: string
  /** `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>
  /** SIGTERM, and SIGKILL if that is not heard. */
  stop(): Promise<void>
}>

/** Starts a server and waits until it serves. @throws CommandError with what it said if it does not. */
export async function startProcess(configFile: string): Promise<ServerProcess> {
  const { serves, ...handle } = spawnServer(configFile)
  return { ...handle, ...(await serves) }
}

/** A server that may not serve yet. `serves` rejects with a CommandError if it never does. */
export function spawnServer(
  configFile: string,
): Pick<ServerProcess, 'pid' | 'kill' | 'stop'> & Readonly<{ serves: Promise<Pick<ServerProcess, 'sip' | 'http'>> }> {
  // Settings of the caller's own server must not change this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ONHOOK_')))
  const child = spawn(process.execPath, [main, 'serve', '--config', configFile], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = once(child, 'exit')
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await gone
  }
  return {
    pid: child.pid!,
    serves: addresses(child),
    kill: () => end('SIGKILL'),
    async stop() {
      const timer = setTimeout(() => child.kill('SIGKILL'), stopLimit)
      await end('SIGTERM')
      clearTimeout(timer)
    },
  }
}

/** Where it serves: its own words on standard error. */
function addresses(child: ChildProcess): Promise<{ sip: string; http: string }> {
  return new Promise((resolve, reject) => {
    let said = ''
    const failed = (why: string) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new CommandError(`the server did not start: ${why}\n${said}`.trimEnd(), 'cli.demo-failed'))
    }
    const timer = setTimeout(() => failed(`nothing heard for ${startLimit / 1000} s`), startLimit)
    child.once('error', (error) => failed(error.message))
    child.once('exit', (code) => failed(`exit code ${code}`))
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const [, sip, http] = /serves SIP at (\S+) and HTTP at (\S+)/.exec(said) ?? []
      if (sip === undefined || http === undefined) return
      clearTimeout(timer)
      resolve({ sip, http })
    })
  })
}
