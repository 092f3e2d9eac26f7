/** Programs that the tests start. Whatever becomes of a test, none outlives its process. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export type Program = ChildProcessByStdio<Writable, Readable, Readable>

const living = new Set<Program>()

export function startProgram(program: string, args: readonly string[], environment?: NodeJS.ProcessEnv): Program {
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  child.stdin.on('error', () => {})
  living.add(child)
  child.once('exit', () => living.delete(child))
  return child
}

/** Whether it has not ended yet. */
export function lives({ exitCode, signalCode }: Program): boolean {
  return exitCode === null && signalCode === null
}

process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})
