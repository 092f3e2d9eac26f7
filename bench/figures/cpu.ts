/** CPU for each call, with its record durable. */
import type { Bench } from '../bench.ts'
import { runCalls } from '../caller/sipp.ts'
import { sleep, until } from '../machine/time.ts'
import { cpuOf } from '../machine/usage.ts'
import { quantile } from '../report.ts'
import type { Place, Running, Settings, Subject } from '../subjects/subject.ts'
import { defineFigure } from './figure.ts'

/** Milliseconds. */
const talk = 500

export type Served = Readonly<{ place: Place; running: Running; close(): Promise<void> }>

/**
 * A subject as it is in production, where it has run for days: it has answered as many calls at the same rate as a round measures, has
 * compiled what it runs, and holds what 32 s of such calls leave behind.
 */
export async function serveWarm(bench: Bench, subject: Subject, settings?: Settings): Promise<Served> {
  const place = await subject.place(bench, settings)
  const running = await place.start()
  const { quick, rate } = bench.options
  const calls = quick ? 1_000 : 20_000
  const limit = (calls / rate) * 1000 + 60_000
  const { succeeded } = await runCalls(bench, { port: running.port, calls, rate, talk, limit })
  // What has not compiled itself yet may be too slow for the rate. Callers that gave up leave calls that stand.
  if (succeeded < calls) await running.endAll()
  const close = async () => {
    await running.stop()
    place.close()
  }
  return { place, running, close }
}

export async function spend(bench: Bench, { place, running }: Served, calls: number) {
  const { rate } = bench.options
  const recorded = place.records()
  const before = cpuOf(running.pid)
  const outcome = await runCalls(bench, {
    port: running.port,
    calls,
    rate,
    talk,
    limit: (calls / rate) * 1000 + 60_000,
  })
  if (outcome.succeeded < calls * 0.99) throw new Error(`${calls - outcome.succeeded} of ${calls} calls failed`)
  await until(() => place.records() >= recorded + calls, 10_000, bench.signal)
  // What is done after the last record belongs to the calls too.
  await sleep(500, bench.signal)
  return { outcome, micros: (cpuOf(running.pid) - before) / calls, records: place.records() - recorded }
}

export const callCount = (bench: Bench) => (bench.options.quick ? 2_000 : 10_000)

export const cpu = defineFigure({
  about: 'CPU for each call, its record durable',
  measures: {
    cpu: { figure: 'CPU per call', unit: 'µs', better: 'less', aim: { value: 150 }, of: 'median' },
    calls: { figure: 'calls per CPU-second', unit: 'calls', better: 'more', aim: { times: 4 }, of: 'median' },
    recorded: { figure: 'calls recorded', unit: '%', better: 'more', aim: { value: 100 }, of: 'worst' },
    failed: { figure: 'calls failed', unit: 'calls', better: 'less', aim: { value: 0 }, of: 'worst' },
    answer50: { figure: 'INVITE to 200, p50', unit: 'ms', better: 'less', of: 'median' },
    answer99: { figure: 'INVITE to 200, p99', unit: 'ms', better: 'less', of: 'median' },
  },
  async begin(bench, subject) {
    const served = await serveWarm(bench, subject)
    return {
      async round() {
        const calls = callCount(bench)
        const { outcome, micros, records } = await spend(bench, served, calls)
        return {
          cpu: { value: micros },
          calls: { value: 1e6 / micros },
          recorded: { value: (records / calls) * 100 },
          failed: { value: calls - outcome.succeeded },
          answer50: { value: quantile(outcome.answers, 0.5) },
          answer99: { value: quantile(outcome.answers, 0.99) },
        }
      },
      close: served.close,
    }
  },
})
