/** How a call ended, for people. */
import type { z } from '@hono/zod-openapi'
import { causes } from '../call/causes.ts'
import type { Ending } from '../call/ending.ts'
import type * as schemas from '../http/schemas.ts'
import type { Io } from './io.ts'
import { duration, moment, type Paint, painter, table } from './terminal.ts'

export type CallRecord = z.output<typeof schemas.CallRecord>
type Shown = Pick<Ending, 'cause' | 'actor' | 'phase'> & {
  detail?: string | undefined
  survivor?: string | undefined
}

const colours = { normal: 'green', unanswered: 'yellow', refused: 'yellow', elsewhere: 'cyan', failed: 'red' } as const

export function causeText(cause: Ending['cause'], paint: Paint): string {
  return paint(colours[causes[cause].kind], cause)
}

/** `busy by callee while ringing: detail` */
export function endingWords({ cause, actor, phase, detail, survivor }: Shown, paint: Paint): string {
  const goesOn = survivor === undefined ? '' : `; ${survivor} goes on`
  return `${causeText(cause, paint)} by ${actor} while ${phase}${detail === undefined ? '' : `: ${detail}`}${goesOn}`
}

/** One record, leg by leg. */
export function recordText(record: CallRecord, io: Io): string {
  const paint = painter(io)
  const told = new Map(
    record.annex.flatMap((entry) => (entry.outcome === undefined ? [] : [[entry.leg, entry.outcome]])),
  )
  const rows = record.legs.map((leg) => [
    leg.id,
    leg.role,
    leg.network,
    `${leg.from} → ${leg.to}`,
    causeText(leg.ending.cause, paint),
    leg.ending.actor,
    leg.ending.phase,
    leg.answered === null ? '' : duration(leg.talk),
    [leg.sent ?? '', told.get(leg.id) ?? ''].filter((part) => part !== '').join(' '),
  ])
  const late = record.annex.filter((entry) => entry.ending !== undefined)
  return [
    `${paint('bold', record.id)}  ${record.from} → ${record.to}  ${endingWords(record.ending, paint)}`,
    `${moment(record.began)} to ${moment(record.ended)}  ${record.platform}`,
    '',
    table(['LEG', 'ROLE', 'NETWORK', 'FROM → TO', 'CAUSE', 'BY', 'PHASE', 'TALK', 'TOLD'], rows, paint),
    ...late.map((entry) => paint('dim', `late: ${endingWords(entry.ending!, (_, text) => text)}`)),
  ].join('\n')
}
