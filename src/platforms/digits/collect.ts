import type { LegId } from '../../call/leg.ts'
import type { CallControl, Clock, Disarm, LegMedia, Prompt } from '../../switchboard/ports.ts'
import { type Entered, type EntryInput, type EntryRules, enter, entryBegun, patience } from './entry.ts'

/** A prompt, and how often it is heard: once by default. */
export type Heard = Readonly<{ prompt: Prompt; loop?: number }>

export type CollectOptions = Readonly<{
  rules: EntryRules
  /** Heard one after the other; the first key that counts stops them. */
  prompts?: readonly Heard[]
  /** How often the caller may try; 1 by default. The prompts are heard each time. */
  attempts?: number
  /** Heard after each attempt that does not fit. A key that counts cuts it off and belongs to the next attempt, if there is one. */
  failurePrompts?: readonly Heard[]
  signal?: AbortSignal
  /** A prompt that cannot be heard is passed over once this is told. Absent: `collect` rejects. */
  promptFailed?(prompt: Prompt, error: unknown): void
}>

/** @property attempts how many there were. */
export type Collected = Entered & Readonly<{ attempts: number }>

type Means = Readonly<{ control: CallControl; clock: Clock; leg: LegId }>

/**
 * Collects keys that the far end of a leg presses, from now on, until an attempt fits, the attempts are used up, the signal
 * fires or the leg ends (`aborted`). Nothing is left behind: no listener, no alarm, no prompt.
 * @throws what `LegMedia.play` throws, unless `promptFailed` is there.
 */
export async function collect(means: Means, options: CollectOptions): Promise<Collected> {
  const { attempts = 1, prompts = [], failurePrompts = [] } = options
  let lead = prompts
  for (let attempt = 1; ; attempt++) {
    const entered = await attemptOnce(means, options, lead)
    if (entered.fits || entered.type === 'aborted') return { ...entered, attempts: attempt }
    if (attempt >= attempts) {
      if (failurePrompts.length > 0) await attemptOnce(means, { ...options, rules: deaf }, failurePrompts)
      return { ...entered, attempts: attempt }
    }
    lead = [...failurePrompts, ...prompts]
  }
}

/** No key counts, and nobody waits for one. */
const deaf: EntryRules = { keys: '', firstDigit: 0 }

function attemptOnce(means: Means, options: CollectOptions, prompts: readonly Heard[]): Promise<Entered> {
  return new Promise((resolve, reject) => {
    const attempt = new Attempt(means, options, resolve)
    attempt.run(prompts).catch((error: unknown) => {
      attempt.leave()
      reject(error)
    })
  })
}

/** One entry: the pure machine, with a clock, a prompt and keys around it. */
class Attempt {
  readonly #means: Means
  readonly #options: CollectOptions
  readonly #resolve: (entered: Entered) => void
  readonly #signals: readonly AbortSignal[]
  /** Fires at the first key that counts. */
  readonly #hush = new AbortController()
  readonly #abort = (): void => this.#hear({ type: 'abort' })
  #state = entryBegun
  #unlisten: () => void = () => {}
  #patience: Disarm | undefined
  #whole: Disarm | undefined

  constructor(means: Means, options: CollectOptions, resolve: (entered: Entered) => void) {
    this.#means = means
    this.#options = options
    this.#resolve = resolve
    const { control, leg } = means
    this.#signals = [control.signal, control.legSignal(leg), ...(options.signal === undefined ? [] : [options.signal])]
  }

  async run(prompts: readonly Heard[]): Promise<void> {
    if (this.#signals.some(({ aborted }) => aborted)) return this.#abort()
    for (const signal of this.#signals) signal.addEventListener('abort', this.#abort, { once: true })
    const media = this.#means.control.media(this.#means.leg)
    this.#unlisten = media.onDigit((key) => this.#hear({ type: 'key', key }))
    for (const heard of prompts) {
      if (this.#state.name !== 'prompting') return
      await this.#play(media, heard)
    }
    this.#hear({ type: 'prompted' })
  }

  async #play(media: LegMedia, { prompt, loop = 1 }: Heard): Promise<void> {
    try {
      await media.play(prompt, { loop, signal: this.#hush.signal })
    } catch (error) {
      if (this.#state.name !== 'prompting') return
      if (this.#options.promptFailed === undefined) throw error
      this.#options.promptFailed(prompt, error)
    }
  }

  #hear(input: EntryInput): void {
    const { rules } = this.#options
    const before = this.#state
    const state = enter(rules, before, input)
    if (state === before) return
    this.#state = state
    if (before.name === 'prompting') this.#hush.abort()
    if (state.name === 'over') {
      this.leave()
      return this.#resolve(state.entered)
    }
    this.#patience?.()
    this.#patience = this.#alarm(patience(rules, state))
    if (before.name === 'prompting') this.#whole = this.#alarm(rules.whole)
  }

  #alarm(after: number | undefined): Disarm | undefined {
    const { clock } = this.#means
    return after === undefined ? undefined : clock.alarm(clock.now() + after, () => this.#hear({ type: 'late' }))
  }

  /** Idempotent. */
  leave(): void {
    this.#patience?.()
    this.#whole?.()
    this.#unlisten()
    this.#hush.abort()
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#abort)
  }
}
