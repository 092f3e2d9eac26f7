import type { CallId } from '../../call/call.ts'
import type { Instant } from '../../call/ending.ts'

/** A webhook to be delivered, as the platform composes it. */
export type DeliverySeed = Readonly<{
  /** Stable over retries and replays. */
  id: string
  kind: string
  url: string
  method: 'GET' | 'POST'
  headers: Readonly<Record<string, string>>
  /** A getter may compose it: it is read when it is written down, after the turn, and must say what was true in it. */
  body: string
  policy: RetryPolicy
  /** Milliseconds until its first attempt; at once by default. Of what the script itself will bring, unless the process dies. */
  after?: number
}>

/** When a delivery is tried again. Times are milliseconds. */
export type RetryPolicy = Readonly<{
  connectTimeout: number
  readTimeout: number
  totalTimeout: number
  /** Wait before the 2nd, 3rd … attempt; its length is the number of retries. */
  backoff: readonly number[]
  retryOn: readonly ('connect' | 'read' | '4xx' | '5xx')[]
}>

export type Delivery = DeliverySeed &
  Readonly<{
    call: CallId
    platform: string
    state: DeliveryState
    created: Instant
    /** When it is due next; null when it is not. */
    next: Instant | null
    attempts: readonly Attempt[]
  }>

export type DeliveryState = 'pending' | 'delivered' | 'failed'

export type Attempt = Readonly<{ at: Instant; milliseconds: number; status: number | null; error: string | null }>
