/** Handler files on disk, and functions that run them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import {
  createFunctions,
  type FunctionLine,
  type FunctionSettings,
  type FunctionsOptions,
  type FunctionsWarning,
} from '../../src/functions/index.ts'
import { systemClock } from '../../src/switchboard/clock.ts'
import type { FunctionResult } from '../../src/switchboard/ports.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** A folder with these files, gone with the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

export function functionsOf(
  functions: Readonly<Record<string, FunctionSettings>>,
  options: Partial<FunctionsOptions> = {},
) {
  const lines: FunctionLine[] = []
  const warnings: FunctionsWarning[] = []
  const running = createFunctions({
    functions,
    clock: systemClock(),
    warn: (warning) => warnings.push(warning),
    print: (line) => lines.push(line),
    ...options,
  })
  onTestFinished(() => running.close())
  let count = 0
  /** Long enough for a loaded machine: what a test expects to time out, it lets time out by its own clock. */
  const invoke = (name: string, event: unknown, more: { timeout?: number; signal?: AbortSignal } = {}) =>
    running.invoke(name, event, { timeout: 15_000, requestId: `request-${++count}`, ...more })
  return { ...running, invoke, lines, warnings }
}

/** One JavaScript handler. */
export function handlerOf(source: string, name = 'handler.cjs', options: Partial<FunctionsOptions> = {}) {
  const folder = folderWith({ [name]: source })
  const { invoke, ...rest } = functionsOf({ it: { file: join(folder, name) } }, options)
  return { ...rest, folder, invoke: (event: unknown, more?: Parameters<typeof invoke>[2]) => invoke('it', event, more) }
}

/** A result without its duration. */
export function essence(result: FunctionResult): Omit<FunctionResult, 'milliseconds'> {
  const { milliseconds: _, ...rest } = result
  return rest
}
