import type { Idle, Loss, PlayResult, SessionStats } from '../face.ts'
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
  symmetric: 'any' | 'address' | 'off'
}>

export type SoundSeed =
  | Readonly<{ type: 'clip'; clip: Clip }>
  | Readonly<{ type: 'tone'; frequency: number; milliseconds: number }>
  | Readonly<{ type: 'silence'; milliseconds: number }>

export type Command =
  /** One more pair than the spare ones is wanted: answered by `pair` or `no-port`. */
  | Readonly<{ type: 'want' }>
  /** A spare pair became a session. */
  | Readonly<{ type: 'take'; session: number }>
  | Readonly<{ type: 'remote'; session: number; negotiated: Negotiated; watch: boolean }>
  | Readonly<{ type: 'play'; session: number; job: number; sound: SoundSeed; loop: number }>
  | Readonly<{ type: 'digits'; session: number; job: number; digits: string }>
  | Readonly<{ type: 'stop'; session: number; what: 'sound' | 'digits' }>
  | Readonly<{ type: 'connect'; session: number; other: number }>
  | Readonly<{ type: 'disconnect'; session: number }>
  | Readonly<{ type: 'stats'; session: number; job: number }>
  | Readonly<{ type: 'close'; session: number }>
  | Readonly<{ type: 'shutdown' }>

export type Report =
  | Readonly<{ type: 'pair'; session: number; port: number }>
  | Readonly<{ type: 'no-port'; detail: string }>
  | SessionReport

export type SessionReport =
  | Readonly<{ type: 'done'; session: number; job: number; result: PlayResult }>
  | Readonly<{ type: 'digit'; session: number; digit: string }>
  | Readonly<{ type: 'first'; session: number }>
  | Readonly<{ type: 'lost'; session: number; loss: Loss }>
  | Readonly<{ type: 'stats'; session: number; job: number; stats: SessionStats }>
  | Readonly<{ type: 'closed'; session: number; stats: SessionStats }>
