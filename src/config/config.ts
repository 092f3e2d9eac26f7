/**
 * The configuration as the server uses it: checked, defaults filled in, environment and secrets resolved.
 * The file's own shape is `schema.ts`; the page is docs/config.md. Times are seconds where the name says so.
 */
import type { Cause } from '../call/causes.ts'
import type { Compat, CompatMode } from '../dialects/vobiz/compat.ts'
import type { ChimeConfig, ChimeTarget, FunctionConfig } from './chime-config.ts'
import type { Secret } from './secret.ts'

export type Config = Readonly<{
  data: DataConfig
  http: HttpConfig
  sip: SipConfig
  routes: readonly Route[]
  outbound: readonly OutboundRule[]
  trunks: readonly Trunk[]
  accounts: readonly Account[]
  functions: Readonly<Record<string, FunctionConfig>>
  chime: ChimeConfig
  /** Absent: Matrix is not carried. */
  matrix?: MatrixConfig
  delivery: DeliveryConfig
  limits: Limits
  log: Readonly<{ level: LogLevel }>
}>

/** Where calls, timers, records and deliveries are stored. `memory` forgets them with the process. */
export type DataConfig = Readonly<{ kind: 'file'; path: string } | { kind: 'memory' }>

export const scopes = ['read', 'end', 'admin'] as const
/** `read` sees · `end` sees and ends calls · `admin` does everything: places calls, replays deliveries. */
export type Scope = (typeof scopes)[number]

export type HttpConfig = Readonly<{
  host: string
  /** 0: any free port. */
  port: number
  /** Empty only on a loopback address. */
  tokens: readonly Readonly<{ name: string; token: Secret; scopes: readonly Scope[] }>[]
}>

export type SipTransport = 'udp' | 'tcp'

export const digestAlgorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const
export type DigestAlgorithm = (typeof digestAlgorithms)[number]

export type SipConfig = Readonly<{
  listen: readonly Readonly<{ transport: SipTransport; host: string; port: number }>[]
  /** Address that others reach us at, for Via and Contact; absent: the listening address. */
  advertised?: string
  realm: string
  /** What digest challenges offer, the best first. */
  digest: readonly DigestAlgorithm[]
  media: Readonly<{
    /** First and last port, inclusive. RTP takes even ones. */
    ports: readonly [number, number]
    /** Address in SDP; absent: `sip.advertised`, else the listening address. */
    address?: string
    /** A call whose far end sends nothing for so long, and is not held, has lost its media. */
    silenceSeconds: number
    /** A port for RTCP beside each RTP port; without, a call takes one socket. */
    rtcp: boolean
  }>
  /** Who may register and call with digest credentials. */
  users: readonly Readonly<{ name: string; password: Secret }>[]
}>

/** A homeserver whose application service we are: its users call numbers, and are called. */
export type MatrixConfig = Readonly<{
  /** Base URL of its client-server API. */
  homeserver: string
  serverName: string
  /** We show it to the homeserver. */
  asToken: Secret
  /** The homeserver shows it to us. */
  hsToken: Secret
  /** Where it delivers events. */
  listen: Readonly<{ host: string; port: number }>
  /** Where it reaches us, for the registration. */
  url: string
  /** Our name at the homeserver. */
  id: string
  /** Local part of our own user. */
  bot: string
  /** The user of a number is `@<prefix><number>:<serverName>`. */
  ghostPrefix: string
  /** Who may talk to them, as patterns of user names. */
  users: readonly string[]
  /** Whether the homeserver's clock agrees with ours: an event that was delivered late is then found out. */
  trustServerClock: boolean
}>

/** A carrier or PBX: calls come from its `sources`, and are sent to its `server`. */
export type Trunk = Readonly<{
  name: string
  /** `host` or `host:port` that outgoing calls go to; absent: incoming only. */
  server?: string
  transport: SipTransport
  /** Addresses and CIDR ranges that its calls come from; empty: outgoing only. */
  sources: readonly string[]
  /** Answers its challenges. */
  credentials?: Readonly<{ username: string; password: Secret; realm?: string }>
  /** Number to call from where a call names none. */
  callerId?: string
}>

/**
 * Who may use a route. `anyone` includes callers that nobody vouches for; `loopback` are such callers on this machine;
 * `matrix` are the Matrix users that `matrix.users` names.
 */
export type SourceRule = 'anyone' | 'loopback' | 'trunks' | 'users' | 'matrix' | `trunk:${string}` | `user:${string}`

export type RouteLimits = Readonly<{ ringSeconds?: number; durationSeconds?: number }>

export type Route = Readonly<{
  /** Called number or user: exact, or with `*` for any characters. */
  to: string
  from: readonly SourceRule[]
  /** Calling number, in the same form; absent: any. */
  caller?: string
  limits: RouteLimits
  goes: RouteTarget
}>

export type RouteTarget =
  | Readonly<{ kind: 'app'; app: AppConfig }>
  /** `target`: a rule, or an application without a rule. */
  | Readonly<{ kind: 'chime'; target: ChimeTarget }>
  | Readonly<{ kind: 'direct'; direct: DirectTarget }>
  /** A seat in the room of that name. */
  | Readonly<{ kind: 'room'; room: string }>
  | Readonly<{ kind: 'refuse'; cause: Cause }>
  /** Answered, and held until somebody ends it. */
  | Readonly<{ kind: 'hold' }>

export type HttpMethod = 'GET' | 'POST'

/** A Vobiz or Plivo XML application; the shape that its platform finds in `App.data`. */
export type VobizApp = Readonly<{
  platform: 'vobiz'
  /** Whose defaults and callback signatures where the two vendors differ. */
  vendor: 'vobiz' | 'plivo'
  /** `authId` of the account that it belongs to. */
  account?: string
  answerUrl?: string
  answerMethod: HttpMethod
  fallbackUrl?: string
  fallbackMethod: HttpMethod
  hangupUrl?: string
  hangupMethod: HttpMethod
  ringUrl?: string
  ringMethod: HttpMethod
  /** XML to run instead of asking `answerUrl`. */
  document?: string
  /** Named compatibility switches: docs/dialects/vobiz.md. */
  compat: Readonly<Partial<Compat> & { mode?: CompatMode }>
}>

export type AppConfig = VobizApp

/** No script: the caller is connected to the first of these that answers. */
export type DirectTarget = Readonly<{
  /** SIP URIs, numbers (with `trunk`) or names of registered users, or Matrix users; empty: the number that was called. */
  to: readonly string[]
  trunk?: string
  /** Number to show to the callee; absent: the caller's. */
  callerId?: string
}>

/** Where apps and the API may place calls to. What no rule names cannot be called; registered users always can. */
export type OutboundRule = Readonly<{
  /** Number, SIP address as `sip:user@host`, or Matrix user as `@user:server`: exact, or with `*`. */
  to: string
  /** Trunk that carries it; absent: the SIP address itself is called. */
  trunk?: string
}>

/** Credentials of a platform's REST API, and the key its webhooks are signed with. */
export type Account = Readonly<{ platform: 'vobiz'; authId: string; authToken: Secret }>

export type DeliveryConfig = Readonly<{
  /** CIDR ranges of private addresses that webhooks may go to. Empty: none. */
  allowPrivate: readonly string[]
}>

export type Limits = Readonly<{
  /** Live calls; a new one above it is refused with `congestion`. */
  calls: number
  /** New calls admitted per second. */
  callsPerSecond: number
  /** Live calls of one caller; one more is refused with `account-limit`. Absent: 100 of a user, and any number of another caller. */
  callsPerCaller?: number
  /** Longest ringing. */
  ringSeconds: number
  /** Longest call, from its answer. */
  durationSeconds: number
  /** How long live calls may go on after SIGTERM. */
  drainSeconds: number
}>

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]
