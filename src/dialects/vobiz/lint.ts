import type { Cause } from '../../call/causes.ts'
import type { Actor } from '../../call/ending.ts'
import type { Fault } from '../dialect.ts'
import { rejectFor } from '../sip/write.ts'
import { type Compat, lenient } from './compat.ts'
import { type DocumentOptions, parseDocument, type VobizDocument, type VobizElement } from './document.ts'
import type { CarriedOut } from './elements.ts'
import { hangupCause, scheduledCause } from './hangup.ts'
import { codeFor } from './said.ts'

/** The state of the call that a document is run on. */
export type LintState = 'unanswered' | 'answered'

/** One way in which a document may leave a call. */
export type LintEnd =
  | Readonly<{
      type: 'ends'
      cause: Cause
      actor: Actor
      code: number
      name: string
      /** `certain`, or what must be the case for it. */
      when: string
    }>
  /** It redirects: another document decides. */
  | Readonly<{ type: 'continues'; url: string; when: string }>
  /** Nothing in it ends the call: a party, a limit or the API will. */
  | Readonly<{ type: 'goes-on'; when: string }>

export type LintOutcome = Readonly<{
  state: LintState
  /** Whether running it answers the call. */
  answers: boolean
  /** The first SIP message that the caller gets for it; null where the document sends none. */
  first: string | null
  /** Likeliest first; the last one always remains. */
  ends: readonly LintEnd[]
}>

export type LintReport =
  | Readonly<{ ok: true; outcomes: readonly LintOutcome[]; warnings: readonly Fault[] }>
  | Readonly<{ ok: false; faults: readonly Fault[]; outcomes: readonly LintOutcome[] }>

/**
 * What a document will do to a call that rings, and to one that is answered. Never throws.
 *
 * @example
 * lint('<Response><Hangup/></Response>').outcomes[0]
 * // { state: 'unanswered', answers: false, first: '603', ends: [{ type: 'ends', cause: 'declined', actor: 'app', code: 3020, … }] }
 */
export function lint(input: string | Uint8Array, options: DocumentOptions = {}): LintReport {
  const parsed = parseDocument(input, options)
  if (!parsed.ok) return { ok: false, faults: parsed.faults, outcomes: [invalid('unanswered'), invalid('answered')] }
  const outcomes = [trace(parsed.value, 'unanswered', options.compat), trace(parsed.value, 'answered', options.compat)]
  return { ok: true, outcomes, warnings: parsed.warnings }
}

function invalid(state: LintState): LintOutcome {
  const ends = [ending('app-invalid', 'platform', 'certain')]
  return { state, answers: false, first: state === 'unanswered' ? '503' : 'BYE', ends }
}

/** Runs a document on paper. Sounds have no known length; waits do. */
export function trace(document: VobizDocument, state: LintState, compat: Compat = lenient): LintOutcome {
  return new Trace(state, compat).run(document.elements)
}

class Trace {
  readonly #state: LintState
  readonly #compat: Compat
  #answered: boolean
  #first: string | null = null
  /** Seconds that have passed at least. */
  #elapsed = 0
  #exact = true
  #schedule: Readonly<{ due: number; cause: Cause }> | undefined

  constructor(state: LintState, compat: Compat) {
    this.#state = state
    this.#compat = compat
    this.#answered = state === 'answered'
  }

  run(elements: readonly VobizElement[]): LintOutcome {
    const last = elements.at(-1)
    const waits =
      (elements.length === 0 && this.#compat.emptyResponse === 'stay') ||
      (last?.name === 'Hangup' && last.attributes.schedule !== undefined && this.#compat.scheduleLast === 'wait')
    for (const [index, element] of elements.entries()) {
      const end = this.#step(element, elements, index)
      if (end !== undefined) return this.#outcome(end)
    }
    return this.#outcome(waits ? { type: 'goes-on', when: 'certain' } : ending('script-end', 'platform', 'certain'))
  }

  #step(element: VobizElement, all: readonly VobizElement[], index: number): LintEnd | undefined {
    switch (element.name) {
      case 'Hangup':
        return this.#hangup(element, all, index)
      case 'Speak':
      case 'Play':
        this.#answer('200')
        return this.#sound(element.attributes.loop)
      case 'Wait':
        this.#send('180')
        this.#elapsed += element.attributes.length ?? 1
        return undefined
      case 'PreAnswer':
        this.#send('183')
        for (const child of element.children) {
          const end = this.#early(child)
          if (end !== undefined) return end
        }
        return undefined
      case 'Redirect':
        return { type: 'continues', url: element.text, when: 'certain' }
      default:
        return unable(element)
    }
  }

  #early(child: VobizElement): LintEnd | undefined {
    if (child.name === 'Speak' || child.name === 'Play') return this.#sound(child.attributes.loop)
    if (child.name === 'Wait') {
      this.#elapsed += child.attributes.length ?? 1
      return undefined
    }
    return this.#step(child, [], 0)
  }

  #sound(loop: number | undefined): LintEnd | undefined {
    this.#exact = false
    return loop === 0 ? { type: 'goes-on', when: 'certain' } : undefined
  }

  #hangup(
    element: VobizElement & { name: 'Hangup' },
    all: readonly VobizElement[],
    index: number,
  ): LintEnd | undefined {
    const { reason, schedule } = element.attributes
    if (schedule === undefined) {
      return ending(hangupCause(reason, this.#answered, all.slice(0, index), this.#compat), 'app', 'certain')
    }
    if (index === all.length - 1 && this.#compat.scheduleLast === 'end') return undefined
    const due = this.#elapsed + schedule
    if (this.#schedule === undefined || due < this.#schedule.due) {
      this.#schedule = { due, cause: scheduledCause(reason, this.#compat) }
    }
    return undefined
  }

  #answer(message: string): void {
    if (!this.#answered) this.#send(message)
    this.#answered = true
  }

  #send(message: string): void {
    if (!this.#answered) this.#first ??= message
  }

  /** A schedule that must, or may, fire before what the elements come to. */
  #outcome(end: LintEnd): LintOutcome {
    const timer = this.#schedule
    const ends: LintEnd[] = []
    if (timer !== undefined) {
      const fires = timer.due <= this.#elapsed || end.type === 'goes-on'
      if (fires || !this.#exact) {
        const when = fires ? `after ${timer.due} s` : `if what it plays lasts longer than ${timer.due} s`
        ends.push(ending(timer.cause, 'timer', when))
      }
      if (fires) return this.#report(ends)
    }
    return this.#report([...ends, ends.length > 0 ? { ...end, when: 'otherwise' } : end])
  }

  #report(ends: readonly LintEnd[]): LintOutcome {
    const state = this.#state
    const final = ends[0]
    if (this.#first === null && final?.type === 'ends') this.#first = this.#answered ? 'BYE' : refusal(final)
    return { state, answers: state === 'unanswered' && this.#answered, first: this.#first, ends }
  }
}

/** The final response to a call that was not answered. */
function refusal({ cause, actor }: Readonly<{ cause: Cause; actor: Actor }>): string {
  return String(rejectFor({ cause, actor, phase: 'ringing', at: 0 }).status)
}

/** Whatever `carriedOut` names does not compile here: it needs an arm of its own. */
function unable({ name }: Exclude<VobizElement, { name: CarriedOut }>): LintEnd {
  return ending('app-failed', 'platform', `<${name}> is not carried out yet`)
}

function ending(cause: Cause, actor: Actor, when: string): LintEnd {
  const { row } = codeFor({ cause, actor, phase: 'answered', at: 0 })
  return { type: 'ends', cause, actor, code: row.code, name: row.name, when }
}
