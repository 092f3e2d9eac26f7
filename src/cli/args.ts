/** Arguments of a command, from one table of flags. */
import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest.ts'
import { UsageError } from './io.ts'

type Flag =
  | Readonly<{ type: 'text'; short?: string; multiple?: boolean }>
  | Readonly<{ type: 'flag'; short?: string }>
  | Readonly<{ type: 'number'; short?: string; min?: number; max?: number }>

export type Flags = Readonly<Record<string, Flag>>

type Value<F extends Flag> = F extends { type: 'flag' }
  ? boolean
  : F extends { type: 'number' }
    ? number | undefined
    : F extends { multiple: true }
      ? readonly string[]
      : string | undefined

export type Parsed<F extends Flags> = Readonly<{
  flags: { readonly [K in keyof F]: Value<F[K]> }
  /** What is not a flag. */
  rest: readonly string[]
}>

/**
 * @param places how many further arguments are allowed: lowest and highest number
 * @throws UsageError that names the wrong argument
 */
export function parse<const F extends Flags>(
  args: readonly string[],
  flags: F,
  places: readonly [number, number] = [0, 0],
): Parsed<F> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      {
        type: flag.type === 'flag' ? ('boolean' as const) : ('string' as const),
        ...(flag.short !== undefined && { short: flag.short }),
        ...('multiple' in flag && flag.multiple === true && { multiple: true }),
      },
    ]),
  )
  const { values, positionals } = readArgs(args, options, Object.keys(flags))
  const [lowest, highest] = places
  if (positionals.length < lowest) throw new UsageError('an argument is missing')
  if (positionals.length > highest) throw new UsageError(`unexpected argument "${positionals[highest]}"`)
  const read = Object.entries(flags).map(([name, flag]) => [name, readFlag(name, flag, values[name])])
  return { flags: Object.fromEntries(read), rest: positionals }
}

function readArgs(
  args: readonly string[],
  options: NonNullable<Parameters<typeof parseArgs>[0]>['options'] & object,
  names: string[],
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const message = (error as Error).message
    const unknown = /Unknown option '(-[^']*)'/.exec(message)?.[1]
    if (unknown === undefined) throw new UsageError(message.split('\n')[0]!.replace(/\.? To specify .*$/, ''))
    const meant = nearest(unknown.replace(/^-+/, ''), names)
    throw new UsageError(`unknown option ${unknown}${meant === undefined ? '' : `; did you mean --${meant}?`}`)
  }
}

function readFlag(name: string, flag: Flag, given: unknown): unknown {
  switch (flag.type) {
    case 'flag':
      return given === true
    case 'text':
      return given ?? (flag.multiple === true ? [] : undefined)
    case 'number': {
      if (given === undefined) return undefined
      const value = Number(given)
      const { min = 0, max = Number.MAX_SAFE_INTEGER } = flag
      if (!/^\d+$/.test(String(given)) || value < min || value > max) {
        throw new UsageError(`--${name} must be a whole number from ${min} to ${max}`)
      }
      return value
    }
    default:
      return flag satisfies never
  }
}
