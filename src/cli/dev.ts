/** `onhook dev` */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { developmentFile } from '../config/development.ts'
import { checkConfig } from '../config/load.ts'
import { dataOf, nameOf } from '../http/event-ring.ts'
import type { Observer } from '../switchboard/feed.ts'
import { parse } from './args.ts'
import { happening } from './happening.ts'
import { CommandError, type Io, note, print, UsageError } from './io.ts'
import { logText } from './log-text.ts'
import { configFaults, type Running, type Start, started, startServer, untilStopped } from './running.ts'
import { painter } from './terminal.ts'

export const help = `Usage: onhook dev --vobiz URL|FILE [options]

Runs your app against real calls, on this machine, without configuration: every number that is called reaches it.
Records are forgotten when it stops, unless --data names a file.

  --vobiz URL|FILE    what answers with Vobiz or Plivo XML; or the XML itself, in a file
  --hangup-url URL    told the end of each call (the same URL)
  --fallback-url URL  asked when the app fails
  --user NAME:PASS    a softphone may register with it, and be called; several times if you like
  --sip-port N        5060; 0 for any free one
  --http-port N       8060; 0 for any free one
  --data FILE         keep records there
  --quiet             do not print what happens
  --json              print where it serves, then what happens, as JSON lines

Examples:
  onhook dev --vobiz http://127.0.0.1:3000/answer
  echo '<Response><Speak>Hello</Speak><Hangup/></Response>' > hello.xml && onhook dev --vobiz hello.xml
  onhook call 100          # in another terminal: the built-in phone`

export async function run(args: readonly string[], io: Io, start: Start = startServer): Promise<number> {
  const text = { type: 'text' } as const
  const port = { type: 'number', max: 65_535 } as const
  const { flags } = parse(args, {
    vobiz: text,
    bandwidth: text,
    chime: text,
    'hangup-url': text,
    'fallback-url': text,
    user: { type: 'text', multiple: true },
    'sip-port': port,
    'http-port': port,
    data: text,
    quiet: { type: 'flag' },
    json: { type: 'flag' },
  })
  for (const later of ['bandwidth', 'chime'] as const) {
    if (flags[later] !== undefined) throw new UsageError(`--${later} is not in this version; --vobiz is`)
  }
  const app = flags.vobiz
  if (app === undefined) throw new UsageError('which app? Name it with --vobiz URL')
  const file = developmentFile({
    vobiz: isUrl(app) ? app : documentIn(app, io),
    ...(flags['hangup-url'] !== undefined && { hangupUrl: flags['hangup-url'] }),
    ...(flags['fallback-url'] !== undefined && { fallbackUrl: flags['fallback-url'] }),
    ...(flags['sip-port'] !== undefined && { sipPort: flags['sip-port'] }),
    ...(flags['http-port'] !== undefined && { httpPort: flags['http-port'] }),
    ...(flags.data !== undefined && { data: flags.data }),
    users: flags.user.map(userOf),
  })
  // The environment is left out: a development server is what its command line says.
  const checked = checkConfig(file)
  if (!checked.ok) throw configFaults(checked.faults, 'these options')
  const paint = painter(io, io.stderr)
  const log = { write: (line: string) => note(io, logText(line, paint)) }
  const server = await started(start, checked.config, flags.json ? undefined : log)
  if (flags.json) print(io, JSON.stringify({ sip: server.sipAddress, http: server.httpAddress }))
  else note(io, welcome(app, server, io))
  const unfollow = flags.quiet ? () => {} : server.control.subscribe(flags.json ? asJson(io) : asText(io))
  try {
    return await untilStopped(server, checked.config.limits.drainSeconds, io)
  } finally {
    unfollow()
  }
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text)
}

function documentIn(path: string, io: Io): string {
  try {
    return readFileSync(resolve(io.cwd, path), 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CommandError(
      `"${path}" is neither an http address nor a file that can be read (${code})`,
      'cli.unreadable',
    )
  }
}

function userOf(text: string): { name: string; password: string } {
  const at = text.indexOf(':')
  if (at < 1) throw new UsageError(`--user is NAME:PASSWORD, not "${text}"`)
  return { name: text.slice(0, at), password: text.slice(at + 1) }
}

function welcome(app: string, { sipAddress, httpAddress }: Running, io: Io): string {
  const paint = painter(io, io.stderr)
  const standard = sipAddress.endsWith(':5060')
  // In a checkout the command is an npm script.
  const onhook = io.env.npm_lifecycle_event === 'onhook' ? 'npm run -s onhook --' : 'onhook'
  const url = httpAddress === 'http://127.0.0.1:8060' ? '' : ` --url ${httpAddress}`
  return [
    `${paint('bold', 'onhook dev')}: every number reaches ${app}`,
    '',
    `  call it    ${paint('cyan', `sip:100@${sipAddress}`)} with any softphone`,
    `             ${onhook} call 100${standard ? '' : ` --sip ${sipAddress}`}${url}`,
    `  look       ${onhook} calls${url}`,
    `  end it     ${onhook} hangup --all${url}`,
    `  after      ${onhook} records${url}`,
    `  API        ${httpAddress}/api/openapi.json`,
    '',
    paint('dim', 'Ctrl-C stops it. Calls come from this machine only.'),
  ].join('\n')
}

function asText(io: Io): Observer {
  const paint = painter(io, io.stderr)
  return (event) => {
    const line = happening(event, paint)
    if (line !== undefined) note(io, line)
  }
}

/** As `GET /api/events` tells it. */
function asJson(io: Io): Observer {
  return (event) => print(io, JSON.stringify({ event: nameOf(event), ...dataOf(event) }))
}
