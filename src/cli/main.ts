import { realpathSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { nearest } from '../config/nearest.ts'
import { commands, isCommand, loadCommand } from './commands.ts'
import { CommandError, exit, type Io, note, print, UsageError } from './io.ts'

// A server that comes back after a crash has calls to end: compiling what it compiled before would keep them waiting.
enableCompileCache()
// V8 13.6 may free a piece of WebAssembly code twice, which ends the process (docs/adr/0014-webassembly-code-stays.md).
setFlagsFromString('--no-wasm-code-gc')

/** Runs one command line. @returns the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = args
  if (first === undefined) {
    note(io, (await import('./help.ts')).overview())
    return exit.usage
  }
  const name =
    first === '--help' || first === '-h' ? 'help' : first === '--version' || first === '-v' ? 'version' : first
  if (name !== 'help' && !isCommand(name)) {
    const meant = nearest(name, [...Object.keys(commands), 'help'])
    note(
      io,
      `onhook: there is no command "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}\nSee: onhook help`,
    )
    return exit.usage
  }
  try {
    const command = name === 'help' ? await import('./help.ts') : await loadCommand(name)
    const end = rest.indexOf('--')
    if (rest.slice(0, end === -1 ? undefined : end).some((arg) => arg === '--help' || arg === '-h')) {
      print(io, command.help)
      return exit.done
    }
    return await command.run(rest, io)
  } catch (error) {
    if (error instanceof UsageError) {
      note(io, `onhook ${name}: ${error.message}\nSee: onhook help ${name}`)
      return exit.usage
    }
    if (error instanceof CommandError) {
      note(io, `onhook ${name}: ${error.message}`)
      return exit.failed
    }
    throw error
  }
}

const processIo: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  now: () => Date.now(),
  onSignal(signal, listener) {
    process.on(signal, listener)
    return () => process.off(signal, listener)
  },
}

/** Whether this file itself was started, as in a checkout. */
function isStarted(): boolean {
  const started = process.argv[1]
  return started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)
}

/** Runs the command line that this process was started with. */
export function start(): void {
  // `onhook records | head` closes the pipe early: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? exit.done : exit.failed)
  })
  main(process.argv.slice(2), processIo).then(
    (code) => {
      process.exitCode = code
    },
    (error: unknown) => {
      console.error(error)
      process.exitCode = exit.failed
    },
  )
}

if (isStarted()) start()
