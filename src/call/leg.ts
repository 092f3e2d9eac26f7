import type { Codes, Ending, Instant, Phase } from './ending.ts'

export type LegId = string
export type BranchId = string

/** `caller` is the leg that began the call; a leg that we dial is a `callee`. */
export type Role = 'caller' | 'callee'

/** As seen from this server: `in` came to us, `out` was placed by us. */
export type Direction = 'in' | 'out'

/**
 * What became of telling a leg that it is over.
 * `pending` the wire has not settled yet · `delivered` the far end acknowledged · `unconfirmed` sent, and never
 * acknowledged · `local-only` nothing could be sent · `not-needed` the leg itself told us.
 */
export type Told = 'pending' | 'delivered' | 'unconfirmed' | 'local-only' | 'not-needed'

export type BranchState =
  | Readonly<{ name: 'offered' }>
  | Readonly<{ name: 'ringing'; since: Instant }>
  | Readonly<{ name: 'won' }>
  | Readonly<{ name: 'ended'; ending: Ending }>

/** One device, or fork, of a leg that has not answered yet. */
export type Branch = Readonly<{ id: BranchId; address: string; state: BranchState }>

export type LegState =
  | Readonly<{ name: 'queued' }>
  | Readonly<{ name: 'offered' }>
  | Readonly<{ name: 'ringing'; since: Instant }>
  | Readonly<{ name: 'early'; since: Instant }>
  | Readonly<{ name: 'answered'; at: Instant; ack: 'awaited' | 'seen' }>
  | Readonly<{ name: 'ended'; ending: Ending; told: Told }>

/** When a leg reached each stage; absent stages were never reached. */
export type LegTimes = Readonly<{ began: Instant; rang?: Instant; answered?: Instant }>

/** One party's connection to the call, on one network. */
export type Leg = Readonly<{
  id: LegId
  role: Role
  direction: Direction
  /** Name of the network that carries it: `sip`, `matrix`, `whatsapp`, `room`. */
  network: string
  /** Addresses in the network's own form. */
  from: string
  to: string
  state: LegState
  times: LegTimes
  branches: readonly Branch[]
  /** Identifiers of the leg on its network that people search for, e.g. `{ 'call-id': … }`. */
  ids: Readonly<Record<string, string>>
  /** Terminal facts that came after the ending: kept, and of no effect. */
  late: readonly Ending[]
}>

export function isLive(leg: Leg): boolean {
  return leg.state.name !== 'ended'
}

/** It has ended, and its far end has not confirmed that it heard. */
export function isUnconfirmed(leg: Leg): leg is Leg & Readonly<{ state: Extract<LegState, { name: 'ended' }> }> {
  return leg.state.name === 'ended' && leg.state.told === 'pending'
}

/** How far the leg has come; of an ended leg, how far it had come. */
export function phaseOf(leg: Leg): Phase {
  return leg.state.name === 'ended' ? leg.state.ending.phase : leg.state.name
}

/** The ending as one listener is told it: the same fact, in the words that are true for that listener. */
export type View = Readonly<{
  ending: Ending
  /**
   * How the listener relates to what ended: `own` this leg was ended; `peer` the leg it was bridged to ended;
   * `lost` another device of the same leg won or refused.
   */
  relation: 'own' | 'peer' | 'lost'
  codes?: Codes
}>
