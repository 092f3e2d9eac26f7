/**
 * What the HTTP faces need of the running server. The composition root joins it from switchboard, ledger and
 * configuration; tests hand in a small one of their own.
 */
import type { Call, CallId } from '../call/call.ts'
import type { Reason } from '../call/input.ts'
import type { LegId } from '../call/leg.ts'
import type { Observer } from '../switchboard/feed.ts'
import type { EndResult, Ledger } from '../switchboard/ports.ts'

/** A call to be placed, as asked. What it may reach, and through which trunk, is the configuration's word. */
export type PlaceRequest = Readonly<{
  /** Number, name of a registered user, or `sip:` URI. */
  to: string
  /** Absent: the trunk's caller ID, else `onhook`. */
  from?: string
  fromName?: string
  trunk?: string
  /** What runs on it: an app as in the configuration's routes. */
  app?: Readonly<Record<string, unknown>>
  /** Or: the number or user whose route says what runs on it. With neither the call is held until it is ended. */
  route?: string
  ringSeconds?: number
  durationSeconds?: number
  headers?: Readonly<Record<string, string>>
}>

export type PlaceResult =
  | Readonly<{ ok: true; call: CallId; leg: LegId; to: string; trunk: string | null }>
  /** `code` is stable and listed in docs/errors.md; nothing was placed. */
  | Readonly<{ ok: false; code: string; message: string; remedy?: string }>

export type Check = Readonly<{ name: string; ok: boolean; detail?: string }>

export type Health = Readonly<{
  /** Only `ready` takes new calls. */
  state: 'starting' | 'ready' | 'draining'
  /** Store, sockets, backlog of deliveries. */
  checks: readonly Check[]
  /** Calls found live at start, and ended. */
  recovered: number
}>

export interface ControlPlane {
  /** Live calls, in the order in which they began. Events after this turn of the loop complete the picture. */
  live(): Iterable<Call>
  /** A live call, or one that has ended and is not forgotten yet. */
  find(id: CallId): Call | undefined
  /**
   * Ends a call, or one leg of it. Calls in any state, live or recorded: a second end changes nothing and returns the
   * first result again (`already-ended` where something else ended it). Never rejects for an unknown id.
   */
  end(id: CallId, reason: Reason, leg?: LegId): Promise<EndResult>
  /** Resolves once the call is durable and its offer may leave. */
  place(request: PlaceRequest): Promise<PlaceResult>
  /** Returns the unsubscriber. Observers run in the same turn as the event and must be quick. */
  subscribe(observer: Observer): () => void
  health(): Promise<Health>
  readonly ledger: Pick<Ledger, 'record' | 'records' | 'delivery' | 'deliveries' | 'replay'>
}
