import type { Ending } from './ending.ts'
import type { BranchId, LegId, View } from './leg.ts'
import type { CallRecord } from './record.ts'
import type { Timer, TimerId } from './timer.ts'

/** What happened, for those who only watch: platforms (webhooks), live feeds, metrics, logs. */
export type Notice =
  | Readonly<{ type: 'leg-added'; leg: LegId }>
  | Readonly<{ type: 'leg-ringing'; leg: LegId }>
  | Readonly<{ type: 'leg-early'; leg: LegId }>
  | Readonly<{ type: 'leg-answered'; leg: LegId }>
  | Readonly<{ type: 'branch-ended'; leg: LegId; branch: BranchId; ending: Ending }>
  | Readonly<{ type: 'leg-ended'; leg: LegId; ending: Ending }>
  | Readonly<{ type: 'call-ended'; ending: Ending }>

/** What is to be done. Values only; the switchboard carries them out. */
export type Effect =
  /**
   * Store the call as it now is; an `offer` after it may only leave once it is durable. `later`: a recovery would do the same without it, so
   * it need not come to the disk before something else of the call does.
   */
  | Readonly<{ type: 'store'; when: 'now' | 'later' }>
  /** Put the offer of an outgoing leg on the wire. */
  | Readonly<{ type: 'offer'; leg: LegId }>
  | Readonly<{ type: 'stop-media'; leg: LegId }>
  /** Tell the far end of a leg that it is over. At most once per leg. */
  | Readonly<{ type: 'tell'; leg: LegId; view: View }>
  /** Tell one ringing device that it is over. At most once per branch. */
  | Readonly<{ type: 'tell-branch'; leg: LegId; branch: BranchId; view: View }>
  | Readonly<{ type: 'arm'; timer: Timer }>
  | Readonly<{ type: 'disarm'; timer: TimerId }>
  | Readonly<{ type: 'notify'; notice: Notice }>
  /** A terminal fact came after the ending, or a telling settled: appended beside the record. */
  | Readonly<{ type: 'annex'; entry: Annex }>
  /** The final record. Exactly one per call. */
  | Readonly<{ type: 'settle'; record: CallRecord }>
  /** Nothing of this call is awaited any more: forget it. */
  | Readonly<{ type: 'forget' }>

/** What is learnt about a call after its record stands; the record itself never changes. */
export type Annex =
  | Readonly<{ type: 'late'; leg: LegId; ending: Ending }>
  | Readonly<{ type: 'told'; leg: LegId; outcome: 'delivered' | 'unconfirmed' | 'local-only' }>
