/** `onhook help` */
import { nearest } from '../config/nearest.ts'
import { parse } from './args.ts'
import { commands, isCommand, loadCommand } from './commands.ts'
import { exit, type Io, print, UsageError } from './io.ts'

export const help = `Usage: onhook help [COMMAND]

The commands, or one of them in full.`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { rest } = parse(args, {}, [0, 1])
  const [name] = rest
  if (name === undefined) {
    print(io, overview())
    return exit.done
  }
  if (name === 'help') {
    print(io, help)
    return exit.done
  }
  if (!isCommand(name)) {
    const meant = nearest(name, Object.keys(commands))
    throw new UsageError(`there is no command "${name}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`)
  }
  print(io, (await loadCommand(name)).help)
  return exit.done
}

export function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines: string[] = []
  let group = ''
  for (const [name, entry] of Object.entries(commands)) {
    if (entry.group !== group) {
      group = entry.group
      lines.push('', `${group}:`)
    }
    lines.push(`  ${name.padEnd(width)}  ${entry.summary}`)
  }
  lines.push(`  ${'help'.padEnd(width)}  help, of a command or in all`)
  return `Usage: onhook COMMAND [options]

Ends calls: once, everywhere, for a stated reason, on the record.
${lines.join('\n')}

"onhook help COMMAND" tells more. Exit codes: 0 done, 1 failed, 2 wrong usage.`
}
