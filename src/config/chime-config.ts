/** Handlers, and the applications and rules of the Chime platform that they serve: as the server uses them. */
import type { SourceRule } from './config.ts'
import type { Secret } from './secret.ts'

/** How a handler is reached or run; the shape that the functions' hosts take. Paths are relative to the working directory. */
export type FunctionConfig = Readonly<
  | ({ file: string; handler?: string } & Local)
  | ({ runtime: string; handler: string; root?: string } & Local)
  | ({ command: readonly string[]; handler?: string; root?: string } & Local)
  | ({ url: string } & Shared)
  | ({ arn: string; region?: string; endpoint?: string } & Shared)
>

type Shared = Readonly<{
  /** Invocations at one time. */
  concurrency?: number
}>

type Local = Shared &
  Readonly<{
    env: Readonly<Record<string, string>>
    /** Megabytes. */
    memory?: number
  }>

/** A SIP media application. */
export type ChimeApplication = Readonly<{
  /** UUID. */
  id: string
  name: string
  /** Name under `functions`. */
  function: string
  region: string
}>

/** A SIP rule: which calls reach which applications, the first that can be invoked. */
export type ChimeRule = Readonly<{
  /** UUID. */
  id: string
  name: string
  trigger: Readonly<{ kind: 'number' | 'host'; value: string }>
  /** Ids, by priority. */
  applications: readonly string[]
  state: 'enabled' | 'disabled'
}>

export type ChimeTarget = Readonly<{ kind: 'application' | 'rule'; id: string }>

export type Bucket =
  | Readonly<{ kind: 'folder'; folder: string }>
  | Readonly<{ kind: 's3'; bucket: string; region: string; endpoint?: string }>

/** A bot that says its messages and understands keys. */
export type BotConfig = Readonly<{
  intents: readonly Readonly<{ name: string; keys: string; say?: string; slot?: string }>[]
  fallback?: string
  attempts: number
  /** Milliseconds. */
  patience: number
}>

export type ChimeConfig = Readonly<{
  region: string
  /** 12 digits. */
  account: string
  applications: readonly ChimeApplication[]
  rules: readonly ChimeRule[]
  /** Who may call the numbers and hosts of rules. */
  from: readonly SourceRule[]
  /** Numbers, beside those of rules, that handlers may show as the caller's. */
  numbers: readonly string[]
  buckets: Readonly<Record<string, Bucket>>
  /** Where CDRs go, a name of `buckets`; absent: nowhere. */
  cdrBucket?: string
  /** Of the control API. */
  keys: readonly Readonly<{ accessKeyId: string; secret: Secret }>[]
  /** Further attempts of an invocation that failed. */
  retries: number
  /** By ARN. */
  bots: Readonly<Record<string, BotConfig>>
  /** A lone survivor of a bridge, with nothing to do, is ended after so long; absent: never. */
  orphanSeconds?: number
  /** What an unanswered caller hears when a handler hangs up with 0. */
  hangupStatus: 480 | 603
}>
