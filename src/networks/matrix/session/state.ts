import type { Cause } from '../../../call/causes.ts'
import type { Instant } from '../../../call/ending.ts'
import type { Reason } from '../../../call/input.ts'
import type { View } from '../../../call/leg.ts'
import type {
  CallEvent,
  CallEventOf,
  Candidate,
  Era,
  IgnoreReason,
  OutgoingEvent,
  Party,
} from '../../../dialects/matrix/index.ts'

/**
 * One exchange of `m.call.*` events: a (room, call id), between one of our ghosts and a person. Pure: what happens comes
 * in as an input, and what is to be done comes out as orders.
 */
export type Session = Readonly<{
  room: string
  callId: string
  self: Party
  /** The person at the far end. */
  other: string
  /** Who sent the invite: `them`, or `us`. */
  inviter: 'them' | 'us'
  /** The rules in force: those of the far end, and 1 as long as nobody has answered our invite. */
  era: Era
  stage: Stage
  /** Candidates that cannot be used yet, by the party that sent them. */
  held: readonly Readonly<{ from: Party; candidates: readonly Candidate[] }>[]
  /** Whether anything was ever heard: lost media is `ice_timeout` then, and `ice_failed` if not. */
  media: 'never' | 'received'
}>

export type Stage =
  /** Ours, and its offer is being made: nobody knows of it. */
  | Readonly<{ name: 'preparing' }>
  | Readonly<{ name: 'inviting'; since: Instant }>
  | Readonly<{ name: 'ringing'; offer: string; inviter: Party }>
  /**
   * We take the call, and our answer is being made. `perhaps`: an earlier life of this process may have said it, or not; nobody
   * here can tell.
   */
  | Readonly<{ name: 'answering'; inviter: Party; answer: 'unsaid' | 'perhaps' }>
  | Talking
  | Readonly<{ name: 'ended' }>

export type Talking = Readonly<{
  name: 'talking'
  peer: Party
  /** Whether the caller has named us the one that it goes on with; true where it is we who named. */
  selected: 'awaited' | 'yes'
  path: 'none' | 'up'
  /** An ICE restart of ours: never tried, under way, done with. */
  restart: 'unused' | 'asked' | 'used'
}>

export type TimerName = 'lifetime' | 'restart'

/** Why an event, or a transaction, changed nothing. */
export type Ignored =
  | IgnoreReason
  | 'unknown-call'
  | 'tombstoned'
  | 'malformed'
  | 'duplicate'
  | 'encrypted'
  | 'ended-before-ringing'
  | 'glare'
  | 'not-allowed'
  | 'of-no-effect'
  /** One device bowed out; the person's others ring on. */
  | 'device-out'

export type SessionInput =
  | Readonly<{ type: 'event'; event: CallEvent; from: Party; now: Instant; age: number }>
  /** Somebody left the room, or was put out of it. */
  | Readonly<{ type: 'left'; user: string; now: Instant }>
  /** Our description is made. `invite` and `answer` begin the media; `reply` answers a negotiate, `restart` asks for one. */
  | Readonly<{ type: 'described'; purpose: Purpose; sdp: string; now: Instant }>
  | Readonly<{ type: 'undescribed'; purpose: Purpose; cause: Cause; detail: string }>
  | Readonly<{ type: 'gathered'; candidates: readonly Candidate[] }>
  /** The heart takes the call. */
  | Readonly<{ type: 'take' }>
  /** The heart ended it. */
  | Readonly<{ type: 'tell'; view: View }>
  /** The homeserver has our invite, or will not have it. */
  | Readonly<{ type: 'invite-sent' }>
  | Readonly<{ type: 'refused'; kind: SendKind; detail: string }>
  | Readonly<{ type: 'fired'; timer: TimerName; now: Instant }>
  | Readonly<{ type: 'path'; state: 'up' | 'down' | 'failed' }>
  | Readonly<{ type: 'heard-media' }>
  /** Their invite and ours crossed, and theirs goes on: this session is that call from now on. Ours is withdrawn, unless they gave it up themselves. */
  | Readonly<{
      type: 'cross'
      invite: CallEventOf<'m.call.invite'>
      from: Party
      self: Party
      ours: 'rings' | 'given-up'
    }>
  /** Their invite and ours crossed, and another call goes on: theirs, or another of ours. */
  | Readonly<{ type: 'crossed-out' }>

export type Purpose = 'invite' | 'answer' | 'reply' | 'restart'

/** `refusal`: said beside an ending to whom it is not known whether they have our answer. */
export type SendKind = 'invite' | 'answer' | 'candidates' | 'select' | 'negotiate' | 'refusal' | 'ending'

export type Order =
  | Readonly<{ do: 'send'; kind: SendKind; event: OutgoingEvent }>
  /** The far end rings, as far as anybody can know: the homeserver has the invite. */
  | Readonly<{ do: 'report-ringing' }>
  | Readonly<{ do: 'report-answered' }>
  | Readonly<{ do: 'report-acknowledged' }>
  | Readonly<{ do: 'report-ended'; reason: Reason; heard: 'wire' | 'here' }>
  | Readonly<{ do: 'describe'; purpose: Purpose; offer?: string }>
  /** Take the answer to our offer. */
  | Readonly<{ do: 'accept'; sdp: string }>
  | Readonly<{ do: 'use-candidates'; candidates: readonly Candidate[] }>
  | Readonly<{ do: 'arm'; timer: TimerName; after: number }>
  | Readonly<{ do: 'disarm'; timer: TimerName }>
  | Readonly<{ do: 'ignore'; why: Ignored }>

export type Step = Readonly<{ session: Session; orders: readonly Order[] }>

/** Milliseconds. The specification recommends at least 90 s for an invite. */
export const inviteLifetime = 90_000
export const negotiateLifetime = 15_000
/** Candidates of one party before they can be used; a phone has some ten. */
export const heldLimit = 200
