import type { CallId } from '../../call/call.ts'
import type { Input, LegSeed } from '../../call/input.ts'
import type { BranchId, Leg, LegId, View } from '../../call/leg.ts'
import type { LegMedia } from './leg-media.ts'

/** What carries legs: it turns a protocol into facts, and tellings into the protocol's words. */
export interface Network {
  readonly name: string
  /** What it was given to say, it says even if the process dies: nobody need tell the next one. */
  readonly keepsItsWord?: true
  /** Starts listening. The network calls `SwitchboardPort.incoming` for each offer it receives. */
  start(): Promise<void>
  /** Makes the hand of an outgoing leg; nothing is sent before `offer`. */
  prepare(call: CallId, leg: LegSeed, target: Target): LegHandle & { offer(): void }
  /** A leg found in the ledger at start: live, or ended without having confirmed it. Only `tell`, `wire` and `release` of the handle will be used. */
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

/** What a telling put on the wire: `BYE`, `CANCEL`, `486`, `m.call.hangup`; null if nothing could be or need be sent. */
export type Sent = Readonly<{ message: string | null; reason?: string }>

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
