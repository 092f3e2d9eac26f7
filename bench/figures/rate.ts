/** The highest rate of calls at which nothing fails, nothing is sent twice, and the caller is not held up; and what a call costs then. */
import type { Bench } from '../bench.ts'
import { describeRepeated, runCalls } from '../caller/sipp.ts'
import { sleep, until } from '../machine/time.ts'
import { cpuOf } from '../machine/usage.ts'
import type { Running } from '../subjects/subject.ts'
import { serveWarm } from './cpu.ts'
import { defineFigure } from './figure.ts'

const talk = 100
/** Rates in a row differ by this factor, and what is found in the end is known as well as `fine`. */
const coarse = 1.5
const fine = 1.08
const highest = 8_000

type Step = Readonly<{
  fault: string | undefined
  /** Far beyond what is held: no chance would have spoilt it so. */
  hopeless: boolean
  /** Microseconds of CPU for each call. */
  micros: number
}>

async function step(bench: Bench, { pid, port }: Running, rate: number): Promise<Step> {
  const seconds = bench.options.quick ? 2 : 4
  const calls = Math.round(rate * seconds)
  const before = cpuOf(pid)
  const { succeeded, repeated, took } = await runCalls(bench, {
    port,
    calls,
    rate,
    talk,
    limit: seconds * 1000 + 20_000,
  })
  // What is done after the last call belongs to the calls too.
  await sleep(500, bench.signal)
  const micros = (cpuOf(pid) - before) / calls
  const again = [...repeated.values()].reduce((sum, count) => sum + count, 0)
  const hopeless = calls - succeeded + again > calls / 5
  const found = (fault: string | undefined) => ({ fault, hopeless, micros })
  if (succeeded < calls) return found(`${calls - succeeded} of ${calls} calls failed`)
  if (again > 0) return found(describeRepeated(repeated))
  const late = took - seconds * 1000 - talk
  return found(late > 500 + seconds * 50 ? `${Math.round(late)} ms late` : undefined)
}

export const rate = defineFigure({
  about: 'calls per second held without a retransmission or a failure',
  measures: {
    rate: { figure: 'calls per second held', unit: 'calls/s', better: 'more', of: 'median' },
    cpu: { figure: 'CPU per call at that rate', unit: 'µs', better: 'less', of: 'median' },
    calls: {
      figure: 'calls per CPU-second at that rate',
      unit: 'calls',
      better: 'more',
      aim: { times: 4 },
      of: 'median',
    },
  },
  async begin(bench, subject) {
    const served = await serveWarm(bench, subject)
    const { running } = served
    // A caller that gave up leaves calls that stand: they would send their silence, and be paid for, in the steps that follow.
    const idle = async () => {
      await running.endAll()
      await until(async () => (await running.live()) === 0, 40_000, bench.signal, 500)
    }
    // What else the machine does may spoil a step: it has two chances.
    const twice = async (wanted: number): Promise<Step> => {
      const first = await step(bench, running, wanted)
      if (first.fault === undefined || first.hopeless) return first
      await idle()
      return step(bench, running, wanted)
    }
    let start = 200
    return {
      async round() {
        let held = 0
        let micros = Number.NaN
        let lost = Number.POSITIVE_INFINITY
        let fault = ''
        const look = async (wanted: number) => {
          const found = await twice(wanted)
          bench.options.say(`  ${subject.name}, ${wanted} calls/s: ${found.fault ?? 'held'}`)
          if (found.fault === undefined) {
            held = wanted
            micros = found.micros
          } else {
            lost = wanted
            fault = `at ${wanted}/s ${found.fault}`
            await idle()
          }
        }
        for (
          let wanted = start;
          lost === Number.POSITIVE_INFINITY && wanted <= highest;
          wanted = Math.round(wanted * coarse)
        ) {
          await look(wanted)
        }
        while (lost !== Number.POSITIVE_INFINITY && lost / Math.max(held, 1) > fine && lost > 20) {
          await look(Math.round(held === 0 ? lost / 2 : Math.sqrt(held * lost)))
        }
        start = Math.max(20, Math.round(held / coarse))
        const rate = { value: held, note: fault || `the highest rate that was tried` }
        return held === 0 ? { rate } : { rate, cpu: { value: micros }, calls: { value: 1e6 / micros } }
      },
      close: served.close,
    }
  },
})
