import { styleText } from 'node:util'
import { causes } from '../call/causes.ts'
import { dialectNames } from '../call/ending.ts'
import { type ExplainOptions, type Explanation, explainAt } from '../dialects/explain.ts'
import { eachLine, put } from './batch.ts'
import { type Command, exit, type Io, note, UsageError } from './io.ts'
import { contextOf, dialectNamed, messageOptions, parse } from './message-options.ts'
import { bytesOf, messagesOf, textOf } from './messages.ts'

const help = `Explain why a call ended, from the message that says so.

Usage: onhook explain [DIALECT] [FILE|-] [options]

Reads FILE, or standard input: a SIP message, a stanza or a document as XML, JSON, or form-encoded pairs. Without
DIALECT it is found out from the message. Several messages one after the other (a JSON array, JSON values one a line,
stanzas, SIP messages) are explained one after the other.

  --phase PHASE        how far the call had come: ringing, answered (or queued, offered, early)
  --direction in|out   which way the call went, as seen from whoever received the message
  --sender WHO         who sent it: caller, callee
  --lines              each line is a message, each message a line; any number of them, in constant memory
  --json               JSON also on a terminal
  -h, --help           this text

DIALECT is one of ${dialectNames.join(', ')}.
A FILE that is named like a dialect is written with its folder: ./sip.

Exit codes: 0 explained, 1 not recognised or not readable, 2 wrong usage.
`

export const command: Command = { help, run }

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, messageOptions)
  const { dialect, file } = placesOf(positionals)
  const options: ExplainOptions = { ...contextOf(values), ...(dialect === undefined ? {} : { dialect }) }
  const people = io.stdout.isTTY === true && values.json !== true
  const bytes = bytesOf(file, io)
  if (values.lines === true) {
    return eachLine(bytes, io, (line) => {
      const found = explainAt(line, io.now(), options)
      return { text: people ? oneLine(found) : JSON.stringify(found), read: found.fault === undefined }
    })
  }
  return explainAll(messagesOf(await textOf(bytes)), options, io, people)
}

function placesOf(positionals: readonly string[]) {
  const [first, second, ...more] = positionals
  if (more.length > 0) throw new UsageError(`one file at a time, and not also ${more.join(' ')}`)
  if (second !== undefined) return { dialect: dialectNamed('DIALECT', first ?? ''), file: second }
  const known = dialectNames.find((name) => name === first)
  return known === undefined ? { dialect: undefined, file: first } : { dialect: known, file: undefined }
}

async function explainAll(
  messages: readonly unknown[],
  options: ExplainOptions,
  io: Io,
  people: boolean,
): Promise<number> {
  let code: number = exit.done
  for (const [index, message] of messages.entries()) {
    const found = explainAt(message, io.now(), options)
    if (found.fault !== undefined) {
      code = exit.failed
      const { place, message: what, remedy } = found.fault
      note(io, `onhook explain: ${place}: ${what}${remedy === undefined ? '' : `; ${remedy}`}`)
    }
    const gap = people && index > 0 ? '\n' : ''
    const json = messages.length > 1 ? JSON.stringify(found) : JSON.stringify(found, null, 2)
    await put(io, `${gap}${people ? table(found, io) : json}\n`)
  }
  return code
}

/** One message for people, in a batch. */
function oneLine({ cause, actor, phase, dialect, summary }: Explanation): string {
  return `${(dialect ?? '?').padEnd(14)} ${cause.padEnd(18)} ${actor.padEnd(8)} ${phase.padEnd(8)} ${summary}`
}

/** One message for people. */
function table(found: Explanation, io: Io): string {
  const styled = (style: 'bold' | 'dim', words: string) =>
    (io.env.NO_COLOR ?? '') === '' ? styleText(style, words, { validateStream: false }) : words
  const { cause, actor, phase, at, dialect, summary, codes, detail, raw } = found
  const said = [
    codes?.sip === undefined ? '' : `SIP ${codes.sip}`,
    codes?.q850 === undefined ? '' : `Q.850 ${codes.q850}`,
    codes?.platform === undefined ? '' : `platform ${codes.platform}`,
    codes?.text ?? '',
  ].filter((word) => word !== '')
  const text = typeof raw.value === 'string' ? raw.value : JSON.stringify(raw.value, null, 2)
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['cause', `${cause} (${causes[cause].kind})`],
    ['actor', actor],
    ['phase', phase],
    ['at', new Date(at).toISOString()],
    ['dialect', dialect ?? 'not recognised'],
    ['codes', said.length === 0 ? undefined : said.join(' · ')],
    ['detail', detail],
    ['raw', text?.trimEnd().replaceAll('\n', `\n${' '.repeat(11)}`)],
  ]
  const lines = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${styled('dim', name.padEnd(8))} ${value}`],
  )
  return [styled('bold', summary), '', ...lines].join('\n')
}
