import type { CallControl } from '../../switchboard/ports.ts'
import type { ChimeApp } from './app.ts'
import type { Means } from './means.ts'
import { isConnected, lives, slotsOf } from './participants.ts'

const timer = 'chime-orphan'

/** Watches for one leg of a former bridge that nobody will ever end: it is worth a word, and may get a limit. */
export class SurvivorWatch {
  readonly #control: CallControl
  readonly #means: Means
  #state: 'none' | 'warned' = 'none'

  constructor(control: CallControl, means: Means) {
    this.#control = control
    this.#means = means
  }

  /** Nothing is left to do but, if `busy`, what an action does. */
  look(app: ChimeApp, busy: boolean): void {
    const control = this.#control
    const slots = slotsOf(control.call(), app)
    const [alone, ...more] = slots.filter(({ leg }) => lives(leg))
    const orphan = slots.length === 2 && alone !== undefined && more.length === 0 && isConnected(alone.leg)
    if (!orphan || busy) {
      if (this.#state === 'warned') control.disarm(timer)
      this.#state = 'none'
      return
    }
    if (this.#state === 'warned') return
    this.#state = 'warned'
    const message = `${alone.tag} is alone, and no action runs: only its party or the handler will end it`
    this.#means.warn({ code: 'chime.orphan', place: 'chime', message, call: control.id })
    const after = this.#means.limits.orphan
    if (after === undefined) return
    const detail = 'a lone survivor without actions'
    control.arm({ id: timer, after, leg: alone.leg.id, cause: 'time-limit', detail, until: 'any' })
  }
}
