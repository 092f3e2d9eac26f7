import { encodeG711 } from '../audio/g711.ts'
import type { Paced, Ticker } from '../engine/ticker.ts'
import { type Piece, Track } from '../record/track.ts'

/** One frame of the mix: 20 ms. */
export const frameLength = 160
const slotsPerFrame = 4
/** Samples that a voice waits for packets that are late: 60 ms. Jitter beyond it makes that one voice wait longer. */
const patience = 480
/** Samples that a busy thread's late beat may seem to be long: 100 ms. */
const longestBeat = 800
/** Samples that a voice's track can hold: its patience, a late beat, 100 ms that it may seem early, the longest packet. */
const capacity = 4096

/** Somebody in a room: hears the mix of all others, a frame every 20 ms. */
export interface Occupant {
  /** µ-law; good until the call is over. @param due monotonic milliseconds. */
  mixed(frame: Uint8Array, due: number): void
}

/**
 * A place where everybody hears everybody else. One sum is made of all voices for each frame, and everybody is sent the sum without
 * their own part: the work grows with the number of seats, not with its square. Whoever says nothing, is late or on hold
 * is silent, and keeps nobody waiting.
 */
export class Room implements Paced {
  readonly #ticker: Ticker
  readonly #seats = new Set<Seat>()
  readonly #sum = new Int32Array(frameLength)
  readonly #mix = new Int16Array(frameLength)
  readonly #frame = new Uint8Array(frameLength)
  /** The first place of all tracks that is not mixed yet, and when the frame before it was. */
  #taken = 0
  #beatAt = -1

  constructor(ticker: Ticker) {
    this.#ticker = ticker
  }

  get empty(): boolean {
    return this.#seats.size === 0
  }

  enter(occupant: Occupant): Seat {
    const seat = new Seat(this, occupant)
    this.#seats.add(seat)
    this.#ticker.join(this)
    return seat
  }

  leave(seat: Seat): void {
    this.#seats.delete(seat)
  }

  /** @param at monotonic milliseconds. */
  place(at: number): number {
    const since = this.#beatAt < 0 ? 0 : Math.min(longestBeat, Math.max(0, Math.floor((at - this.#beatAt) * 8)))
    return this.#taken + patience + since
  }

  get taken(): number {
    return this.#taken
  }

  beat(due: number): number {
    if (this.empty) return 0
    const sum = this.#sum.fill(0)
    for (const seat of this.#seats) seat.speak(this.#taken, sum)
    this.#taken += frameLength
    this.#beatAt = due
    for (const seat of this.#seats) {
      for (let index = 0; index < frameLength; index++) {
        const sample = sum[index]! - seat.own[index]!
        this.#mix[index] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : sample
      }
      seat.occupant.mixed(encodeG711('PCMU', this.#mix, this.#frame), due)
    }
    return slotsPerFrame
  }
}

/** One occupant's part of the mix. */
export class Seat {
  readonly occupant: Occupant
  /** What it said in the present frame. */
  readonly own = new Int32Array(frameLength)
  readonly #room: Room
  readonly #track = new Track(capacity)

  constructor(room: Room, occupant: Occupant) {
    this.#room = room
    this.occupant = occupant
  }

  /** What its occupant says. */
  hear(piece: Piece, at: number): void {
    this.#track.put(piece, this.#room.place(at), this.#room.taken)
  }

  /** Adds the frame at that place to the sum. */
  speak(from: number, sum: Int32Array): void {
    this.#track.take(from, this.own.fill(0))
    for (let index = 0; index < frameLength; index++) sum[index]! += this.own[index]!
  }

  leave(): void {
    this.#room.leave(this)
  }
}
