/** sipp as the caller: on loopback, bounded in calls and in time. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../bench.ts'
import type { Child } from '../machine/children.ts'
import { Lines } from '../machine/lines.ts'
import { freePort } from '../machine/ports.ts'

export type Plan = Readonly<{
  scenario: 'caller-ends' | 'caller-is-ended'
  /** UDP port on 127.0.0.1. */
  port: number
  calls: number
  /** New calls a second. */
  rate: number
  /** Milliseconds from the answer to the caller's BYE. */
  talk?: number
  /** Milliseconds after which it gives up. */
  limit: number
}>

/** What sipp counted. */
export type Outcome = Readonly<{
  succeeded: number
  failed: number
  /** How often each kind of message was sent again, by either side: `INVITE`, `200`, `BYE` … */
  repeated: ReadonlyMap<string, number>
  /** Milliseconds from each INVITE to its 200, ascending. */
  answers: readonly number[]
  /** Milliseconds from its first call to its end. */
  took: number
}>

/** undefined if nothing was. */
export function describeRepeated(repeated: Outcome['repeated']): string | undefined {
  if (repeated.size === 0) return undefined
  return `sent again: ${[...repeated].map(([message, count]) => `${message} ${count} times`).join(', ')}`
}

/** Something that happened to one call. `at`: milliseconds since the epoch. */
export type Moment = Readonly<{ what: 'answered' | 'bye'; call: number; at: number }>

export type Caller = Readonly<{
  /** What happened since this was last asked. */
  moments(): readonly Moment[]
  /** Resolves when every call is over, or sipp has given up. */
  done: Promise<Outcome>
  /** Ends sipp at once, whatever its calls do. */
  stop(): Promise<void>
}>

/** What sipp says of itself; undefined where it is not installed. It ends with 99, so the exit code says nothing. */
export function sippVersion(): string | undefined {
  return /SIPp v[^\s.]+(\.[\d]+)*/.exec(spawnSync('sipp', ['-v'], { encoding: 'utf8' }).stdout ?? '')?.[0]
}

export async function startCalls(bench: Bench, plan: Plan): Promise<Caller> {
  const folder = bench.folder('sipp')
  const scenario = fileURLToPath(new URL(`./${plan.scenario}.xml`, import.meta.url))
  const args = [
    ...[`127.0.0.1:${plan.port}`, '-i', '127.0.0.1', '-p', `${await freePort()}`, '-s', '100', '-sf', scenario],
    ...['-r', `${plan.rate}`, '-m', `${plan.calls}`, '-l', `${plan.calls}`, '-d', `${plan.talk ?? 0}`],
    // A burst of endings must not be lost in the caller's own buffer.
    ...['-buff_size', '4000000', '-timeout', `${Math.ceil(plan.limit / 1000)}`, '-nostdin'],
    ...['-trace_stat', '-stf', 'stat.csv', '-fd', '1', '-trace_counts', '-trace_rtt', '-rtt_freq', '1'],
    ...['-trace_logs', '-log_file', 'moments.log', '-trace_err', '-error_file', 'errors.log'],
  ]
  const child = await bench.children.start('sipp', args, { cwd: folder, log: join(folder, 'screen.log') })
  const log = new Lines(join(folder, 'moments.log'))
  const files = join(folder, `${plan.scenario}_${child.pid}_`)
  return {
    moments: () => log.read().map(readMoment),
    done: finish(child, plan.limit + 10_000).then(() => outcome(folder, files)),
    stop: () => child.end('SIGKILL'),
  }
}

/** Calls that their caller ends, from the first to the last. */
export async function runCalls(bench: Bench, plan: Omit<Plan, 'scenario'>): Promise<Outcome> {
  const caller = await startCalls(bench, { ...plan, scenario: 'caller-ends' })
  return caller.done
}

async function finish(child: Child, limit: number): Promise<void> {
  const timer = setTimeout(() => child.end('SIGKILL'), limit)
  await child.gone
  clearTimeout(timer)
}

function outcome(folder: string, files: string): Outcome {
  const stat = lastRow(join(folder, 'stat.csv'))
  const counts = lastRow(`${files}counts.csv`)
  const repeated = new Map<string, number>()
  for (const [name, count] of counts) {
    // `4_200_Retrans`
    const [, message, what] = name.split('_')
    if (what === 'Retrans' && count !== '0') repeated.set(message!, (repeated.get(message!) ?? 0) + Number(count))
  }
  return {
    succeeded: Number(stat.get('SuccessfulCall(C)') ?? 0),
    failed: Number(stat.get('FailedCall(C)') ?? 0),
    repeated,
    answers: rows(`${files}rtt.csv`)
      .slice(1)
      .map((row) => Number(row[1]))
      .sort((a, b) => a - b),
    took: readTime(stat.get('CurrentTime')) - readTime(stat.get('StartTime')),
  }
}

function rows(path: string): string[][] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'latin1').split('\n')
  return lines.filter((line) => line !== '').map((line) => line.split(';'))
}

/** The newest values of a file of statistics, by the names in its first line. */
function lastRow(path: string): ReadonlyMap<string, string> {
  const all = rows(path)
  const names = all[0] ?? []
  const values = all.length > 1 ? all.at(-1)! : []
  return new Map(names.map((name, column) => [name, values[column] ?? '']))
}

/** sipp writes a moment as date, time of day and seconds since the epoch, between tabs. @returns milliseconds */
function readTime(text = ''): number {
  return Number(text.split('\t')[2]) * 1000
}

/** `bye 17 2026-11-20<tab>12:57:54.636049<tab>1795179474.636049` */
function readMoment(line: string): Moment {
  const [what, call] = line.split(' ')
  return { what: what as Moment['what'], call: Number(call), at: readTime(line) }
}
