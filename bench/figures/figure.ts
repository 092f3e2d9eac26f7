import type { Bench } from '../bench.ts'
import { machineTicks, stolenSince } from '../machine/usage.ts'
import { type Row, summarise, type Value } from '../report.ts'
import { type Subject, type SubjectName, subjectNames } from '../subjects/subject.ts'

/** One line of the table. */
export type Measure = Omit<Row, 'id' | 'values'> &
  Readonly<{
    /** Which of the rounds is reported. */
    of: 'median' | 'worst'
  }>

/** What one round found, by the names of the measures. */
export type Reading = Omit<Extract<Value, { value: number }>, 'rounds' | 'note'> &
  Readonly<{ note?: string | undefined }>
export type Readings<Name extends string = string> = Readonly<Partial<Record<Name, Reading>>>

export type Figure<Name extends string = string> = Readonly<{
  about: string
  measures: Readonly<Record<Name, Measure>>
  /** Who is measured; everyone if absent. */
  subjects?: readonly SubjectName[]
  begin(bench: Bench, subject: Subject): Promise<Session<Name>>
}>

/** One subject, ready to be measured as often as is wanted. */
export type Session<Name extends string = string> = Readonly<{
  round(): Promise<Readings<Name>>
  close(): Promise<void>
}>

export function defineFigure<Name extends string>(figure: Figure<Name>): Figure<Name> {
  return figure
}

/** The subjects take turns, round by round, so that what else the machine does falls on all of them. */
export async function measure(bench: Bench, name: string, figure: Figure): Promise<Row[]> {
  const names = figure.subjects ?? subjectNames
  const why = new Map<SubjectName, Value>()
  const sessions = new Map<SubjectName, Session>()
  const found = new Map<SubjectName, Readings[]>()
  const stolen: number[] = []
  const attempt = async (subject: SubjectName, work: () => Promise<void>) => {
    try {
      await work()
    } catch (fault) {
      if (bench.signal.aborted) throw bench.signal.reason
      const failed = fault instanceof Error ? fault.message : String(fault)
      bench.options.say(`${name}, ${subject}: FAILED: ${failed}`)
      why.set(subject, { failed })
    }
  }
  try {
    for (const subject of names) {
      const missing = bench.options.subjects[subject].missing()
      if (missing !== undefined) why.set(subject, { skipped: missing })
      else {
        bench.options.say(`${name}: ${subject} starts`)
        await attempt(subject, async () => {
          sessions.set(subject, await figure.begin(bench, bench.options.subjects[subject]))
        })
      }
    }
    for (let round = 1; round <= bench.options.rounds; round++) {
      for (const [subject, session] of sessions) {
        if (why.has(subject)) continue
        await attempt(subject, async () => {
          const before = machineTicks()
          const readings = await session.round()
          stolen.push(stolenSince(before))
          found.set(subject, [...(found.get(subject) ?? []), readings])
          bench.options.say(
            `${name}: ${subject}, round ${round} of ${bench.options.rounds}: ${describe(figure, readings)}, stolen ${stolen.at(-1)?.toFixed(0)} %`,
          )
        })
      }
    }
  } finally {
    await Promise.allSettled([...sessions.values()].map((session) => session.close()))
  }
  return Object.entries(figure.measures).map(([key, row]) => {
    const values = names.map((subject) => [subject, why.get(subject) ?? valueFrom(found.get(subject), key, row)])
    return {
      ...row,
      id: `${name}.${key}`,
      stolen,
      values: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    }
  })
}

function valueFrom(rounds: readonly Readings[] = [], key: string, { of, better }: Measure): Value | undefined {
  const readings = rounds.flatMap((readings) => readings[key] ?? [])
  if (readings.length === 0) return undefined
  return summarise(readings, of, better)
}

function describe(figure: Figure, readings: Readings): string {
  return Object.entries(readings)
    .map(([key, reading]) => `${figure.measures[key]?.figure} ${Number(reading?.value.toFixed(1))}`)
    .join(', ')
}
