import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { type Dialect, dialectNames, type Phase, phases } from '../call/ending.ts'
import { UsageError } from './io.ts'

/** Options of the commands that read messages. */
export const messageOptions = {
  phase: { type: 'string' },
  direction: { type: 'string' },
  sender: { type: 'string' },
  json: { type: 'boolean' },
  lines: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig

/** Parses arguments strictly. @throws UsageError */
export function parse<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** One of a list of words. @throws UsageError */
export function oneOf<const W extends string>(name: string, value: string, words: readonly W[]): W {
  if ((words as readonly string[]).includes(value)) return value as W
  throw new UsageError(`${name} is one of ${words.join(', ')}, not ${JSON.stringify(value)}`)
}

/** @throws UsageError */
export function dialectNamed(name: string, value: string): Dialect {
  return oneOf(name, value, dialectNames)
}

type Context = { phase?: Phase; direction?: 'in' | 'out'; sender?: 'caller' | 'callee' }
type Values = Readonly<{ phase?: string | undefined; direction?: string | undefined; sender?: string | undefined }>

/** What the flags say of the call. @throws UsageError */
export function contextOf({ phase, direction, sender }: Values): Context {
  const context: Context = {}
  if (phase !== undefined) context.phase = oneOf('--phase', phase, phases)
  if (direction !== undefined) context.direction = oneOf('--direction', direction, ['in', 'out'])
  if (sender !== undefined) context.sender = oneOf('--sender', sender, ['caller', 'callee'])
  return context
}
