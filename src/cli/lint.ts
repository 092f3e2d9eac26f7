/** `onhook lint` */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Fault } from '../dialects/dialect.ts'
import { profile as plivo } from '../dialects/plivo/index.ts'
import { type LintEnd, type LintOutcome, lenient, lint as lintDocument, strict } from '../dialects/vobiz/index.ts'
import { parse } from './args.ts'
import { CommandError, exit, type Io, print, printJson, UsageError } from './io.ts'
import { isResponse, lintResponse, reportLines } from './lint-chime.ts'
import { type Paint, painter } from './terminal.ts'

export const help = `Usage: onhook lint FILE… [options]

What a Vobiz or Plivo XML document will do to a call that rings, and to one that is answered: whether it answers,
what the caller gets first, and how the call ends. Of a Chime handler's response (JSON): what becomes of each action.

  FILE              "-" reads standard input
  --vendor V        vobiz (default) or plivo: whose defaults
  --strict          what the vendor does not document is a fault, not a warning
  --json            print JSON

Exit code 1 if a document is not valid.

Examples:
  onhook lint answer.xml
  echo '{"SchemaVersion":"1.0","Actions":[{"Type":"Hangup"}]}' | onhook lint -
  curl -s https://app.example/answer | onhook lint -`

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, rest } = parse(
    args,
    { vendor: { type: 'text' }, strict: { type: 'flag' }, json: { type: 'flag' } },
    [1, 1000],
  )
  const vendor = flags.vendor ?? 'vobiz'
  if (vendor !== 'vobiz' && vendor !== 'plivo') throw new UsageError(`--vendor is vobiz or plivo, not "${vendor}"`)
  const options = { ...(vendor === 'plivo' && { profile: plivo }), compat: flags.strict ? strict : lenient }
  const reports: object[] = []
  let valid = true
  for (const file of rest) {
    const bytes = await bytesOf(file, io)
    if (isResponse(bytes)) {
      const response = lintResponse(bytes)
      valid &&= response.ok
      reports.push({ file, ...response })
      if (!flags.json) print(io, reportLines(file, response, faultText, painter(io)).join('\n'))
      continue
    }
    const report = lintDocument(bytes, options)
    valid &&= report.ok
    reports.push({ file, ...report })
    if (!flags.json) print(io, reportText(file, report, painter(io)))
  }
  if (flags.json) printJson(io, reports)
  return valid ? exit.done : exit.failed
}

async function bytesOf(file: string, io: Io): Promise<Uint8Array> {
  if (file === '-') {
    const chunks: Buffer[] = []
    for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk as Uint8Array))
    return Buffer.concat(chunks)
  }
  try {
    return readFileSync(resolve(io.cwd, file))
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, 'cli.unreadable')
  }
}

function reportText(file: string, report: ReturnType<typeof lintDocument>, paint: Paint): string {
  const faults = report.ok ? [] : report.faults.map((one) => `  ${paint('red', 'fault')}    ${faultText(one)}`)
  const warnings = report.ok ? report.warnings.map((one) => `  ${paint('yellow', 'warning')}  ${faultText(one)}`) : []
  const head = `${paint('bold', file)}: ${report.ok ? paint('green', 'valid') : paint('red', 'not valid')}`
  return [head, ...faults, ...warnings, ...report.outcomes.flatMap((outcome) => outcomeText(outcome, paint))].join('\n')
}

function faultText({ place, message, remedy, code }: Fault): string {
  return `${place}: ${message}${remedy === undefined ? '' : ` (${remedy})`} [${code}]`
}

function outcomeText({ state, answers, first, ends }: LintOutcome, paint: Paint): string[] {
  const does = state === 'answered' ? '' : answers ? ', answers it' : ', does not answer'
  const sends = first === null ? 'sends nothing of its own' : `sends ${first} first`
  return [
    `  ${paint('cyan', state === 'answered' ? 'on an answered call' : 'on a ringing call')}${does}, ${sends}`,
    ...ends.map((end) => `    ${endText(end)}`),
  ]
}

function endText(end: LintEnd): string {
  const when = end.when === 'certain' ? '' : ` (${end.when})`
  switch (end.type) {
    case 'ends':
      return `ends: ${end.cause} by ${end.actor}, ${end.code} ${end.name}${when}`
    case 'continues':
      return `goes on at ${end.url}${when}`
    case 'goes-on':
      return `goes on until a party, a limit or the API ends it${when}`
    default:
      return end satisfies never
  }
}
