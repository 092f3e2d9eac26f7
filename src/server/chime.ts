/** The Chime platform's room of the composition root: its functions, buckets, applications, engine and control API. */
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
