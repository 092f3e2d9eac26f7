import type { CallId } from '../../call/call.ts'
import type { LegId } from '../../call/leg.ts'
import type { Attempt, CallControl, Clock, Functions, Ids, Target } from '../../switchboard/ports.ts'

/** Something that the app's author or the operator should know, and that ends no call. */
export type ChimeWarning = Readonly<{ code: string; place: string; message: string; call: CallId }>

/** One event and what was answered, without numbers, words or attributes: fit for a log. */
export type InvocationLine = Readonly<{
  application: string
  call: CallId
  sequence: number
  event: string
  leg: LegId
  /** `ActionData.Type` of the event. */
  about?: string
  /** Types of the actions in the answer; `keep` or `empty` as the answer had none; else what became of the invocation. */
  answered: string
  milliseconds: number
}>

/** Buckets and keys, as handlers name recordings and prompts. Rejections carry a `code` and a message for people. */
export interface ObjectStore {
  has(bucket: string): boolean
  read(bucket: string, key: string): Promise<Uint8Array>
  write(bucket: string, key: string, body: Uint8Array): Promise<void>
}

/** Where the platform's calls go, by the configuration's word. */
export interface Outside {
  /** The target that a number or URI is reached at; a text says why it may not be called. */
  reach(
    call: Readonly<{
      type: 'PSTN' | 'AWS'
      uri: string
      arn?: string
      from: string
      headers: Readonly<Record<string, string>>
    }>,
  ): Target | string
  /** Numbers that may be shown as the caller's, beside the caller's own; null: any. */
  numbers(): readonly string[] | null
}

/** A bot that talks to a caller: Lex's place. */
export interface Bot {
  /**
   * Resolves with the `IntentResult` of ACTION_SUCCESSFUL, or null if the conversation was cut off.
   * @throws BotError
   */
  converse(
    request: Readonly<{ arn: string; locale: string; configuration: unknown; call: CallControl; leg: string }>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>> | null>
}

export type Limits = Readonly<{
  /** Milliseconds for one attempt of an invocation, and for all of them together. */
  attempt: number
  total: number
  /** Further attempts after one that failed. */
  retries: number
  /** Invocations of one transaction. */
  invocations: number
  /** Milliseconds that a caller waits for a first action. */
  unanswered: number
  /** Milliseconds that a lone survivor with nothing to do may stay; absent: for ever. */
  orphan?: number
}>

/** What AWS does where it says so: 5 s, 20 s, one retry, 1000 invocations, 30 s. */
export const awsLimits: Limits = { attempt: 5_000, total: 20_000, retries: 1, invocations: 1_000, unanswered: 30_000 }

/** What the platform needs of the house. */
export type Means = Readonly<{
  clock: Clock
  ids: Ids
  functions: Functions
  objects: ObjectStore
  outside: Outside
  bot?: Bot
  /** Where recordings are made before they go to their bucket. */
  scratch: string
  /** A recording that its bucket did not take is in this file of `scratch`, for whoever tries again. */
  kept(file: string): void
  limits: Limits
  /** What a caller that was not answered hears of a Hangup with 0. */
  hangupStatus: 480 | 603
  /** A call's function is being told this number: not to be lost with the process, and not to be waited for. */
  numbered(call: CallId, sequence: number): void
  /** The number that a process before this one has told last, as far as is known; 0: none. */
  numberBefore(call: CallId): number
  /** A delivery that the script has not brought yet will say this. */
  amended(delivery: string, body: string): void
  /** What became of a delivery that the script brought itself. */
  brought(delivery: string, attempt: Attempt, state: 'delivered' | 'failed'): void
  warn(warning: ChimeWarning): void
  /** Every event that a function was handed, for whoever logs them. */
  handed?(line: InvocationLine): void
}>
