import { firstLeg } from '../../call/call.ts'
import type { Fault } from '../../dialects/dialect.ts'
import {
  type CarriedOut,
  type Compat,
  hangupCause,
  scheduledCause,
  type VobizDocument,
  type VobizElement,
} from '../../dialects/vobiz/index.ts'
import type { CallControl, Clock, Prompt } from '../../switchboard/ports.ts'
import { over, sleep } from '../sleep.ts'
import type { HttpMethod } from './app.ts'

/** How a document was left. */
export type Left = Readonly<{ type: 'over' }> | Readonly<{ type: 'redirect'; url: string; method: HttpMethod }>

/** What one element asks for after it. */
type Step = Readonly<{ type: 'next' }> | Left

const next: Step = { type: 'next' }
const gone: Left = { type: 'over' }

/** Carries out documents on a call, element by element, in order. What a `Hangup` schedules outlives its document. */
export class Performance {
  readonly #control: CallControl
  readonly #compat: Compat
  readonly #clock: Clock
  readonly #warn: (fault: Fault) => void
  #schedules = 0

  constructor(control: CallControl, compat: Compat, clock: Clock, warn: (fault: Fault) => void) {
    this.#control = control
    this.#compat = compat
    this.#clock = clock
    this.#warn = warn
  }

  /** Runs a document to its end, which ends the call, or to where it hands over to another one. */
  async perform(document: VobizDocument): Promise<Left> {
    const { elements } = document
    for (const [index, element] of elements.entries()) {
      const step = await this.#step(element, elements, index)
      if (step.type !== 'next') return step
      if (this.#over) return gone
    }
    return this.#ranOut(elements)
  }

  async #ranOut(elements: readonly VobizElement[]): Promise<Left> {
    const last = elements.at(-1)
    const scheduled = last?.name === 'Hangup' && last.attributes.schedule !== undefined
    const stays = last === undefined ? this.#compat.emptyResponse === 'stay' : scheduled && this.#waitsForSchedule
    if (stays) await over(this.#control.signal)
    else this.#control.end({ cause: 'script-end', actor: 'platform', detail: 'the document ran out' })
    return gone
  }

  async #step(element: VobizElement, all: readonly VobizElement[], index: number): Promise<Step> {
    switch (element.name) {
      case 'Hangup':
        return this.#hangup(element, all, index)
      case 'Speak': {
        await this.#answer()
        return this.#play(element, speech(element), element.attributes.loop)
      }
      case 'Play':
        await this.#answer()
        return this.#play(element, { type: 'audio', url: element.text }, element.attributes.loop)
      case 'Wait':
        return this.#wait(element)
      case 'PreAnswer':
        return this.#preAnswer(element)
      case 'Redirect':
        return this.#redirect(element)
      default:
        return this.#unable(element)
    }
  }

  // -------------------------------------------------------------- ending

  #hangup({ attributes, place }: VobizElement & { name: 'Hangup' }, all: readonly VobizElement[], index: number): Step {
    const { reason, schedule } = attributes
    const detail = `<Hangup> at ${place}`
    if (schedule === undefined) {
      const cause = hangupCause(reason, this.#state === 'answered', all.slice(0, index), this.#compat)
      this.#control.end({ cause, actor: 'app', detail })
      return gone
    }
    // With nothing after it the document has run out, and that ends the call at once.
    if (index === all.length - 1 && !this.#waitsForSchedule) return next
    this.#schedules += 1
    this.#control.arm({
      id: `schedule-${this.#schedules}`,
      after: schedule * 1000,
      leg: this.#leg,
      cause: scheduledCause(reason, this.#compat),
      detail: `${detail}, scheduled ${schedule} s before`,
      until: 'any',
    })
    return next
  }

  get #waitsForSchedule(): boolean {
    return this.#compat.scheduleLast === 'wait'
  }

  #redirect({ text, attributes }: VobizElement & { name: 'Redirect' }): Step {
    const method = attributes.method ?? 'POST'
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return this.#refuse(7024, `Redirect to "${text}"`)
    if (method !== 'GET' && method !== 'POST') return this.#refuse(7034, `Redirect by "${method}"`)
    return { type: 'redirect', url: text, method }
  }

  #refuse(code: number, detail: string): Step {
    this.#control.end({ cause: 'app-invalid', actor: 'platform', detail, codes: { platform: code } })
    return gone
  }

  /** Whatever `carriedOut` names does not compile here: it needs an arm of its own. */
  #unable({ name, place }: Exclude<VobizElement, { name: CarriedOut }>): Step {
    const detail = `<${name}> at ${place} is not carried out yet`
    this.#control.end({ cause: 'app-failed', actor: 'platform', detail, codes: { platform: 5010 } })
    return gone
  }

  // -------------------------------------------------------------- sound

  /**
   * A prompt that cannot be fetched, decoded or spoken is skipped with a warning, and the script goes on: the hosted
   * platforms do not end a call for a sound that is missing.
   */
  async #play(element: VobizElement, prompt: Prompt, loop = 1): Promise<Step> {
    if (this.#over) return gone
    if (prompt.type === 'audio' && !/^https?:\/\//i.test(prompt.url)) {
      this.#skip(element, `"${prompt.url}" is no http(s) URL`)
      return next
    }
    if (prompt.type === 'speech' && prompt.text === '') return next
    const { signal } = this.#control
    try {
      await this.#control.media(this.#leg).play(prompt, { loop, signal })
    } catch (error) {
      if (signal.aborted) return gone
      this.#skip(element, error instanceof Error ? error.message : String(error))
    }
    return next
  }

  #skip({ name, place }: VobizElement, why: string): void {
    this.#warn({ code: 'vobiz.prompt', place, message: `<${name}> was skipped: ${why}` })
  }

  /** Before the answer it keeps the caller ringing (or in the silence after early media). */
  async #wait({ attributes, place }: VobizElement & { name: 'Wait' }): Promise<Step> {
    if (attributes.silence === true || (attributes.beep ?? 'false') !== 'false') {
      const message = '<Wait> waits its whole length: it listens neither for silence nor for a beep yet'
      this.#warn({ code: 'vobiz.not-heard', place, message })
    }
    if (this.#state === 'offered') this.#control.ring(this.#leg)
    await sleep(this.#clock, (attributes.length ?? 1) * 1000, this.#control.signal)
    return next
  }

  async #preAnswer(element: VobizElement): Promise<Step> {
    const state = this.#state
    if (state === 'offered' || state === 'ringing') await this.#control.early(this.#leg)
    for (const child of element.children) {
      if (this.#over) return gone
      const step = await this.#whileEarly(child)
      if (step.type !== 'next') return step
    }
    return next
  }

  #whileEarly(child: VobizElement): Step | Promise<Step> {
    if (child.name === 'Speak') return this.#play(child, speech(child), child.attributes.loop)
    if (child.name === 'Play') return this.#play(child, { type: 'audio', url: child.text }, child.attributes.loop)
    return this.#step(child, [], 0)
  }

  // -------------------------------------------------------------- the caller's leg

  get #leg(): string {
    return this.#control.call().first
  }

  get #state(): string {
    return firstLeg(this.#control.call()).state.name
  }

  get #over(): boolean {
    return this.#control.signal.aborted
  }

  async #answer(): Promise<void> {
    if (this.#state !== 'answered' && !this.#over) await this.#control.answer(this.#leg)
  }
}

function speech({ text, attributes }: VobizElement & { name: 'Speak' }): Prompt {
  const { voice, language } = attributes
  return {
    type: 'speech',
    text,
    ...(voice === undefined ? {} : { voice }),
    ...(language === undefined ? {} : { language }),
  }
}
