/** The Chime platform's room of the composition root: its functions, buckets, applications, engine and control API. */
import type { Hono } from 'hono'
import type { Logger } from 'pino'
import type { ChimeApplication, ChimeRule } from '../config/chime-config.ts'
import { type ChimeDirectory, createChimeDirectory } from '../config/chime-directory.ts'
import type { Config } from '../config/config.ts'
import type { Dialer } from '../config/dialer.ts'
import { plainNumber } from '../config/pattern.ts'
import type { ControlErrorName } from '../dialects/chime/index.ts'
import { createFunctions } from '../functions/index.ts'
import type { ApiEnv } from '../http/access.ts'
import { createChimeFace, type Desk } from '../http/aws/chime.ts'
import { maskText } from '../http/log.ts'
import type { DurableLedger } from '../ledger/ledger.ts'
import { createObjects } from '../objects/objects.ts'
import {
  awsLimits,
  type ChimePlatform,
  callDetailRecords,
  createChimePlatform,
  forbiddenHeader,
  type Outside,
  renumbered,
} from '../platforms/chime/index.ts'
import { scriptedBot } from '../platforms/chime/scripted-bot.ts'
import type { Clock, Ids, Numbers, Platform, WebClient } from '../switchboard/ports.ts'
import type { Switchboard } from '../switchboard/switchboard.ts'
import { openRecordings } from './chime-recordings.ts'
import { inwardToo } from './inward.ts'

export type ChimeRoomOptions = Readonly<{
  config: Config
  ledger: DurableLedger
  dialer: Dialer
  clock: Clock
  ids: Ids
  log: Logger
  /** Absent: nothing outlives the process. */
  slate?: Numbers | undefined
  /** Of the customers' functions: `ServerOptions.functions`. */
  development?: Readonly<{ watch?: boolean; print?(line: string): void }> | undefined
}>

export type ChimeRoom = Readonly<{
  platform: Platform
  directory: ChimeDirectory
  /** Takes deliveries to functions and into buckets, and leaves the others to the web. */
  inward(web: WebClient): WebClient
  /** A prompt in a bucket, by the address that the engine gives it: `object://BUCKET/KEY`. */
  prompt(url: string): Promise<Uint8Array>
  /** The control API, once calls can be placed. */
  face(switchboard: Switchboard): Hono<ApiEnv>
  close(): Promise<void>
}>

/** Everything that it opens is closed by `close`, or before it rejects. */
export async function openChime(options: ChimeRoomOptions): Promise<ChimeRoom> {
  const { config, ledger, dialer, clock, ids, log, slate, development } = options
  const { chime } = config
  const closers: (() => Promise<unknown>)[] = []
  let life: 'open' | 'closing' = 'open'
  const close = async () => {
    life = 'closing'
    for (const closer of closers.splice(0).reverse()) await closer().catch(() => {})
  }
  try {
    const objects = createObjects(chime.buckets)
    await objects.ready()
    const recordings = await openRecordings({ config, objects, clock, ids, log })
    closers.push(() => recordings.close())
    await keepNumbers(ledger, slate)
    const functions = createFunctions({
      functions: config.functions,
      clock,
      region: chime.region,
      account: chime.account,
      watch: development?.watch ?? false,
      warn: (warning) => log.warn(warning, 'a function'),
      print: ({ function: name, requestId, stream, text }) =>
        development?.print === undefined
          ? log.info({ function: name, requestId, stream, text: maskText(text) }, 'a function prints')
          : development.print(text),
    })
    closers.push(() => functions.close())
    const directory = createChimeDirectory({
      chime,
      functions: config.functions,
      shelf: shelfOf(ledger),
      appOf: (applications, rule) => appOf(chime.account, applications, rule),
      now: clock.now(),
    })
    await directory.open()
    // A function that cannot start fails its calls, and is tried again; the others are not kept from theirs.
    functions.ready().catch((err: unknown) => log.warn({ err }, 'a function does not start'))
    const outside = outsideOf(dialer, directory)
    const engine = createChimePlatform({
      clock,
      ids,
      functions,
      objects,
      outside,
      bot: scriptedBot(chime.bots, clock),
      scratch: recordings.folder,
      kept: recordings.kept,
      limits: {
        ...awsLimits,
        retries: chime.retries,
        ...(chime.orphanSeconds !== undefined && { orphan: chime.orphanSeconds * 1000 }),
      },
      hangupStatus: chime.hangupStatus,
      numbered: (call, sequence) => slate?.numbered(call, sequence, clock.now()),
      numberBefore: (call) => slate?.numbers.get(call) ?? 0,
      amended: (delivery, body) =>
        void ledger
          .amend(delivery, body)
          .catch((err: unknown) => log.error({ err, delivery }, 'writing down what a handler is to be told')),
      // What is given up because the server stops stays pending: the next process brings it.
      brought(delivery, attempt, state) {
        if (state === 'failed' && life === 'closing') return
        ledger
          .attempted(delivery, attempt, state, null)
          .catch((err: unknown) => log.error({ err, delivery }, 'writing down what a handler was told'))
      },
      warn: (warning) => log.warn(warning, 'a handler'),
      handed(line) {
        if (directory.application(line.application)?.logs === true) log.info(line, 'a handler was invoked')
      },
    })
    const { cdrBucket } = chime
    return {
      platform: cdrBucket === undefined ? engine : withRecords(engine, cdrBucket),
      directory,
      inward: (web) => inwardToo({ web, functions, objects, ids }),
      prompt(url) {
        const [bucket = '', ...key] = url.slice('object://'.length).split('/').map(decodeURIComponent)
        return objects.read(bucket, key.join('/'))
      },
      face: (switchboard) =>
        createChimeFace({
          desk: deskOf(engine, switchboard, dialer, outside.numbers, chime.account),
          directory,
          account: chime.account,
          clock,
          ids,
          log,
          keys: chime.keys,
          tokens: config.http.tokens,
        }),
      close,
    }
  } catch (fault) {
    await close()
    throw fault
  }
}

/** No HANGUP of an earlier life goes out under a number that its function knows already. */
async function keepNumbers(ledger: DurableLedger, slate: Numbers | undefined): Promise<void> {
  for (const [call, told] of slate?.numbers ?? []) {
    const { items } = await ledger.deliveries({ call, state: 'pending' }, { limit: 100 })
    for (const { id, body } of renumbered(items, told)) await ledger.amend(id, body)
  }
}

function withRecords(engine: ChimePlatform, bucket: string): Platform {
  return {
    ...engine,
    deliveries: (notice, call, record, ids) => [
      ...engine.deliveries(notice, call, record, ids),
      ...callDetailRecords(bucket, notice, call, record),
    ],
  }
}

/** The verbs of the control API over the engine and the switchboard. */
function deskOf(
  engine: ChimePlatform,
  switchboard: Switchboard,
  dialer: Dialer,
  numbers: Outside['numbers'],
  account: string,
): Desk {
  return {
    async create(
      application,
      { FromPhoneNumber: from, ToPhoneNumber: to, SipHeaders: headers = {}, ArgumentsMap: args },
    ) {
      if (switchboard.draining) return refused('ServiceUnavailableException', 'the server takes no new calls')
      const forbidden = forbiddenHeader(headers)
      if (forbidden !== undefined) return refused('BadRequestException', `SipHeaders: ${forbidden} may not be set`)
      const own = numbers()
      if (own !== null && !own.some((number) => plainNumber(number) === plainNumber(from))) {
        return refused('BadRequestException', `FromPhoneNumber: ${from} is no number of this account`)
      }
      const dialled = dialer.target({ to, from, ...(Object.keys(headers).length > 0 && { headers }) })
      if (!dialled.ok) return refused('ForbiddenException', sentenceOf(dialled))
      const app = appOf(account, [application], undefined)
      const data = args === undefined ? app.data : { ...app.data, args }
      const { call } = await switchboard.place({ ...app, data }, dialled.target, {})
      return { ok: true, transactionId: call }
    },
    update: (application, transaction, args) =>
      engine.update(application, transaction, args) ? 'accepted' : 'unknown',
  }
}

function refused(error: ControlErrorName, message: string) {
  return { ok: false, error, message } as const
}

function sentenceOf({ message, remedy }: Readonly<{ message: string; remedy?: string }>): string {
  return remedy === undefined ? message : `${message}. ${remedy}`
}

/** What a call remembers of the applications that it reached. */
function appOf(account: string, applications: readonly ChimeApplication[], rule: ChimeRule | undefined) {
  return {
    platform: 'chime',
    data: {
      applications: applications.map(({ id, function: name, region }) => ({ id, function: name, region })),
      ...(rule !== undefined && { rule: rule.id }),
      account,
    },
  }
}

/** Where handlers may call to is the configuration's word, as everybody's. */
function outsideOf(dialer: Dialer, directory: ChimeDirectory): Outside {
  return {
    reach({ uri, from, headers }) {
      const dialled = dialer.target({ to: uri, from, ...(Object.keys(headers).length > 0 && { headers }) })
      return dialled.ok ? dialled.target : sentenceOf(dialled)
    },
    numbers() {
      const numbers = directory.numbers()
      // Where no number is anybody's own, none is a stranger's.
      return numbers.length === 0 ? null : numbers
    },
  }
}

function shelfOf(ledger: DurableLedger) {
  return {
    all: () => ledger.kept(),
    put: (kind: string, id: string, value: unknown) => ledger.keep(kind, id, value),
    drop: (kind: string, id: string) => ledger.keep(kind, id, undefined),
  }
}
