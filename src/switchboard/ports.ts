/**
 * The sockets of the house: what the switchboard asks of the floors above it, and what it offers them.
 * Networks, platforms and ledgers implement or receive these; they import nothing else of the switchboard.
 */
import type { App, Bridge, BridgeRule, Call, CallId } from '../call/call.ts'
import type { Annex, Notice } from '../call/effect.ts'
import type { Ending, Instant } from '../call/ending.ts'
import type { Input, LegSeed, Reason } from '../call/input.ts'
import type { BranchId, Leg, LegId, View } from '../call/leg.ts'
import type { CallRecord } from '../call/record.ts'
import type { Timer, TimerId } from '../call/timer.ts'

// ---------------------------------------------------------------- time and chance

/** Cancels an alarm; calling it twice, or after it rang, does nothing. */
export type Disarm = () => void

/** The only source of time. Injected everywhere, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch; never steps back. */
  now(): Instant
  /** Rings once, at or after `due`, never synchronously. */
  alarm(due: Instant, ring: () => void): Disarm
}

/** The only source of identifiers. */
export interface Ids {
  /** UUIDv7. */
  uuid(): string
}

// ---------------------------------------------------------------- networks

/** What a telling put on the wire: `BYE`, `CANCEL`, `486`, `m.call.hangup`; null if nothing could be or need be sent. */
export type Sent = Readonly<{ message: string | null; reason?: string }>

/** Something to be heard on a leg. */
export type Prompt =
  /** WAV or MP3, by http(s) URL or by file path (the latter only from configuration, never from a customer's document). */
  | Readonly<{ type: 'audio'; url: string }>
  | Readonly<{ type: 'speech'; text: string; voice?: string; language?: string }>
  | Readonly<{ type: 'tone'; frequency: number; milliseconds: number }>
  | Readonly<{ type: 'silence'; milliseconds: number }>

export type PlayResult = 'finished' | 'stopped'

export type RecordOptions = Readonly<{
  /** What the far end says (`in`), what it hears (`out`), or both, mixed. What a muted far end says is silence here too. */
  track: 'in' | 'out' | 'both'
  /** Absolute path of the WAV file (8 kHz, 16 bit, mono). Its folder is made; a file that is there is replaced. */
  file: string
  /** Milliseconds of sound after which it ends by itself. */
  limit?: number
  /** Ends once the far end has been quieter than `threshold` (mean amplitude, 16 bit) for so many milliseconds. */
  silence?: Readonly<{ milliseconds: number; threshold: number }>
}>

/** `ended`: the leg did. */
export type Recorded = Readonly<{
  reason: 'stopped' | 'limit' | 'silence' | 'ended'
  file: string
  /** Of sound. */
  milliseconds: number
  /** Of the file; 0 if the leg was over before it was made. */
  bytes: number
}>

/** A recording under way. The file is whole and readable when `done` resolves, and at any crash but for its last second. */
export interface Recording {
  /** Nothing is written until `resume`: the pause leaves no gap in the file. */
  pause(): void
  resume(): void
  stop(): Promise<Recorded>
  /** Rejects with a MediaError: `media.record-failed` if the file cannot be written, `media.engine-failed` if our sound died. */
  readonly done: Promise<Recorded>
}

/** The sound of one leg. Every promise settles when the leg ends (`stopped`); none rejects for that reason. */
export interface LegMedia {
  /** @throws MediaError with a stable code when the prompt cannot be fetched, decoded or spoken. */
  play(prompt: Prompt, options?: { loop?: number; signal?: AbortSignal }): Promise<PlayResult>
  /** Ends what plays now; nothing if nothing does. */
  stop(): void
  /** @param options.tone milliseconds of each key, 50 to 24,000; 100 by default. `w` waits 0.5 s, `W` 1 s. */
  sendDigits(digits: string, options?: { tone?: number }): Promise<PlayResult>
  /** Several may run at once. It ends with the leg at the latest. */
  record(options: RecordOptions): Recording
  /** What the far end says reaches nobody, neither a connected leg nor a room, until it is unmuted. Its keys still do. */
  mute(muted: boolean): void
  /** Called once for each key the far end presses, in order. Returns the unsubscriber. */
  onDigit(listener: (digit: string) => void): () => void
  /** Both directions, until either leg ends or is disconnected. Legs of different networks may be connected. */
  connect(other: LegMedia): void
  disconnect(): void
}

/**
 * A network's hand on one leg. It carries out what the heart decided and reports facts by `dispatch`;
 * it never decides that a leg ends.
 */
export interface LegHandle {
  /** The call is durable: from now on the far end may be let believe in it. Incoming legs only, before any other verb but `tell`. */
  admitted?(): void
  /** Tell the caller that it rings. Incoming legs only. No effect after an answer. */
  ring(): void
  /** Media before the answer. Incoming legs only. */
  early(): Promise<void>
  /** Resolves when the answer is on the wire (and `answered` was dispatched). Incoming legs only. Rejects if the leg is over. */
  answer(): Promise<void>
  /** The leg is over: say so on the wire, in this network's words. Never throws. Reports `told` later by dispatch. */
  tell(view: View): Sent
  tellBranch(branch: BranchId, view: View): Sent
  /** Stop sound both ways at once and free its resources. Idempotent. */
  stopMedia(): void
  readonly media: LegMedia
  /** All that is needed to end this leg after a crash; JSON. Read whenever the call is stored. */
  wire(): unknown
  /** The call is forgotten: drop what is left. Idempotent. */
  release(): void
}

/** Where to place a leg, in the network's own form. */
export type Target = Readonly<{
  network: string
  /** SIP: a URI, or the name of a registered user (all devices ring). */
  to: string
  /** Further addresses that ring at the same time; the first to answer is the leg. */
  forks?: readonly string[]
  from: string
  /** Display name. */
  fromName?: string
  /** Name of a configured trunk; absent: the address itself is routable. */
  trunk?: string
  headers?: Readonly<Record<string, string>>
}>

export interface Network {
  readonly name: string
  /** Starts listening. The network calls `SwitchboardPort.incoming` for each offer it receives. */
  start(): Promise<void>
  /** Makes the hand of an outgoing leg; nothing is sent before `offer`. */
  prepare(call: CallId, leg: LegSeed, target: Target): LegHandle & { offer(): void }
  /** A leg found live in the ledger at start. Only `tell`, `wire` and `release` of the handle will be used. */
  revive(call: CallId, leg: Leg, wire: unknown): LegHandle
  /** Refuse what is new from now on; what lives goes on. */
  drain(): void
  /** Close every socket. */
  stop(): Promise<void>
}

/** An offer that arrived from outside. */
export type Offer = Readonly<{
  network: string
  /** Called number or user, without scheme or host: what routes match. */
  to: string
  from: string
  fromName?: string
  /** Full addresses in the network's own form. */
  toAddress: string
  fromAddress: string
  /** Who sent it: a trunk's name, a registered user, or the anonymous world. */
  source: Readonly<{ kind: 'trunk' | 'user' | 'anonymous'; name: string; address: string }>
  ids: Readonly<Record<string, string>>
  /** Custom headers that platforms hand to apps. */
  headers: Readonly<Record<string, string>>
}>

// ---------------------------------------------------------------- platforms

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

export interface Platform {
  readonly name: string
  /** When the script of a call that is placed begins to run: at once, or (absent) at the answer. */
  readonly begins?: 'placed'
  /** What the app remembers of an incoming call's offer (headers, names). Pure; absent: nothing. */
  admit?(data: App['data'], offer: Offer): App['data']
  /** Runs the customer's instructions until they are done or the call ends. Never rejects. */
  run(control: CallControl): Promise<void>
  /** The webhooks that a notice causes. Pure: also called at recovery, for calls whose script died with the process. */
  deliveries(notice: Notice, call: Call, record: CallRecord | undefined, ids: Ids): readonly DeliverySeed[]
  /** Headers that must be made anew for each attempt (signatures, nonces). */
  sign?(delivery: Delivery): Readonly<Record<string, string>>
}

/** Where a call goes. */
export type Routing =
  | Readonly<{ type: 'app'; app: App; limits?: Readonly<{ ringing?: number; duration?: number }> }>
  | Readonly<{ type: 'refuse'; reason: Reason }>

export interface Router {
  route(offer: Offer): Routing
}

// ---------------------------------------------------------------- the ledger

/** A call as it is stored while it lives. */
export type LiveRow = Readonly<{ call: Call; wires: readonly Wire[] }>

/** What a network must remember of one live leg: `LegHandle.wire()`. */
export type Wire = Readonly<{ leg: LegId; wire: unknown }>

export type DeliveryState = 'pending' | 'delivered' | 'failed'

export type Attempt = Readonly<{ at: Instant; milliseconds: number; status: number | null; error: string | null }>

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

export type RecordFilter = Readonly<{
  cause?: string
  actor?: string
  phase?: string
  network?: string
  platform?: string
  from?: string
  to?: string
  /** Ended at or after / before. */
  since?: Instant
  until?: Instant
}>

export type Page<T> = Readonly<{ items: readonly T[]; next: string | null }>

export type RecordView = CallRecord & Readonly<{ annex: readonly (Annex & { at: Instant })[] }>

/**
 * The durable store. Writes made in one turn of the event loop are committed as one group; each resolves once it is
 * on disk. Writes of one call are applied in the order they were made.
 */
export interface Ledger {
  open(): Promise<void>
  /** Insert or replace a live call. */
  store(row: LiveRow): Promise<void>
  /** In one transaction: drop the live row and its timers, insert record and deliveries. A second one of the same call changes nothing. */
  settle(record: CallRecord, deliveries: readonly Delivery[]): Promise<void>
  annex(call: CallId, at: Instant, entry: Annex): Promise<void>
  /** Deliveries of a call that still lives. */
  enqueue(deliveries: readonly Delivery[]): Promise<void>
  attempted(delivery: string, attempt: Attempt, state: DeliveryState, next: Instant | null): Promise<void>
  live(): Promise<readonly LiveRow[]>
  record(call: CallId): Promise<RecordView | undefined>
  records(filter: RecordFilter, page: { limit: number; cursor?: string }): Promise<Page<RecordView>>
  due(before: Instant, limit: number): Promise<readonly Delivery[]>
  delivery(id: string): Promise<Delivery | undefined>
  deliveries(
    filter: { call?: CallId; state?: DeliveryState },
    page: { limit: number; cursor?: string },
  ): Promise<Page<Delivery>>
  /** Make a delivery due again, by hand. */
  replay(id: string, at: Instant): Promise<Delivery | undefined>
  close(): Promise<void>
}

/**
 * What must outlive the process and cannot wait for the disk: which legs it was about to answer. The commit that says so comes
 * some milliseconds after the answer has left; a process that dies between leaves its word here.
 */
export interface Slate {
  /** Synchronous, within microseconds; never throws. */
  answering(leg: LegId, at: Instant): void
  /** What was written before this process began, by leg. */
  readonly found: ReadonlyMap<LegId, Instant>
}

/** Something that a network remembers: JSON, by kind and key. */
export type Memo = Readonly<{ kind: string; key: string; at: Instant; value: unknown }>

/** Applied in this order: forget, drop, put. A memo that is put again replaces the earlier one. */
export type MemoryChange = Readonly<{
  forget?: readonly Readonly<{ kind: string; before: Instant }>[]
  drop?: readonly Readonly<{ kind: string; key: string }>[]
  put?: readonly Memo[]
}>

/**
 * What one network must remember beside its calls: what it has seen, what it has yet to send, who is who. A change is one
 * transaction, and shares it with whatever else was written in the same turn of the event loop: a call that came with it.
 */
export interface NetworkMemory {
  /** Resolves once it is on disk. */
  commit(change: MemoryChange): Promise<void>
  /** Oldest first. */
  all(): Promise<readonly Memo[]>
}

// ---------------------------------------------------------------- what the switchboard offers

/** Given to networks: report facts, announce offers. */
export interface SwitchboardPort {
  /** A new incoming call. Returns its ids at once; the handle's verbs will be called when the call is durable. */
  incoming(offer: Offer, leg: LegSeed, handle: LegHandle): CallId
  /** A fact about a call. Unknown calls are ignored. */
  dispatch(call: CallId, input: Input): void
  /**
   * What a network must remember of a leg changed (a tag learnt, a newer target): store it. Resolves once it is on disk, or
   * will never be: the call is over, or the disk refuses. Never rejects.
   */
  remember(call: CallId): Promise<void>
  /** The answer of an incoming leg is about to leave: should the process die before the disk knows, the next one does. */
  answering(leg: LegId): void
}

/** The customers' functions: files that run here, Lambda endpoints, AWS itself. */
export interface Functions {
  /**
   * One attempt; retries are the caller's. Never rejects: failures are values. Invocations of one function may overlap as
   * far as its host can bear it; the rest wait, and their waiting counts into `timeout`.
   * @param name as configured.
   * @param event JSON.
   * @param options.timeout milliseconds, also the deadline that the function is told.
   */
  invoke(name: string, event: unknown, options: FunctionOptions): Promise<FunctionResult>
}

export type FunctionOptions = Readonly<{ timeout: number; requestId: string; signal?: AbortSignal }>

export type FunctionResult =
  /** `value`: the JSON that came back; undefined if nothing did. */
  | Readonly<{ ok: true; value: unknown; milliseconds: number }>
  | Readonly<{
      ok: false
      error: /** No answer within the time. */
        | 'timeout'
        /** It threw, rejected, or its process died. `detail` holds what it said. */
        | 'function'
        /** Its host could not be reached or started. */
        | 'unreachable'
        | 'throttled'
        | 'denied'
        /** What came back is no JSON. */
        | 'not-json'
        | 'too-large'
        | 'aborted'
      detail: string
      milliseconds: number
    }>

/** Outgoing web requests to customers' addresses, guarded against SSRF. */
export interface WebClient {
  /** Never rejects for what the far end does: failures are values. */
  fetch(request: WebRequest): Promise<WebResult>
}

export type WebRequest = Readonly<{
  url: string
  method: 'GET' | 'POST'
  headers: Readonly<Record<string, string>>
  body?: string
  connectTimeout: number
  readTimeout: number
  totalTimeout: number
  /** Bytes; a longer body is `too-large`. */
  maxBytes: number
  /** 0 to refuse all. */
  maxRedirects: number
  /** Headers made anew for each hop of a redirect (signatures cover the URL). */
  sign?: (url: string) => Readonly<Record<string, string>>
  signal?: AbortSignal
}>

export type WebResult =
  | Readonly<{
      ok: true
      status: number
      headers: Readonly<Record<string, string>>
      body: Uint8Array
      url: string
      milliseconds: number
    }>
  | Readonly<{
      ok: false
      error:
        | 'connect'
        | 'timeout'
        | 'tls'
        | 'dns'
        | 'refused-address'
        | 'too-large'
        | 'redirects'
        | 'bad-url'
        | 'closed'
        | 'aborted'
      detail: string
      milliseconds: number
    }>
