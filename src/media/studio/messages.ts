import type { Clip } from '../engine/clip.ts'
import type { MediaErrorCode } from '../error.ts'

/** What the thread of the calls and the thread that makes clips say to each other. */

export type StudioSettings = Readonly<{
  cacheBytes: number
  /** Milliseconds. */
  speechTimeout: number
  longestText: number
}>

/** A program's name in our table, and where it is. */
export type FoundProgram = Readonly<{ name: string; path: string }>

export type StudioRequest =
  | Readonly<{ type: 'audio'; job: number; bytes: Uint8Array }>
  | Readonly<{
      type: 'speech'
      job: number
      text: string
      voice: string | null
      language: string | null
      program: FoundProgram | null
    }>
  /** Nobody waits for it any more. */
  | Readonly<{ type: 'drop'; job: number }>
  | Readonly<{ type: 'shutdown' }>

export type StudioReply =
  | Readonly<{ type: 'clip'; job: number; clip: Clip }>
  | Readonly<{ type: 'failed'; job: number; code: MediaErrorCode; message: string }>
