/** Tells lost sound from wanted silence. Pure: time comes from outside, in monotonic milliseconds. */
/** `never-came`: not one packet since the far end was known. `went-silent`: it was heard before. */
export type Silence = 'never-came' | 'went-silent'

type WatchState =
  /** Nothing is due: no far end yet, or hold. */
  | { name: 'resting'; heard: boolean }
  | { name: 'watching'; heard: boolean; since: number }
  | { name: 'reported'; heard: boolean }

export class Watchdog {
  readonly #limit: number
  #state: WatchState = { name: 'resting', heard: false }

  /** @param limit milliseconds of silence that are a loss; 0 never. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Sound is due from now on, or is not. Starting to wait gives the far end the whole limit again. */
  expect(due: boolean, at: number): void {
    const { heard } = this.#state
    if (!due || this.#limit === 0) this.#state = { name: 'resting', heard }
    else if (this.#state.name === 'resting') this.#state = { name: 'watching', heard, since: at }
  }

  /** RTP, or a sign that the far end lives (RTCP), came. */
  heard(kind: 'rtp' | 'rtcp', at: number): void {
    const state = this.#state
    if (kind === 'rtp') state.heard = true
    if (state.name === 'watching') state.since = at
    else if (state.name === 'reported') this.#state = { name: 'watching', heard: state.heard, since: at }
  }

  /** Once per loss. */
  check(at: number): Silence | null {
    const state = this.#state
    if (state.name !== 'watching' || at - state.since < this.#limit) return null
    this.#state = { name: 'reported', heard: state.heard }
    return state.heard ? 'went-silent' : 'never-came'
  }
}
