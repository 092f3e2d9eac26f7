import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

export type Stream = 'stdout' | 'stderr'

export type ProcessOptions = Readonly<{
  command: string
  args: readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  /** A channel for messages beside its output. */
  channel: boolean
  onLine(stream: Stream, text: string): void
}>

export type RunningProcess = Readonly<{
  child: ChildProcess
  /** How it ended: a sentence without its full stop. Also if it could not be started. */
  exited: Promise<string>
  /** Ends it and all that it started. */
  kill(): Promise<void>
}>

/** Longer lines are cut; so is what one job says beyond so much. Characters. */
const longestLine = 8_192

/** A process in a group of its own, so that nothing that it started outlives it. */
export function startProcess(options: ProcessOptions): RunningProcess {
  const { promise: exited, resolve } = Promise.withResolvers<string>()
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: options.channel ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    ...(options.channel ? { serialization: 'json' } : {}),
  })
  const finish = [lines(child, 'stdout', options.onLine), lines(child, 'stderr', options.onLine)]
  child.once('error', (fault) => {
    if (child.pid !== undefined) return
    // Node says that the program is missing when it is the folder.
    const why = existsSync(options.cwd) ? fault.message : `there is no folder ${options.cwd}`
    resolve(`it could not be started: ${why}`)
  })
  child.once('exit', (code, signal) => {
    // What it started may still run, and hold its output open.
    killGroup(child)
    // What it said last is in the pipe still.
    setImmediate(() => {
      for (const last of finish) last()
      resolve(signal === null ? `its process ended with code ${code}` : `its process was ended by ${signal}`)
    })
  })
  return {
    child,
    exited,
    async kill() {
      // Once it has ended its group is gone with it, and the number may be somebody else's.
      if (child.exitCode === null && child.signalCode === null) killGroup(child)
      await exited
    },
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}

/** @returns to be called at the end: says what stands without a line's end, and lets go of the pipe. */
function lines(child: ChildProcess, stream: Stream, onLine: ProcessOptions['onLine']): () => void {
  const pipe = child[stream]
  if (pipe === null) return () => {}
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() as string
    for (const part of parts) onLine(stream, cut(part.replace(/\r$/, '')))
    if (rest.length > longestLine) rest = rest.slice(0, longestLine + 1)
  }
  pipe.on('data', (bytes: Buffer) => take(decoder.write(bytes)))
  pipe.on('error', () => {})
  return () => {
    for (let bytes = pipe.read(); bytes !== null; bytes = pipe.read()) take(decoder.write(bytes as Buffer))
    if (rest !== '') onLine(stream, cut(rest))
    rest = ''
    pipe.destroy()
  }
}

export function cut(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line
}
