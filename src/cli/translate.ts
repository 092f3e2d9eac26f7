import { dialectNames } from '../call/ending.ts'
import { type TranslateOptions, type Translation, translateAt } from '../dialects/translate.ts'
import { eachLine, put } from './batch.ts'
import { type Command, exit, type Io, note, UsageError } from './io.ts'
import { contextOf, dialectNamed, messageOptions, parse } from './message-options.ts'
import { bytesOf, messagesOf, textOf } from './messages.ts'

const help = `Say in one dialect what a message of another said.

Usage: onhook translate --to DIALECT [--from DIALECT] [FILE|-] [options]

Prints the message as it would stand on the wire, and names on standard error what is lost on the way. Reads FILE, or
standard input, in every form that "onhook explain" reads, and what that prints.

  --to DIALECT         whose words to say it in
  --from DIALECT       whose words it is in; found out from the message where it is not given
  --vocabulary NAME    whatsapp: documented, observed; matrix: spec, clients, v0
  --id NAME=VALUE      an identifier of the target's message, e.g. call_id=…; may stand several times
  --phase PHASE        how far the call had come: ringing, answered (or queued, offered, early)
  --direction in|out   which way the call goes on the side that is told, as seen from here
  --sender WHO         who sent it: caller, callee
  --lines              each line is a message, each message a line of JSON
  --json               { from, to, value, text, losses, ending } instead of the text alone
  -h, --help           this text

DIALECT is one of ${dialectNames.join(', ')}.

Exit codes: 0 translated (also with losses), 1 not recognised or not readable, 2 wrong usage.
`

const options = {
  ...messageOptions,
  to: { type: 'string' },
  from: { type: 'string' },
  vocabulary: { type: 'string' },
  id: { type: 'string', multiple: true },
} as const

export const command: Command = { help, run }

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parse(args, options)
  if (values.to === undefined) throw new UsageError('--to is missing: whose words to say it in')
  const [file, ...more] = positionals
  if (more.length > 0) throw new UsageError(`one file at a time, and not also ${more.join(' ')}`)
  const how: TranslateOptions = {
    ...contextOf(values),
    to: dialectNamed('--to', values.to),
    from: values.from === undefined ? undefined : dialectNamed('--from', values.from),
    vocabulary: values.vocabulary,
    ids: values.id === undefined ? undefined : identifiers(values.id),
  }
  const bytes = bytesOf(file, io)
  if (values.lines === true) {
    return eachLine(bytes, io, (line) => {
      const found = translateAt(line, io.now(), how)
      return { text: JSON.stringify(found), read: found.fault === undefined }
    })
  }
  return translateAll(messagesOf(await textOf(bytes)), how, io, values.json === true)
}

function identifiers(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UsageError(`--id takes NAME=VALUE, not ${JSON.stringify(pair)}`)
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

async function translateAll(
  messages: readonly unknown[],
  how: TranslateOptions,
  io: Io,
  json: boolean,
): Promise<number> {
  let code: number = exit.done
  for (const message of messages) {
    const found = translateAt(message, io.now(), how)
    if (found.fault !== undefined) {
      code = exit.failed
      note(io, `onhook translate: ${found.fault.place}: ${found.fault.message}`)
      if (!json) continue
    }
    for (const loss of json ? [] : found.losses) note(io, `lost: ${loss.message}`)
    await put(io, `${json ? jsonOf(found, messages.length > 1) : found.text}\n`)
  }
  return code
}

function jsonOf(found: Translation, compact: boolean): string {
  return compact ? JSON.stringify(found) : JSON.stringify(found, null, 2)
}
