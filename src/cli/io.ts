/** What a command has of the world. Handed in, so that tests can look. */
import type { Readable, Writable } from 'node:stream'

export type Io = Readonly<{
  stdin: Readable
  /** Results only: safe to pipe. */
  stdout: Writable & { isTTY?: boolean; columns?: number }
  /** Everything for people: progress, warnings, errors. */
  stderr: Writable & { isTTY?: boolean }
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back when the process is asked to stop; returns the unsubscriber. */
  onSignal(signal: 'SIGINT' | 'SIGTERM', listener: () => void): () => void
}>

/** Exit codes. */
export const exit = { done: 0, failed: 1, usage: 2 } as const

/** A command: one file each. */
export type Command = Readonly<{
  /** Printed by `onhook help NAME` and `onhook NAME --help`. */
  help: string
  /** @returns the exit code. @throws UsageError for 2, CommandError for 1. */
  run(args: readonly string[], io: Io): Promise<number>
}>

/** Wrong usage: exit code 2, with a pointer to the help text. */
export class UsageError extends Error {
  readonly code = 'cli.usage'

  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** It was asked rightly and did not work: exit code 1. */
export class CommandError extends Error {
  readonly code: string

  constructor(message: string, code = 'cli.failed') {
    super(message)
    this.name = 'CommandError'
    this.code = code
  }
}

export function print(io: Io, text: string): void {
  io.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** To standard error. */
export function note(io: Io, text: string): void {
  io.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
}

export function printJson(io: Io, value: unknown): void {
  print(io, JSON.stringify(value, null, io.stdout.isTTY === true ? 2 : undefined))
}
