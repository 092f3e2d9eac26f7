/** What the demo prints: for people, or one JSON line per call. */
import { ladderLine } from '../../testing/ladder.ts'
import { endingWords } from '../ending-text.ts'
import { type Io, note, print } from '../io.ts'
import { duration, type Paint, painter, plural, table } from '../terminal.ts'
import { wordsOf } from './handler-host.ts'
import type { Result } from './perform.ts'
import type { Stage } from './stage.ts'

export interface Report {
  opened(stage: Stage): void
  performed(result: Result, of: number): void
  closed(results: readonly Result[]): void
}

export function reporter(io: Io, json: boolean): Report {
  return json ? lines(io) : pages(io)
}

function lines(io: Io): Report {
  return {
    opened() {},
    performed(result) {
      print(io, JSON.stringify(lineOf(result)))
    },
    closed() {},
  }
}

function lineOf({ scenario, wire, record, webhooks, deliveries, events, differences, milliseconds }: Result) {
  const leg = record?.legs[0]
  return {
    scenario: scenario.name,
    to: scenario.number,
    ok: differences.length === 0,
    differences,
    milliseconds,
    wire,
    record: record?.id ?? null,
    ending: record?.ending ?? null,
    sent: leg?.sent ?? null,
    told: record?.annex.find(({ outcome }) => outcome !== undefined)?.outcome ?? null,
    webhook: webhooks[0] ?? null,
    webhooks: webhooks.length,
    ...(scenario.kind === 'chime' && { events }),
    deliveries: deliveries.map(({ id, kind, state, attempts }) => ({ id, kind, state, attempts: attempts.length })),
  }
}

function pages(io: Io): Report {
  const paint = painter(io)
  let place = 0
  const began = io.now()
  return {
    opened({ sip, http, app, pid }) {
      note(io, `${paint('bold', 'onhook demo')}: real calls, each ended in a different way\n`)
      note(io, `  server  SIP ${sip}, HTTP ${http}, process ${pid}`)
      note(io, `  apps    examples/vobiz-app at ${app}, examples/chime-bridge\n`)
    },
    performed(result, of) {
      place++
      print(io, [...chapter(result, `${place}/${of}`, paint), '', ''].join('\n'))
    },
    closed(results) {
      print(io, recordTable(results, paint))
      const wrong = results.filter(({ differences }) => differences.length > 0)
      const took = duration(io.now() - began)
      const verdict =
        wrong.length === 0
          ? paint('green', `all ${results.length} calls ended as promised`)
          : paint('red', `${plural(wrong.length, 'call')} of ${results.length} did not end as promised`)
      print(io, `\n${verdict}, in ${took}`)
    },
  }
}

function chapter(
  { scenario, ladder, marks, record, webhooks, events, differences }: Result,
  place: string,
  paint: Paint,
): string[] {
  const { title, number, says } = scenario
  const indent = (text: string) => `     ${text}`
  return [
    `${paint('dim', place)}  ${paint('bold', title)}`,
    indent(paint('dim', `${number} answers  ${says}`)),
    '',
    indent(paint('dim', 'phone                               server')),
    ...ladderLines(ladder, marks, paint).map(indent),
    '',
    indent(`ended    ${record === undefined ? 'no record' : endingWords(record.ending, paint)}`),
    ...(scenario.kind === 'chime'
      ? eventLines(events).map(indent)
      : webhooks.length === 0
        ? [indent('webhook  none')]
        : webhooks.flatMap((each) => webhookLines(each, indent, paint))),
    ...(differences.length === 0
      ? [indent(paint('green', '✓ as promised'))]
      : differences.map((line) => indent(paint('red', `✗ ${line}`)))),
  ]
}

/** The messages, and what was done to the server, in the order in which they came. */
function ladderLines(ladder: Result['ladder'], marks: Result['marks'], paint: Paint): string[] {
  const messages = ladder.map((rung) => ({ after: rung.after, line: ladderLine(rung) }))
  const deeds = marks.map(({ after, text }) => ({
    after,
    line: `│${paint('red', text.padStart(33))} ✕${`${after.toLocaleString('en')} ms`.padStart(10)}`,
  }))
  return [...messages, ...deeds].sort((one, other) => one.after - other.after).map(({ line }) => line)
}

/** As the handler got them, in their order. */
function eventLines(events: Result['events']): string[] {
  if (events.length === 0) return ['events   none']
  return events.map((event, at) => `${at === 0 ? 'events ' : '       '}  ${wordsOf(event)}`)
}

function webhookLines(
  { id, params }: Result['webhooks'][number],
  indent: (text: string) => string,
  paint: Paint,
): string[] {
  const shown = ['HangupCauseCode', 'HangupCauseName', 'HangupCause', 'HangupSource', 'CallStatus', 'Duration']
  const words = shown.map((name) => `${paint('dim', `${name}=`)}${params[name] ?? ''}`)
  return [
    indent(`webhook  ${words.slice(0, 3).join('  ')}`),
    indent(`         ${words.slice(3).join('  ')}`),
    indent(paint('dim', `         signature verified by the app; webhook-id ${id}`)),
  ]
}

function recordTable(results: readonly Result[], paint: Paint): string {
  const rows = results.map(({ scenario, record, webhooks, events, differences }) => {
    const params = webhooks[0]?.params ?? {}
    const leg = record?.legs[0]
    const told = record?.annex.find(({ outcome }) => outcome !== undefined)?.outcome ?? ''
    return [
      differences.length === 0 ? paint('green', '✓') : paint('red', '✗'),
      scenario.number,
      record?.ending.cause ?? '',
      record?.ending.actor ?? '',
      record?.ending.phase ?? '',
      record === undefined || record.answered === null ? '' : duration(record.talk),
      `${leg?.sent ?? ''} ${told}`.trim(),
      scenario.kind === 'chime'
        ? `${plural(events.length, 'event')}, the last ${events.at(-1) === undefined ? '' : wordsOf(events.at(-1)!)}`
        : `${params.HangupCauseCode ?? ''} ${params.HangupCauseName ?? ''}, ${params.HangupSource ?? ''}`,
    ]
  })
  const head = ['', 'TO', 'CAUSE', 'BY', 'PHASE', 'TALK', 'TOLD', 'WEBHOOK']
  return table(head, rows, paint)
}
