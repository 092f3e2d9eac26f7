import type { CallControl, LegMedia, Prompt } from '../../../src/switchboard/ports.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

/** A leg on paper: prompts last as long as they say, keys are pressed by the test. */
export class PaperLeg {
  readonly clock = new VirtualClock()
  /** `a` began, `a.` was heard to its end, `a!` was cut off. */
  readonly heard: string[] = []
  readonly #legEnd = new AbortController()
  readonly #callEnd = new AbortController()
  #listeners = new Set<(digit: string) => void>()

  get listeners(): number {
    return this.#listeners.size
  }

  readonly #media = {
    play: (prompt: Prompt, { loop = 1, signal }: { loop?: number; signal?: AbortSignal } = {}) =>
      this.#play(prompt, loop, signal),
    onDigit: (listener: (digit: string) => void) => {
      this.#listeners.add(listener)
      return () => void this.#listeners.delete(listener)
    },
  } as unknown as LegMedia

  readonly means = {
    clock: this.clock,
    leg: 'leg',
    control: {
      signal: this.#callEnd.signal,
      legSignal: () => this.#legEnd.signal,
      media: () => this.#media,
    } as unknown as CallControl,
  }

  #play(prompt: Prompt, loop: number, signal?: AbortSignal): Promise<'finished' | 'stopped'> {
    const name = prompt.type === 'speech' ? prompt.text : prompt.type
    if (name === 'missing') return Promise.reject(new Error('media.fetch-failed'))
    this.heard.push(name)
    return new Promise((resolve) => {
      const disarm = this.clock.alarm(this.clock.now() + 1000 * loop, () => {
        this.heard.push(`${name}.`)
        resolve('finished')
      })
      signal?.addEventListener('abort', () => {
        disarm()
        if (this.heard.at(-1) === name) this.heard.push(`${name}!`)
        resolve('stopped')
      })
    })
  }

  press(keys: string): void {
    for (const key of keys) for (const listener of [...this.#listeners]) listener(key)
  }

  endLeg(): void {
    this.#legEnd.abort()
  }

  endCall(): void {
    this.#callEnd.abort()
  }
}

export const say = (...texts: string[]) => texts.map((text) => ({ prompt: { type: 'speech', text } as const }))
