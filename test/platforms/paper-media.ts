import type { LegMedia, Prompt } from '../../src/switchboard/ports.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** How long a prompt lasts; `missing` in it cannot be played. */
const promptLasts = 2_000

/** A leg's sound without any: it keeps what was to be heard, and takes the time for it. */
export class PaperMedia implements LegMedia {
  readonly heard: string[] = []
  connected: LegMedia | undefined
  muted = false
  readonly #clock: VirtualClock
  readonly #listeners = new Set<(digit: string) => void>()
  #stop: (() => void) | undefined

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  async play(prompt: Prompt, { loop = 1, signal }: { loop?: number; signal?: AbortSignal } = {}) {
    const words = prompt.type === 'audio' ? prompt.url : prompt.type === 'speech' ? prompt.text : prompt.type
    if (words.includes('missing')) throw new Error('media.fetch-failed: 404')
    this.#stop?.()
    this.heard.push(words)
    return new Promise<'finished' | 'stopped'>((resolve) => {
      const length = loop === 0 ? 1e12 : loop * promptLasts
      const disarm = this.#clock.alarm(this.#clock.now() + length, () => resolve('finished'))
      this.#stop = () => {
        disarm()
        resolve('stopped')
      }
      if (signal?.aborted) this.#stop()
      signal?.addEventListener('abort', () => this.#stop?.(), { once: true })
    })
  }

  stop() {
    this.#stop?.()
  }
  press(digits: string) {
    for (const digit of digits) for (const listener of [...this.#listeners]) listener(digit)
  }
  async sendDigits(digits: string) {
    this.heard.push(`keys ${digits}`)
    return 'finished' as const
  }
  record(): never {
    throw new Error('paper records nothing')
  }
  mute(muted: boolean) {
    this.muted = muted
  }
  onDigit(listener: (digit: string) => void) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  connect(other: LegMedia) {
    this.connected = other
  }
  disconnect() {
    this.connected = undefined
  }
}
