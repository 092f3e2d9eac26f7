import type { App, BridgeRule } from './call.ts'
import type { Cause } from './causes.ts'
import type { Actor, Codes, Instant, Raw } from './ending.ts'
import type { BranchId, LegId, Told } from './leg.ts'
import type { Timer, TimerId } from './timer.ts'

/** The leg as it is when it joins a call. */
export type LegSeed = Readonly<{
  id: LegId
  direction: 'in' | 'out'
  network: string
  from: string
  to: string
  ids?: Readonly<Record<string, string>>
}>

/** Why something ends, before the reducer adds the phase. */
export type Reason = Readonly<{
  cause: Cause
  /** `party`: the person or device at the far end of the leg; the reducer knows whether that is caller or callee. */
  actor: Actor | 'party'
  detail?: string
  codes?: Codes
  raw?: Raw
  /** The call that goes on in its place: see `Ending`. */
  survivor?: string
}>

/** Facts that may happen to a call. Everything that changes a call is one of these. */
export type Input =
  /** A further leg is dialled; `bridge` says to whom it will be connected, and by which rule. */
  | Readonly<{ type: 'dial'; at: Instant; leg: LegSeed; bridge?: { to: LegId; rule: BridgeRule } }>
  /** The offer of an outgoing leg is on the wire. */
  | Readonly<{ type: 'offered'; at: Instant; leg: LegId }>
  /** One more device of an outgoing leg is being asked. */
  | Readonly<{ type: 'branch-offered'; at: Instant; leg: LegId; branch: BranchId; address: string }>
  /** What a leg that we dial is called on its network became known: names that people search for. */
  | Readonly<{ type: 'identified'; at: Instant; leg: LegId; ids: Readonly<Record<string, string>> }>
  | Readonly<{ type: 'ringing'; at: Instant; leg: LegId; branch?: BranchId }>
  /** Media before the answer: 183, PreAnswer. */
  | Readonly<{ type: 'early'; at: Instant; leg: LegId; branch?: BranchId }>
  | Readonly<{ type: 'answered'; at: Instant; leg: LegId; branch?: BranchId }>
  /** The answer is acknowledged (SIP: ACK). */
  | Readonly<{ type: 'acknowledged'; at: Instant; leg: LegId }>
  /**
   * One device is out. `speaksFor: 'branch'` the leg lives on while others ring; `'leg'` the refusal holds for every
   * device (SIP 6xx, a Matrix reject).
   */
  | Readonly<{
      type: 'branch-ended'
      at: Instant
      leg: LegId
      branch: BranchId
      reason: Reason
      speaksFor: 'branch' | 'leg'
    }>
  /**
   * The only door to an ending: a party, an app, the API, a watchdog, recovery. Without `leg`, the whole call.
   * `heard: 'wire'` says that the leg itself told us, so it need not be told.
   */
  | Readonly<{ type: 'end'; at: Instant; leg?: LegId; reason: Reason; heard?: 'wire' }>
  | Readonly<{ type: 'bridge'; at: Instant; first: LegId; second: LegId; rule: BridgeRule }>
  | Readonly<{ type: 'unbridge'; at: Instant; first: LegId; second: LegId }>
  | Readonly<{ type: 'arm'; at: Instant; timer: Timer }>
  | Readonly<{ type: 'disarm'; at: Instant; timer: TimerId }>
  /** The alarm of a stored timer rang. Ignored if the timer is no longer armed. */
  | Readonly<{ type: 'fired'; at: Instant; timer: TimerId }>
  /** What became of telling a leg. */
  | Readonly<{ type: 'told'; at: Instant; leg: LegId; outcome: Exclude<Told, 'pending' | 'not-needed'> }>
  /** The platform's memory of the call changed. */
  | Readonly<{ type: 'app'; at: Instant; app: App }>
