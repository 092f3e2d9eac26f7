/** One line for what happens to a call, as people follow it. */
import { legOf } from '../call/call.ts'
import type { LiveEvent } from '../switchboard/feed.ts'
import { endingWords } from './ending-text.ts'
import { moment, type Paint } from './terminal.ts'

/** Undefined where the event says nothing that people would miss. */
export function happening(event: LiveEvent, paint: Paint): string | undefined {
  const time = paint('dim', moment(event.at).slice(11))
  if (event.type === 'annex') {
    if (event.entry.type === 'told') {
      if (event.entry.outcome === 'delivered') return undefined
      return `${time}  ${event.call}  the far end was told: ${paint('yellow', event.entry.outcome)}`
    }
    return `${time}  ${event.call}  late: ${endingWords(event.entry.ending, paint)}`
  }
  const { call, notice } = event
  const start = `${time}  ${call.id}  `
  if (notice.type === 'call-ended') return `${start}${paint('bold', 'ended')}: ${endingWords(notice.ending, paint)}`
  const leg = legOf(call, notice.leg)
  const who = leg === undefined ? '' : `${leg.from} → ${leg.to}`
  switch (notice.type) {
    case 'leg-added':
      return `${start}${who}  ${leg?.direction === 'out' ? 'dialled' : 'came in'}`
    case 'leg-ringing':
      return `${start}${who}  rings`
    case 'leg-early':
      return `${start}${who}  early media`
    case 'leg-answered':
      return `${start}${who}  ${paint('green', 'answered')}`
    case 'leg-ended':
      // The end of a call with one leg is told by the call itself.
      return call.legs.length === 1 ? undefined : `${start}${who}  ${endingWords(notice.ending, paint)}`
    case 'branch-ended':
      return `${start}${who}  one device: ${endingWords(notice.ending, paint)}`
    default:
      return notice satisfies never
  }
}
