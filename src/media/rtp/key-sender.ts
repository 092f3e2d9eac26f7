import { eventKeys } from './telephone-event.ts'

/** Milliseconds that a key is held, and between two keys. */
export const keyLength = 100
const gapLength = 100
const waits: Readonly<Record<string, number>> = { w: 500, W: 1000 }
/** The end of an event is said three times (RFC 4733 §2.5.1.4). */
const endRepeats = 3

/** What to do in one packet's time. Durations are samples. */
export type KeyStep =
  | Readonly<{ type: 'event'; event: number; position: 'first' | 'later'; end: boolean; duration: number }>
  | Readonly<{ type: 'quiet' }>
  | Readonly<{ type: 'done' }>

type SenderState =
  | { name: 'next' }
  | { name: 'pressing'; event: number; duration: number }
  | { name: 'ending'; event: number; duration: number; left: number }
  | { name: 'waiting'; left: number }

/** Turns a string of keys into steps, one for each packet's time. */
export class KeySender {
  readonly #keys: string
  #position = 0
  #state: SenderState = { name: 'next' }

  /** Lower case letters are keys as well, but for `w`. */
  constructor(keys: string) {
    this.#keys = keys
  }

  /** @param samples in one packet. */
  step(samples: number): KeyStep {
    const state = this.#state
    switch (state.name) {
      case 'next':
        return this.#begin(samples)
      case 'pressing':
        state.duration += samples
        if (state.duration < keyLength * 8) return { ...this.#event(state), end: false }
        this.#state = { ...state, name: 'ending', left: endRepeats - 1 }
        return { ...this.#event(state), end: true }
      case 'ending':
        if (state.left === 0) {
          this.#state = { name: 'waiting', left: gapLength * 8 }
          return this.step(samples)
        }
        state.left--
        return { ...this.#event(state), end: true }
      case 'waiting':
        state.left -= samples
        if (state.left <= 0) this.#state = { name: 'next' }
        return { type: 'quiet' }
      default:
        return state satisfies never
    }
  }

  /** What ends a key that is half pressed, if one is. */
  release(): KeyStep | null {
    const state = this.#state
    this.#state = { name: 'next' }
    this.#position = this.#keys.length
    return state.name === 'pressing' ? { ...this.#event(state), end: true } : null
  }

  #event({ event, duration }: { event: number; duration: number }) {
    return { type: 'event', event, position: 'later', duration } as const
  }

  #begin(samples: number): KeyStep {
    while (this.#position < this.#keys.length) {
      const character = this.#keys[this.#position++]!
      const wait = waits[character]
      if (wait !== undefined) {
        this.#state = { name: 'waiting', left: wait * 8 - samples }
        return { type: 'quiet' }
      }
      const event = eventKeys.indexOf(character.toUpperCase())
      if (event >= 0) {
        this.#state = { name: 'pressing', event, duration: samples }
        return { type: 'event', event, position: 'first', end: false, duration: samples }
      }
    }
    return { type: 'done' }
  }
}
