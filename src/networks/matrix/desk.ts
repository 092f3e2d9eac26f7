import type { IceServer, Media } from '../../media/index.ts'
import type { Desk } from '../reporter.ts'
import type { DeadMen } from './dead-man.ts'
import type { Exchange } from './exchange.ts'
import type { GhostNames } from './names.ts'
import type { Outbox } from './outbox/outbox.ts'
import type { Rooms } from './rooms.ts'
import type { Ignored } from './session/state.ts'

/** What every leg of the Matrix network needs. */
export type MatrixDesk = Desk &
  Readonly<{
    media: Media
    servers(): readonly IceServer[]
    outbox: Outbox
    rooms: Rooms
    exchange: Exchange
    deadMen: DeadMen
    names: GhostNames
    ignored(why: Ignored): void
    onFault(fault: unknown, context: string): void
  }>
