import type { MediaErrorCode } from '../error.ts'
import type {
  IceCandidate,
  Idle,
  Loss,
  PeerOptions,
  PeerState,
  PeerWish,
  PlayResult,
  RecordOptions,
  SessionStats,
} from '../face.ts'
import type { RecordOutcome } from '../record/recorder.ts'
import type { Negotiated } from '../sdp/negotiated.ts'
import type { Clip } from './clip.ts'

/** What the thread of the calls and the thread of the sockets say to each other. A session is known by its number. */

export type EngineSettings = Readonly<{
  address: string
  portRange: Readonly<{ first: number; last: number }> | null
  spare: number
  lostAfter: number
  idle: Idle
  control: 'bound' | 'none'
  /** Of WebRTC sessions: when they are loaded, addresses before the machine's own, and milliseconds until ICE has failed. */
  peers: Readonly<{ load: 'first' | 'start'; hosts: readonly string[]; patience: number }>
  symmetric: 'any' | 'address' | 'off'
}>

export type SoundSeed =
  | Readonly<{ type: 'clip'; clip: Clip }>
  | Readonly<{ type: 'tone'; frequency: number; milliseconds: number }>
  | Readonly<{ type: 'silence'; milliseconds: number }>

/** What a peer is asked for. Each is answered by a description, empty for `accept`, or by a failure. */
export type DescribeVerb =
  | Readonly<{ verb: 'offer'; wish: PeerWish; iceRestart: boolean }>
  | Readonly<{ verb: 'answer'; wish: PeerWish; sdp: string }>
  | Readonly<{ verb: 'accept'; sdp: string }>

export type Described =
  | Readonly<{ ok: true; sdp: string }>
  | Readonly<{ ok: false; code: MediaErrorCode; detail: string }>

export type Command =
  /** One more pair than the spare ones is wanted: answered by `pair` or `no-port`. */
  | Readonly<{ type: 'want' }>
  /** A spare pair became a session. */
  | Readonly<{ type: 'take'; session: number }>
  /** A spare pair that is not needed any more. */
  | Readonly<{ type: 'release'; session: number }>
  /** A session over WebRTC, under a number of the asker's: answered by `peer` or `peer-failed`. */
  | Readonly<{ type: 'peer'; session: number; options: PeerOptions }>
  /** A seat in a room, under a number of the asker's. It cannot fail. */
  | Readonly<{ type: 'seat'; session: number; room: string }>
  | Readonly<{ type: 'describe'; session: number; job: number; ask: DescribeVerb }>
  | Readonly<{ type: 'candidate'; session: number; candidate: IceCandidate }>
  | Readonly<{ type: 'watch'; session: number; on: boolean }>
  | Readonly<{ type: 'remote'; session: number; negotiated: Negotiated; watch: boolean }>
  | Readonly<{ type: 'play'; session: number; job: number; sound: SoundSeed; loop: number }>
  | Readonly<{ type: 'digits'; session: number; job: number; digits: string; tone: number }>
  | Readonly<{ type: 'mute'; session: number; muted: boolean }>
  | Readonly<{ type: 'record'; session: number; job: number; options: RecordOptions }>
  | Readonly<{ type: 'recording'; session: number; job: number; verb: 'pause' | 'resume' | 'stop' }>
  | Readonly<{ type: 'stop'; session: number; what: 'sound' | 'digits' }>
  | Readonly<{ type: 'connect'; session: number; other: number }>
  | Readonly<{ type: 'disconnect'; session: number }>
  | Readonly<{ type: 'stats'; session: number; job: number }>
  | Readonly<{ type: 'close'; session: number }>
  | Readonly<{ type: 'shutdown' }>

export type Report =
  | Readonly<{ type: 'pair'; session: number; port: number }>
  | Readonly<{ type: 'no-port'; detail: string }>
  /** A busy time is over: more spare pairs than the usual are too many. */
  | Readonly<{ type: 'quiet' }>
  | Readonly<{ type: 'peer'; session: number }>
  /** It is closed, or never began. */
  | Readonly<{ type: 'peer-failed'; session: number; code: MediaErrorCode; detail: string }>
  | SessionReport

export type SessionReport =
  | Readonly<{ type: 'done'; session: number; job: number; result: PlayResult }>
  | Readonly<{ type: 'recorded'; session: number; job: number; outcome: RecordOutcome }>
  | Readonly<{ type: 'digit'; session: number; digit: string }>
  | Readonly<{ type: 'first'; session: number }>
  | Readonly<{ type: 'lost'; session: number; loss: Loss }>
  | Readonly<{ type: 'stats'; session: number; job: number; stats: SessionStats }>
  | Readonly<{ type: 'described'; session: number; job: number; result: Described }>
  | Readonly<{ type: 'candidate'; session: number; candidate: IceCandidate }>
  | Readonly<{ type: 'state'; session: number; state: PeerState }>
  | Readonly<{ type: 'closed'; session: number; stats: SessionStats }>
