import type { Media } from '../../media/index.ts'
import type { Clock, Ids, NetworkMemory, SwitchboardPort } from '../../switchboard/ports.ts'
import type { Outcome } from './outbox/outbox.ts'
import type { Letter } from './outbox/room-queue.ts'
import type { Ignored } from './session/state.ts'

type Revealing = Readonly<{ reveal(): string }>

export type MatrixSettings = Readonly<{
  /** Base URL of the homeserver's client-server API. */
  homeserver: string
  /** What stands behind the colon in its users' names. */
  serverName: string
  /** Our name there, as in the registration. */
  id: string
  asToken: Revealing
  hsToken: Revealing
  /** Where the homeserver delivers events. */
  listen: Readonly<{ host: string; port: number }>
  /** Ghosts are `@<prefix><number>:<serverName>`. */
  ghostPrefix: string
  /** Whether a user may talk to our ghosts. */
  admits(userId: string): boolean
  /** Whether the homeserver's clock agrees with ours: then an old event that was delivered late is found out. */
  trustServerClock: boolean
}>

/** For those who measure. */
export interface MatrixCounters {
  ignored(why: Ignored): void
  settled(kind: Letter['kind'], outcome: Outcome): void
}

export type MatrixNetworkOptions = Readonly<{
  matrix: MatrixSettings
  clock: Clock
  ids: Ids
  media: Media
  memory: NetworkMemory
  switchboard: SwitchboardPort
  counters?: MatrixCounters
  onFault(fault: unknown, context: string): void
  /** Worth a line in the log; holds no content of events. */
  onWarning(warning: Readonly<{ code: string; detail: string }>): void
}>
