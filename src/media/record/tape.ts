import type { RecordOptions } from '../face.ts'
import { type Piece, Track } from './track.ts'
import { mostBytes } from './wav-file.ts'

/** Samples that wait for packets that are late: 200 ms. */
const patience = 1600
/** Samples that a track can hold: 2 s. */
const trackLength = 16_384
/** Samples over which loudness is measured: 20 ms. */
const frameLength = 160

export type TapeOptions = Pick<RecordOptions, 'track' | 'limit' | 'silence'>
export type TapeEnd = 'limit' | 'silence'

/** Where one frame is mixed. */
const scratch = new Int32Array(frameLength)

type TapeState =
  /** `base` samples had gone by at the moment `since`. */
  { name: 'running'; base: number; since: number } | { name: 'paused'; base: number } | { name: 'over'; why: TapeEnd }

/**
 * What a recording hears, on one line of time: both directions side by side, mixed if both are wanted, without the time of
 * its pauses. Pure: time comes from outside, in monotonic milliseconds.
 */
export class Tape {
  readonly #options: TapeOptions
  /** Also listened to where only its loudness matters. */
  readonly #in: Track | null
  readonly #out: Track | null
  readonly #limit: number
  #state: TapeState
  /** The first place that is still on the tracks. */
  #taken = 0
  #ready: Int16Array[] = []
  #loudness = { sum: 0, samples: 0, quiet: 0 }

  constructor(options: TapeOptions, at: number) {
    const { track, limit, silence } = options
    this.#options = options
    this.#in = track !== 'out' || silence !== undefined ? new Track(trackLength) : null
    this.#out = track !== 'in' ? new Track(trackLength) : null
    this.#limit = Math.min(
      limit === undefined ? Number.POSITIVE_INFINITY : Math.round(limit * 8),
      Math.floor(mostBytes / 2),
    )
    this.#state = { name: 'running', base: 0, since: at }
  }

  /** Why it ended by itself, if it did. */
  get end(): TapeEnd | null {
    return this.#state.name === 'over' ? this.#state.why : null
  }

  /** Samples that have been, or can be, taken. */
  get length(): number {
    return this.#taken
  }

  #now(at: number): number {
    if (this.#state.name === 'over') return this.#taken
    if (this.#state.name === 'paused') return this.#state.base
    return this.#state.base + Math.max(0, Math.floor((at - this.#state.since) * 8))
  }

  hear(direction: 'in' | 'out', piece: Piece, at: number): void {
    const track = direction === 'in' ? this.#in : this.#out
    if (track === null || this.#state.name !== 'running') return
    const now = this.#now(at)
    // Nobody has looked for a while; the tracks must not run over.
    if (now - this.#taken > trackLength / 2) this.#move(now - patience)
    track.put(piece, now, this.#taken)
  }

  pause(at: number): void {
    if (this.#state.name !== 'running') return
    this.#move(this.#now(at))
    if (this.#state.name === 'running') this.#state = { name: 'paused', base: this.#taken }
  }

  resume(at: number): void {
    if (this.#state.name !== 'paused') return
    this.#in?.restart()
    this.#out?.restart()
    this.#state = { name: 'running', base: this.#state.base, since: at }
  }

  /**
   * What can be written by now.
   * @param last nothing more will be waited for.
   */
  take(at: number, last = false): Int16Array[] {
    this.#move(this.#now(at) - (last ? 0 : patience))
    const ready = this.#ready
    this.#ready = []
    return ready
  }

  /** Brings the tracks up to that place together, frame by frame of loudness. */
  #move(to: number): void {
    if (to <= this.#taken || this.#state.name === 'over') return
    const ready = new Int16Array(to - this.#taken)
    let length = 0
    while (length < ready.length && this.end === null) {
      const count = Math.min(ready.length - length, frameLength - this.#loudness.samples, this.#limit - this.#taken)
      this.#step(ready.subarray(length, length + count))
      length += count
    }
    if (length > 0) this.#ready.push(ready.subarray(0, length))
  }

  #step(into: Int16Array): void {
    const mix = scratch.subarray(0, into.length).fill(0)
    if (this.#in !== null) {
      this.#in.take(this.#taken, mix)
      this.#measure(mix)
      if (this.#options.track === 'out') mix.fill(0)
    }
    this.#out?.take(this.#taken, mix)
    for (let index = 0; index < into.length; index++) {
      const sample = mix[index]!
      into[index] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : sample
    }
    this.#taken += into.length
    if (this.#taken >= this.#limit) this.#state = { name: 'over', why: 'limit' }
    else if (this.#silent) this.#state = { name: 'over', why: 'silence' }
  }

  #measure(heard: Int32Array): void {
    const loudness = this.#loudness
    for (let index = 0; index < heard.length; index++) loudness.sum += Math.abs(heard[index]!)
    loudness.samples += heard.length
    if (loudness.samples < frameLength) return
    const quiet = loudness.sum / frameLength < (this.#options.silence?.threshold ?? 0)
    this.#loudness = { sum: 0, samples: 0, quiet: quiet ? loudness.quiet + frameLength : 0 }
  }

  get #silent(): boolean {
    const { silence } = this.#options
    return silence !== undefined && this.#loudness.quiet >= silence.milliseconds * 8
  }
}
