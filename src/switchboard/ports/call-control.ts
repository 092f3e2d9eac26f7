import type { App, Bridge, BridgeRule, Call, CallId } from '../../call/call.ts'
import type { Ending } from '../../call/ending.ts'
import type { Reason } from '../../call/input.ts'
import type { Leg, LegId } from '../../call/leg.ts'
import type { CallRecord } from '../../call/record.ts'
import type { Timer, TimerId } from '../../call/timer.ts'
import type { LegMedia } from './leg-media.ts'
import type { Sent, Target } from './network.ts'

/** The verbs that a platform's script has over its call. All are safe after the end: they do nothing, or say so. */
export interface CallControl {
  readonly id: CallId
  /** The call as it is now. */
  call(): Call
  /** Fires when the call ends; its `reason` is the Ending. */
  readonly signal: AbortSignal
  /** Resolves when the call ends; cheaper than the signal where nothing has to be aborted. */
  readonly ended: Promise<Ending>
  /** Fires when that leg ends. */
  legSignal(leg: LegId): AbortSignal
  ring(leg: LegId): void
  early(leg: LegId): Promise<void>
  answer(leg: LegId): Promise<void>
  media(leg: LegId): LegMedia
  /** Adds a leg and offers it once the call is durable. */
  dial(spec: DialSpec): LegId
  onLeg(leg: LegId, listener: (event: LegEvent) => void): () => void
  bridge(bridge: Bridge): void
  unbridge(bridge: Pick<Bridge, 'first' | 'second'>): void
  arm(timer: Omit<Timer, 'due'> & { after: number }): void
  disarm(timer: TimerId): void
  end(reason: Reason, leg?: LegId): EndResult
  /**
   * Replaces what the platform remembers of the call, durably. Resolves once it is on disk, or will never be: the call is over, or
   * the disk refuses. Never rejects.
   */
  remember(data: App['data']): Promise<void>
}

export type DialSpec = Readonly<{
  target: Target
  bridge?: { to: LegId; rule: BridgeRule }
  /** Give up ringing after this many milliseconds: `no-answer`, by `timer`. */
  ringLimit?: number
  /** End the dialled leg this many milliseconds after its answer: `time-limit`, by `timer`. */
  timeLimit?: number
}>

export type LegEvent =
  | Readonly<{ type: 'ringing' }>
  | Readonly<{ type: 'early' }>
  | Readonly<{ type: 'answered' }>
  | Readonly<{ type: 'ended'; leg: Leg }>

/** What the API, the command line and platforms get back from ending something. The same object for a second end. */
export type EndResult = Readonly<{
  call: CallId
  /** `ended` by this request · `already-ended` before it · `unknown` no such call. */
  result: 'ended' | 'already-ended' | 'unknown'
  ending?: CallRecord['ending']
  /** What went out, per leg. */
  sent: readonly Readonly<{ leg: LegId } & Sent>[]
}>
