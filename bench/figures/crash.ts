/** What is left of live calls after `kill -9` and a restart. */
import { now, sleep, until } from '../machine/time.ts'
import { defineFigure } from './figure.ts'
import { HeldCalls } from './held.ts'

const calls = 500
/** Milliseconds after which nothing more is expected. */
const patience = 15_000

export const crash = defineFigure({
  about: `records and BYEs after kill -9 with ${calls} live calls, and a restart`,
  measures: {
    recorded: {
      figure: `recorded after kill -9, of ${calls}`,
      unit: 'calls',
      better: 'more',
      aim: { value: calls },
      of: 'worst',
    },
    told: {
      figure: `far ends told after it, of ${calls}`,
      unit: 'calls',
      better: 'more',
      aim: { value: calls },
      of: 'worst',
    },
    took: { figure: 'restart until all told and recorded', unit: 's', better: 'less', aim: { value: 5 }, of: 'median' },
  },
  async begin(bench, subject) {
    return {
      async round() {
        const place = await subject.place(bench)
        const first = await place.start()
        const held = await HeldCalls.begin(bench, first, calls)
        if (held.answered < calls) throw new Error(`only ${held.answered} of ${calls} calls were answered`)
        await sleep(1_000, bench.signal)
        const before = place.records()
        await first.kill()
        await sleep(1_000, bench.signal)
        const second = await place.start()
        let recorded = 0
        const all = await until(
          () => {
            if (recorded === 0 && place.records() >= before + calls) recorded = now()
            return held.look().told >= calls && recorded > 0
          },
          patience,
          bench.signal,
        )
        const readings = {
          recorded: { value: place.records() - before },
          told: { value: held.look().told },
          ...(all && { took: { value: (Math.max(recorded, held.lastTold) - second.started) / 1000 } }),
        }
        await held.stop()
        await second.stop()
        place.close()
        return readings
      },
      close: async () => {},
    }
  },
})
