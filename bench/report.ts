/** One table for people, one JSON line per figure for programs. */
import { loadavg } from 'node:os'
import type { SubjectName } from './subjects/subject.ts'
import { subjectNames } from './subjects/subject.ts'

export type Value =
  | Readonly<{
      value: number
      rounds: readonly number[]
      note?: string
      /** It was measured in other circumstances than the peer's. */
      beside?: 'nothing'
    }>
  /** Not measured, and why. */
  | Readonly<{ skipped: string }>
  /** Could not be measured, and why. */
  | Readonly<{ failed: string }>

export type Row = Readonly<{
  /** For programs; it does not change. */
  id: string
  /** For people. */
  figure: string
  unit: string
  better: 'less' | 'more'
  /** What Onhook aims at: a value, or how many times better than its peer. */
  aim?: Readonly<{ value: number }> | Readonly<{ times: number }>
  values: Readonly<Partial<Record<SubjectName, Value>>>
  /** Round by round, in the order in which the subjects took turns: percent of the machine's time that its host gave to others. */
  stolen?: readonly number[]
}>

/** One value of several rounds, with all of them beside it, and the last thing that was to be said. */
export function summarise(
  readings: readonly Readonly<{ value: number; note?: string | undefined; beside?: 'nothing' }>[],
  of: 'median' | 'worst',
  better: Row['better'],
): Value {
  const rounds = readings.map(({ value }) => value)
  const worst = better === 'less' ? Math.max(...rounds) : Math.min(...rounds)
  const note = readings.findLast((reading) => reading.note !== undefined)?.note
  const alone = readings.some(({ beside }) => beside === 'nothing')
  return {
    value: of === 'worst' ? worst : median(rounds),
    rounds,
    ...(note !== undefined && { note }),
    ...(alone && { beside: 'nothing' }),
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** `share` of the values, which are ascending, are not above it. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN
}

/** How many times better Onhook is; undefined unless both were measured. */
function times(row: Row): number | undefined {
  const { onhook, asterisk } = row.values
  if (onhook === undefined || asterisk === undefined || !('value' in onhook) || !('value' in asterisk)) return undefined
  if (onhook.beside !== undefined || asterisk.beside !== undefined) return undefined
  const ratio = row.better === 'less' ? asterisk.value / onhook.value : onhook.value / asterisk.value
  return Number.isFinite(ratio) ? ratio : undefined
}

function verdict(row: Row): { aim: string; met: boolean | undefined } {
  const { aim, better } = row
  if (aim === undefined) return { aim: '', met: undefined }
  const own = row.values.onhook
  if ('times' in aim) {
    const ratio = times(row)
    return { aim: `≥ ${aim.times} times`, met: ratio === undefined ? undefined : ratio >= aim.times }
  }
  const met =
    own !== undefined && 'value' in own
      ? better === 'less'
        ? own.value <= aim.value
        : own.value >= aim.value
      : undefined
  return { aim: `${better === 'less' ? '≤' : '≥'} ${format(aim.value)}`, met }
}

export function jsonLine(row: Row): string {
  const { met } = verdict(row)
  const ratio = times(row)
  return JSON.stringify({
    bench: 'calls',
    figure: row.id,
    about: row.figure,
    unit: row.unit,
    ...row.values,
    times: ratio === undefined ? null : Number(ratio.toPrecision(3)),
    aim: row.aim ?? null,
    met: met ?? null,
    ...(row.stolen !== undefined && { stolen: row.stolen.map((share) => Number(share.toFixed(1))) }),
    load: loadavg().map((load) => Number(load.toFixed(2))),
  })
}

export function table(rows: readonly Row[]): string {
  const head = ['', 'unit', ...subjectNames, 'times better', 'aim', '']
  const notes: string[] = []
  const cell = (value: Value | undefined): string => {
    if (value === undefined) return '–'
    if ('skipped' in value) return `SKIPPED${footnote(notes, value.skipped)}`
    if ('failed' in value) return `FAILED${footnote(notes, value.failed)}`
    return `${format(value.value)}${value.note === undefined ? '' : footnote(notes, value.note)}`
  }
  const lines = rows.map((row) => {
    const { aim, met } = verdict(row)
    const ratio = times(row)
    return [
      row.figure,
      row.unit,
      ...subjectNames.map((name) => cell(row.values[name])),
      ratio === undefined ? '' : ratio.toFixed(1),
      aim,
      met === undefined ? '' : met ? 'met' : 'MISSED',
    ]
  })
  const all = [head, ...lines]
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]!.length)))
  const left = new Set([0, 1, 5, 6])
  const text = all.map((line) =>
    line
      .map((word, column) => (left.has(column) ? word.padEnd(widths[column]!) : word.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
  return [text[0], '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...text.slice(1), ...notes].join(
    '\n',
  )
}

function footnote(notes: string[], text: string): string {
  const known = notes.findIndex((note) => note.endsWith(`] ${text}`))
  if (known >= 0) return ` [${known + 1}]`
  notes.push(`[${notes.length + 1}] ${text}`)
  return ` [${notes.length}]`
}

function format(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return Number(value.toFixed(digits)).toLocaleString('en')
}
