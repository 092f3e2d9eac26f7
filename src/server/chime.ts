/** The Chime platform's room of the composition root: its functions, buckets, applications, engine and control API. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import type { Logger } from 'pino'
import type { ChimeApplication, ChimeRule } from '../config/chime-config.ts'
import { type ChimeDirectory, createChimeDirectory } from '../config/chime-directory.ts'
import type { Config } from '../config/config.ts'
import type { Dialer } from '../config/dialer.ts'
import { createFunctions } from '../functions/index.ts'
import type { ApiEnv } from '../http/access.ts'
import { createChimeFace } from '../http/aws/chime.ts'
import { maskText } from '../http/log.ts'
import type { DurableLedger } from '../ledger/ledger.ts'
import { createObjects } from '../objects/objects.ts'
import { awsLimits, createChimePlatform, type Outside } from '../platforms/chime/index.ts'
import type { Clock, Ids, Platform } from '../switchboard/ports.ts'
import type { Switchboard } from '../switchboard/switchboard.ts'

export type ChimeRoomOptions = Readonly<{
  config: Config
  ledger: DurableLedger
  dialer: Dialer
  clock: Clock
  ids: Ids
  log: Logger
  /** Of the customers' functions: `ServerOptions.functions`. */
  development?: Readonly<{ watch?: boolean; print?(line: string): void }> | undefined
}>

export type ChimeRoom = Readonly<{
  platform: Platform
  directory: ChimeDirectory
  /** The control API, once calls can be placed. */
  face(switchboard: Switchboard): Hono<ApiEnv>
  close(): Promise<void>
}>

/** Everything that it opens is closed by `close`, or before it rejects. */
export async function openChime(options: ChimeRoomOptions): Promise<ChimeRoom> {
  const { config, ledger, dialer, clock, ids, log, development } = options
  const { chime } = config
  const closers: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer().catch(() => {})
  }
  try {
    const objects = createObjects(chime.buckets)
    await objects.ready()
    const scratch = await mkdtemp(join(tmpdir(), 'onhook-recordings-'))
    closers.push(() => rm(scratch, { recursive: true, force: true }))
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
    const engine = createChimePlatform({
      clock,
      ids,
      functions,
      objects,
      outside: outsideOf(dialer, directory),
      scratch,
      limits: {
        ...awsLimits,
        retries: chime.retries,
        ...(chime.orphanSeconds !== undefined && { orphan: chime.orphanSeconds * 1000 }),
      },
      hangupStatus: chime.hangupStatus,
      ...(chime.cdrBucket !== undefined && { cdrBucket: chime.cdrBucket }),
      warn: (warning) => log.warn(warning, 'a handler'),
    })
    return {
      platform: engine.platform,
      directory,
      face: (switchboard) =>
        createChimeFace({
          desk: engine.desk(switchboard),
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
      if (dialled.ok) return dialled.target
      return dialled.remedy === undefined ? dialled.message : `${dialled.message}. ${dialled.remedy}`
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
