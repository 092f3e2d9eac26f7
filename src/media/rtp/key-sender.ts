import { eventKeys, longestSegment } from './telephone-event.ts'

/** Milliseconds that a key is held by default, may be held, and between two keys. */
const keyLength = 100
const shortestKey = 50
const longestKey = 24_000
const gapLength = 100
const waits: Readonly<Record<string, number>> = { w: 500, W: 1000 }
/** The end of an event, and of each of its segments, is said three times (RFC 4733 §2.5.1.4). */
const endRepeats = 3

/**
 * What to do in one packet's time. Durations are samples. `segment`: the first packet of the next part of a key that is
 * held longer than one event can say; it begins where the full one before it ended (§2.5.1.3).
 */
export type KeyStep =
  | Readonly<{
      type: 'event'
      event: number
      position: 'first' | 'later' | 'segment'
      end: boolean
      duration: number
    }>
  | Readonly<{ type: 'quiet' }>
  | Readonly<{ type: 'done' }>

type SenderState =
  | { name: 'next' }
  /** `duration` of this segment so far, `before` of those before it. */
  | { name: 'pressing'; event: number; duration: number; before: number }
  /** The segment is full, and is said to be; `duration` goes on and will belong to the next one. */
  | { name: 'full'; event: number; duration: number; before: number; left: number }
  | { name: 'ending'; event: number; duration: number; left: number }
  | { name: 'waiting'; left: number }

/** Turns a string of keys into steps, one for each packet's time. */
export class KeySender {
  readonly #keys: string
  /** Milliseconds that each key is held. */
  readonly length: number
  #position = 0
  #state: SenderState = { name: 'next' }

  /** Lower case letters are keys as well, but for `w`. */
  constructor(keys: string, length = keyLength) {
    this.#keys = keys
    this.length = Math.min(longestKey, Math.max(shortestKey, length))
  }

  /** @param samples in one packet. */
  step(samples: number): KeyStep {
    const state = this.#state
    switch (state.name) {
      case 'next':
        return this.#begin(samples)
      case 'pressing':
        state.duration += samples
        return this.#press(state, 'later')
      case 'full':
        state.duration += samples
        if (--state.left > 0) return { ...eventOf(state), duration: longestSegment }
        this.#state = {
          name: 'pressing',
          event: state.event,
          duration: state.duration - longestSegment,
          before: state.before + longestSegment,
        }
        return this.#press(this.#state, 'segment')
      case 'ending':
        if (state.left === 0) {
          this.#state = { name: 'waiting', left: gapLength * 8 }
          return this.step(samples)
        }
        state.left--
        return { ...eventOf(state), end: true }
      case 'waiting':
        state.left -= samples
        if (state.left <= 0) this.#state = { name: 'next' }
        return { type: 'quiet' }
      default:
        return state satisfies never
    }
  }

  #press(state: SenderState & { name: 'pressing' }, position: 'later' | 'segment'): KeyStep {
    if (state.before + state.duration >= this.length * 8 && state.duration <= longestSegment) {
      this.#state = { ...state, name: 'ending', left: endRepeats - 1 }
      return { ...eventOf(state), position, end: true }
    }
    if (state.duration < longestSegment) return { ...eventOf(state), position }
    this.#state = { ...state, name: 'full', left: endRepeats }
    return { ...eventOf(state), duration: longestSegment }
  }

  /** What ends a key that is half pressed, if one is. */
  release(): KeyStep | null {
    const state = this.#state
    this.#state = { name: 'next' }
    this.#position = this.#keys.length
    if (state.name === 'pressing') return { ...eventOf(state), end: true }
    return state.name === 'full' ? { ...eventOf(state), duration: longestSegment, end: true } : null
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
        this.#state = { name: 'pressing', event, duration: samples, before: 0 }
        return { type: 'event', event, position: 'first', end: false, duration: samples }
      }
    }
    return { type: 'done' }
  }
}

function eventOf({ event, duration }: { event: number; duration: number }) {
  return { type: 'event', event, position: 'later', end: false, duration } as const
}
