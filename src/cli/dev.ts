/** `onhook dev` */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { developmentFile } from '../config/development.ts'
import { checkConfig } from '../config/load.ts'
import { dataOf, nameOf } from '../http/event-ring.ts'
import type { Observer } from '../switchboard/feed.ts'
import { type Parsed, parse } from './args.ts'
import { happening } from './happening.ts'
import { CommandError, type Io, note, print, UsageError } from './io.ts'
import { logText } from './log-text.ts'
import { configFaults, type Running, type Start, started, startServer, untilStopped } from './running.ts'
import { painter } from './terminal.ts'

export const help = `Usage: onhook dev (--vobiz URL|FILE | --chime FILE) [options]

Runs your app against real calls, on this machine, without configuration: every number that is called reaches it.
Records are forgotten when it stops, unless --data names a file.

  --vobiz URL|FILE    what answers with Vobiz or Plivo XML; or the XML itself, in a file
  --hangup-url URL    told the end of each call (the same URL)
  --fallback-url URL  asked when the app fails

  --chime FILE        a SIP media application handler in JavaScript, TypeScript or Python, as AWS Lambda runs it;
                      loaded again when it changes
  --bucket NAME=DIR   a folder that is this bucket to the handler; several times if you like
  --env NAME=VALUE    a variable of the handler; several times if you like

  --user NAME:PASS    a softphone may register with it, and be called; several times if you like
  --trunk HOST:PORT   where numbers that the app calls are sent, those of users apart
  --sip-port N        5060; 0 for any free one
  --http-port N       8060; 0 for any free one
  --data FILE         keep records there
  --quiet             do not print what happens
  --json              print where it serves, then what happens, as JSON lines

Examples:
  onhook dev --vobiz http://127.0.0.1:3000/answer
  echo '<Response><Speak>Hello</Speak><Hangup/></Response>' > hello.xml && onhook dev --vobiz hello.xml
  onhook dev --chime handler.js --bucket prompts=./prompts
  onhook call 100          # in another terminal: the built-in phone`

const text = { type: 'text' } as const
const texts = { type: 'text', multiple: true } as const
const port = { type: 'number', max: 65_535 } as const
const flagsOfDev = {
  vobiz: text,
  bandwidth: text,
  chime: text,
  'hangup-url': text,
  'fallback-url': text,
  bucket: texts,
  env: texts,
  user: texts,
  trunk: text,
  'sip-port': port,
  'http-port': port,
  data: text,
  quiet: { type: 'flag' },
  json: { type: 'flag' },
} as const
type DevFlags = Parsed<typeof flagsOfDev>['flags']

export async function run(args: readonly string[], io: Io, start: Start = startServer): Promise<number> {
  const { flags } = parse(args, flagsOfDev)
  if (flags.bandwidth !== undefined) {
    throw new UsageError('--bandwidth is not in this version; --vobiz and --chime are')
  }
  const app = flags.vobiz ?? flags.chime
  if (app === undefined) throw new UsageError('which app? Name it with --vobiz URL or --chime FILE')
  const file = developmentFile({
    ...(flags.chime === undefined ? vobizOf(flags, io) : chimeOf(flags, io)),
    ...(flags['sip-port'] !== undefined && { sipPort: flags['sip-port'] }),
    ...(flags['http-port'] !== undefined && { httpPort: flags['http-port'] }),
    ...(flags.data !== undefined && { data: flags.data }),
    ...(flags.trunk !== undefined && { trunk: flags.trunk }),
    users: flags.user
      .map((one) => pairOf('user', one, ':', 'NAME:PASSWORD'))
      .map(([name, password]) => ({ name, password })),
  })
  // The environment is left out: a development server is what its command line says.
  const checked = checkConfig(file)
  if (!checked.ok) throw configFaults(checked.faults, 'these options')
  const paint = painter(io, io.stderr)
  const log = { write: (line: string) => note(io, logText(line, paint)) }
  const server = await started(start, checked.config, flags.json ? undefined : log, {
    watch: true,
    print: (line) => note(io, paint('dim', `  ${line}`)),
  })
  if (flags.json) print(io, JSON.stringify({ sip: server.sipAddress, http: server.httpAddress }))
  else note(io, welcome(app, server, io, checked.config.chime.applications[0]?.id))
  const unfollow = flags.quiet ? () => {} : server.control.subscribe(flags.json ? asJson(io) : asText(io))
  try {
    return await untilStopped(server, checked.config.limits.drainSeconds, io)
  } finally {
    unfollow()
  }
}

/** Flags that say something of one kind of app only. */
const belongs = { vobiz: ['hangup-url', 'fallback-url'], chime: ['bucket', 'env'] } as const

function refuseOthers(flags: DevFlags, kind: keyof typeof belongs, other: keyof typeof belongs): void {
  if (flags[other] !== undefined) throw new UsageError(`one app: --${kind} or --${other}`)
  const stray = belongs[other].find((flag) => flags[flag] !== undefined && flags[flag]?.length !== 0)
  if (stray !== undefined) throw new UsageError(`--${stray} goes with --${other}`)
}

function vobizOf(flags: DevFlags, io: Io) {
  refuseOthers(flags, 'vobiz', 'chime')
  const app = flags.vobiz!
  return {
    vobiz: isUrl(app) ? app : documentIn(app, io),
    ...(flags['hangup-url'] !== undefined && { hangupUrl: flags['hangup-url'] }),
    ...(flags['fallback-url'] !== undefined && { fallbackUrl: flags['fallback-url'] }),
  }
}

function chimeOf(flags: DevFlags, io: Io) {
  refuseOthers(flags, 'chime', 'vobiz')
  const buckets = flags.bucket.map((one) => pairOf('bucket', one, '=', 'NAME=FOLDER'))
  return {
    chime: resolve(io.cwd, flags.chime!),
    buckets: Object.fromEntries(buckets.map(([name, folder]) => [name, resolve(io.cwd, folder)])),
    environment: Object.fromEntries(flags.env.map((one) => pairOf('env', one, '=', 'NAME=VALUE'))),
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

function pairOf(flag: string, given: string, mark: string, form: string): readonly [string, string] {
  const at = given.indexOf(mark)
  if (at < 1) throw new UsageError(`--${flag} is ${form}, not "${given}"`)
  return [given.slice(0, at), given.slice(at + 1)]
}

function welcome(app: string, { sipAddress, httpAddress }: Running, io: Io, application: string | undefined): string {
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
    ...(application === undefined
      ? []
      : [
          `  AWS        AWS_ENDPOINT_URL_CHIME_SDK_VOICE=${httpAddress} and any credentials`,
          `             application ${application}`,
        ]),
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
