/** Time to end many live calls at once: from the command until every far end was told and every record is durable. */
import { describeRepeated } from '../caller/sipp.ts'
import { now, until } from '../machine/time.ts'
import { fileLimit } from '../machine/usage.ts'
import { serveWarm } from './cpu.ts'
import { defineFigure } from './figure.ts'
import { HeldCalls, roomFor } from './held.ts'

const limit = 90_000

export function endMany(wanted: number, aim?: number) {
  const each = wanted.toLocaleString('en')
  return defineFigure({
    about: `time to end ${each} live calls`,
    measures: {
      took: {
        figure: `end ${each} live calls`,
        unit: 'ms',
        better: 'less',
        of: 'median',
        ...(aim === undefined ? {} : { aim: { value: aim } }),
      },
      told: { figure: '– until the last far end is told', unit: 'ms', better: 'less', of: 'median' },
      recorded: { figure: '– until the last record is written', unit: 'ms', better: 'less', of: 'median' },
      untold: { figure: '– far ends not told', unit: 'calls', better: 'less', aim: { value: 0 }, of: 'worst' },
    },
    async begin(bench, subject) {
      const calls = bench.options.quick ? wanted / 10 : wanted
      // Where two sockets for each call would not fit, those who can leave the second one out do.
      const rtcp = fileLimit() > calls * 2 + 1_000
      const { place, running, close } = await serveWarm(bench, subject, rtcp ? {} : { rtcp })
      const room = await roomFor(bench, running, calls)
      return {
        async round() {
          const before = place.records()
          const held = await HeldCalls.begin(bench, running, room.calls)
          const began = now()
          await running.endAll()
          let recorded = 0
          const all = await until(
            () => {
              if (recorded === 0 && place.records() >= before + held.answered) recorded = now() - began
              return held.look().told >= held.answered && recorded > 0
            },
            limit,
            bench.signal,
            10,
          )
          const { answered, told } = held
          const lastTold = held.lastTold - began
          const repeated = await held.over()
          // Fewer calls take less time: nothing to compare.
          const shorn = answered < calls ? ({ beside: 'nothing' } as const) : {}
          const notes = [
            room.note ?? (answered < wanted ? `${answered} calls` : undefined),
            rtcp || subject.name !== 'onhook' ? undefined : 'one socket per call',
            describeRepeated(repeated),
            all ? undefined : `after ${limit / 1000} s ${told} told, ${place.records() - before} recorded`,
          ]
          const note = notes.filter((text) => text !== undefined).join('; ') || undefined
          return {
            ...(all && { took: { value: Math.max(lastTold, recorded), note, ...shorn } }),
            ...(told === answered && { told: { value: lastTold, ...shorn } }),
            ...(recorded > 0 && { recorded: { value: recorded, ...shorn } }),
            untold: { value: answered - told, note: all ? undefined : note },
          }
        },
        close,
      }
    },
  })
}
