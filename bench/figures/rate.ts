/** The highest rate of calls at which nothing fails, nothing is sent twice, and the caller is not held up. */
import type { Bench } from '../bench.ts'
import { describeRepeated, runCalls } from '../caller/sipp.ts'
import { sleep, until } from '../machine/time.ts'
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
}>

async function step(bench: Bench, port: number, rate: number): Promise<Step> {
  const seconds = bench.options.quick ? 2 : 4
  const calls = Math.round(rate * seconds)
  const { succeeded, repeated, took } = await runCalls(bench, {
    port,
    calls,
    rate,
    talk,
    limit: seconds * 1000 + 20_000,
  })
  await sleep(500, bench.signal)
  const again = [...repeated.values()].reduce((sum, count) => sum + count, 0)
  const hopeless = calls - succeeded + again > calls / 5
  if (succeeded < calls) return { fault: `${calls - succeeded} of ${calls} calls failed`, hopeless }
  if (again > 0) return { fault: describeRepeated(repeated), hopeless }
  const late = took - seconds * 1000 - talk
  return { hopeless, fault: late > 500 + seconds * 50 ? `${Math.round(late)} ms late` : undefined }
}

export const rate = defineFigure({
  about: 'calls per second held without a retransmission or a failure',
  measures: {
    rate: { figure: 'calls per second held', unit: 'calls/s', better: 'more', of: 'median' },
  },
  async begin(bench, subject) {
    const served = await serveWarm(bench, subject)
    const { port } = served.running
    // What else the machine does may spoil a step: it has two chances.
    const holds = async (wanted: number): Promise<string | undefined> => {
      const first = await step(bench, port, wanted)
      if (first.fault === undefined || first.hopeless) return first.fault
      await until(async () => (await served.running.live()) === 0, 40_000, bench.signal, 500)
      return (await step(bench, port, wanted)).fault
    }
    let start = 200
    return {
      async round() {
        let held = 0
        let lost = Number.POSITIVE_INFINITY
        let fault = ''
        const look = async (wanted: number) => {
          const found = await holds(wanted)
          bench.options.say(`  ${subject.name}, ${wanted} calls/s: ${found ?? 'held'}`)
          if (found === undefined) held = wanted
          else {
            lost = wanted
            fault = `at ${wanted}/s ${found}`
            await until(async () => (await served.running.live()) === 0, 40_000, bench.signal, 500)
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
        return { rate: { value: held, note: fault || `the highest rate that was tried` } }
      },
      close: served.close,
    }
  },
})
