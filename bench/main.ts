/**
 * Onhook beside Asterisk, on this machine, in one run, with sipp as the caller. docs/bench.md says what is measured and how.
 * `node bench/main.ts [--only NAME,…] [--rounds N] [--rate N] [--quick] [--json]`
 */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Bench } from './bench.ts'
import { sippVersion } from './caller/sipp.ts'
import { cpu } from './figures/cpu.ts'
import { crash } from './figures/crash.ts'
import { endMany } from './figures/end-many.ts'
import { type Figure, measure } from './figures/figure.ts'
import { chimeHandler } from './figures/handler.ts'
import { matrix } from './figures/matrix.ts'
import { memory } from './figures/memory.ts'
import { rate } from './figures/rate.ts'
import { webhook } from './figures/webhook.ts'
import { fileLimit } from './machine/usage.ts'
import { jsonLine, type Row, table } from './report.ts'
import { asterisk } from './subjects/asterisk.ts'
import { onhook } from './subjects/onhook.ts'
import { subjectNames } from './subjects/subject.ts'

const figures: Readonly<Record<string, Figure>> = {
  cpu,
  rate,
  memory,
  'end-2000': endMany(2_000),
  'end-10000': endMany(10_000, 1_000),
  crash,
  webhook,
  matrix,
  handler: chimeHandler('url'),
  'handler-file': chimeHandler('file'),
}
/** How fast messages are explained: a program of its own, without calls. */
const explain = 'explain'
const names = [...Object.keys(figures), explain]

const usage = `Usage: npm run bench -- [--only NAME,…] [--rounds N] [--rate N] [--quick] [--json]

  --only NAME,…   ${names.join(', ')}
  --rounds N      how often each is measured (3; with --quick 1); the median counts
  --rate N        calls per second where CPU is measured (400)
  --quick         small runs, to see that everything works
  --json          JSON lines only

docs/bench.md says what is measured, and how to read it.`

type Options = Readonly<{ only: readonly string[]; rounds: number; rate: number; quick: boolean; json: boolean }>

function options(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        rate: { type: 'string', default: '400' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) return ''
    const only = values.only?.split(',') ?? names
    const unknown = only.filter((name) => !names.includes(name))
    if (unknown.length > 0) return `there is no figure "${unknown.join(', ')}"`
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20) return '--rounds: expected 1 to 20'
    const rate = Number(values.rate)
    if (!Number.isInteger(rate) || rate < 1 || rate > 5_000) return '--rate: expected 1 to 5000'
    return { only, rounds, rate, quick: values.quick, json: values.json }
  } catch (fault) {
    return fault instanceof Error ? fault.message : String(fault)
  }
}

function load(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(' ')
}

async function measureCalls(
  { only, rounds, rate: cpuRate, quick }: Options,
  say: (text: string) => void,
): Promise<Row[]> {
  const wanted = Object.entries(figures).filter(([name]) => only.includes(name))
  if (wanted.length === 0) return []
  const sipp = sippVersion()
  if (sipp === undefined) {
    say('sipp is NOT INSTALLED (Debian: sip-tester). Every figure with calls is SKIPPED.')
    const skipped = { skipped: 'sipp is not installed' }
    return wanted.flatMap(([name, { measures, subjects = subjectNames }]) =>
      Object.entries(measures).map(([key, row]) => ({
        ...row,
        id: `${name}.${key}`,
        values: Object.fromEntries(subjects.map((name) => [name, skipped])),
      })),
    )
  }
  const bench = new Bench({ quick, rounds, rate: cpuRate, subjects: { onhook, asterisk }, say })
  const stop = (signal: NodeJS.Signals) => {
    say(`${signal}: everything that was started is ended`)
    bench.stop(`stopped by ${signal}`)
  }
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop)
  const rows: Row[] = []
  try {
    say(`${onhook.version()} · ${asterisk.version()} · ${sipp}`)
    say(`${cpus().length} × ${cpus()[0]?.model ?? 'CPU'} · ${fileLimit()} open files per process · load ${load()}`)
    const missing = asterisk.missing()
    if (missing !== undefined) say(`Asterisk is NOT MEASURED: ${missing}. Its column is SKIPPED.`)
    for (const [name, figure] of wanted) {
      say(`── ${figure.about} (load ${load()})`)
      for (const row of await measure(bench, name, figure)) rows.push(row)
    }
  } finally {
    await bench.close()
  }
  return rows
}

/** @returns its table, and its JSON lines */
function measureExplain(quick: boolean): { text: string; lines: string[] } {
  const program = fileURLToPath(new URL('./explain.ts', import.meta.url))
  const { stdout, status } = spawnSync(process.execPath, [program, ...(quick ? ['--quick'] : [])], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`bench/explain.ts ended with ${status}`)
  const lines = stdout.split('\n').filter((line) => line !== '')
  return {
    text: lines.filter((line) => !line.startsWith('{')).join('\n'),
    lines: lines.filter((line) => line.startsWith('{')),
  }
}

async function main(): Promise<number> {
  const chosen = options()
  if (typeof chosen === 'string') {
    console.error(chosen === '' ? usage : `bench: ${chosen}\n\n${usage}`)
    return chosen === '' ? 0 : 2
  }
  const say = (text: string) => console.error(text)
  const rows = await measureCalls(chosen, say)
  const texts = rows.length > 0 ? [table(rows)] : []
  const lines = rows.map(jsonLine)
  if (chosen.only.includes(explain)) {
    say('── messages explained per second on one core')
    const explained = measureExplain(chosen.quick)
    texts.push(explained.text)
    lines.push(...explained.lines)
  }
  if (!chosen.json) console.log(`\n${texts.join('\n\n')}\n`)
  for (const line of lines) console.log(line)
  return rows.some(({ values }) => Object.values(values).some((value) => 'failed' in value)) ? 1 : 0
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (fault: unknown) => {
    console.error(`bench: ${fault instanceof Error ? fault.message : String(fault)}`)
    process.exitCode = 1
  },
)
