import { styleText } from 'node:util'
import { type Cause, causeNames, causes, isCause } from '../call/causes.ts'
import { dialectNames } from '../call/ending.ts'
import { codecOf } from '../dialects/index.ts'
import { dialectTitles, wordFor } from '../dialects/words.ts'
import { exit, type Io, print, printJson, UsageError } from './io.ts'
import { parse } from './message-options.ts'

export const help = `Print the catalogue of causes: why calls end.

Usage: onhook causes [CAUSE] [--json]

Without CAUSE, all of them: cause, kind, Q.850 value, and when it is said. With CAUSE, how each dialect says it, and what
a listener there understands.

  --json        the same as JSON
  -h, --help    this text

Exit codes: 0 done, 2 wrong usage.
`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, { json: { type: 'boolean' } })
  const [cause, ...more] = positionals
  if (more.length > 0) throw new UsageError(`one cause at a time, and not also ${more.join(' ')}`)
  if (cause !== undefined && !isCause(cause)) {
    throw new UsageError(`there is no cause ${JSON.stringify(cause)}; they are ${causeNames.join(', ')}`)
  }
  if (values.json === true) printJson(io, cause === undefined ? causeNames.map(entryOf) : entryOf(cause))
  else print(io, cause === undefined ? catalogue(io) : dialectsOf(cause, io))
  return exit.done
}

function entryOf(cause: Cause) {
  const dialects = dialectNames.map((dialect) => [
    dialect,
    { word: wordFor(dialect, cause), heard: codecOf(dialect).says[cause] },
  ])
  return { cause, ...causes[cause], dialects: Object.fromEntries(dialects) }
}

function catalogue(io: Io): string {
  const rows = causeNames.map((cause) => {
    const { kind, when, q850 } = causes[cause]
    return [cause, kind, q850 === null ? '–' : String(q850), when]
  })
  return aligned(['CAUSE', 'KIND', 'Q.850', 'THE CALL ENDED BECAUSE'], rows, io)
}

function dialectsOf(cause: Cause, io: Io): string {
  const rows = dialectNames.map((dialect) => {
    const heard = codecOf(dialect).says[cause]
    return [dialectTitles[dialect], wordFor(dialect, cause), heard === cause ? 'as it is' : `as ${heard}`]
  })
  const head = `${cause}: ${causes[cause].when} (${causes[cause].kind})`
  return `${styled('bold', head, io)}\n\n${aligned(['DIALECT', 'SAYS', 'HEARD'], rows, io)}`
}

function aligned(head: readonly string[], rows: readonly (readonly string[])[], io: Io): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [styled('dim', line(head), io), ...rows.map(line)].join('\n')
}

function styled(style: 'bold' | 'dim', text: string, io: Io): string {
  const coloured = io.stdout.isTTY === true && (io.env.NO_COLOR ?? '') === ''
  return coloured ? styleText(style, text, { validateStream: false }) : text
}
