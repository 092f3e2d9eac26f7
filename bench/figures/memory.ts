/** Memory for each live call. */
import type { Bench } from '../bench.ts'
import { runCalls } from '../caller/sipp.ts'
import { now, sleep } from '../machine/time.ts'
import { residentOf } from '../machine/usage.ts'
import { defineFigure } from './figure.ts'
import { HeldCalls } from './held.ts'

const shortest = 12_000
const longest = 30_000

/** Resident bytes once they have stopped moving by more than half a percent in three seconds. */
async function settled(bench: Bench, pid: number): Promise<number> {
  const begin = now()
  const samples: number[] = []
  for (;;) {
    await sleep(1_000, bench.signal)
    samples.push(residentOf(pid))
    const last = samples.slice(-4)
    const quiet = last.length === 4 && Math.max(...last) - Math.min(...last) < Math.max(...last) * 0.005
    if ((quiet && now() - begin > shortest) || now() - begin > longest) return samples.at(-1)!
  }
}

export const memory = defineFigure({
  about: 'memory for each live call',
  measures: {
    memory: { figure: 'memory per live call', unit: 'kB', better: 'less', aim: { value: 12 }, of: 'median' },
    rest: { figure: 'memory at rest', unit: 'MB', better: 'less', of: 'median' },
  },
  async begin(bench, subject) {
    const calls = bench.options.quick ? 500 : 2_000
    return {
      async round() {
        // A new process each time: one that has held calls keeps their room, and would seem to need none.
        const place = await subject.place(bench)
        const running = await place.start()
        await runCalls(bench, { port: running.port, calls: 200, rate: 100, limit: 30_000 })
        const before = await settled(bench, running.pid)
        const held = await HeldCalls.begin(bench, running, calls)
        const after = await settled(bench, running.pid)
        const note = held.answered < calls ? `${held.answered} calls` : undefined
        await running.endAll()
        await held.allTold(30_000)
        await held.stop()
        await running.stop()
        place.close()
        return {
          memory: { value: (after - before) / held.answered / 1000, note },
          rest: { value: before / 1e6 },
        }
      },
      close: async () => {},
    }
  },
})
