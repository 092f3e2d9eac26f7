import type { CallId } from '../call/call.ts'
import type { Input } from '../call/input.ts'
import type { LegId } from '../call/leg.ts'
import type { Loss } from '../media/index.ts'
import type { Clock, SwitchboardPort } from '../switchboard/ports.ts'

/** What became of a telling. */
export type Told = 'delivered' | 'unconfirmed' | 'local-only'

/** What every leg needs, on any network: where facts go, what time it is. */
export type Desk = Readonly<{ clock: Clock; switchboard: SwitchboardPort }>

/** One leg's line to its call: facts in the heart's words. */
export class Reporter {
  readonly #desk: Desk
  readonly leg: LegId
  /** Empty until the switchboard has given the call its id; nothing is reported before. */
  call: CallId = ''

  constructor(desk: Desk, leg: LegId) {
    this.#desk = desk
    this.leg = leg
  }

  get now(): number {
    return this.#desk.clock.now()
  }

  report(input: Input): void {
    this.#desk.switchboard.dispatch(this.call, input)
  }

  /** Before the answer leaves: nothing afterwards would be soon enough, should the process die. */
  answering(): void {
    this.#desk.switchboard.answering(this.leg)
  }

  told(outcome: Told): void {
    this.report({ type: 'told', at: this.now, leg: this.leg, outcome })
  }

  /** The watchdog found no life in the far end's media. */
  mediaLost(loss: Loss): void {
    // That our engine failed says nothing of the network: sound may have come until then.
    const [cause, detail] = (
      {
        'never-came': ['media-failed', 'no packet came'],
        'went-silent': ['media-lost', 'packets stopped coming'],
        'engine-failed': ['capture-failed', 'the media engine failed'],
      } as const
    )[loss]
    this.report({
      type: 'end',
      at: this.now,
      leg: this.leg,
      reason: { cause, actor: loss === 'engine-failed' ? 'platform' : 'network', detail },
    })
  }

  /** What the leg must remember for a crash has changed. Resolves once it is stored, or cannot be. */
  changed(): Promise<void> {
    return this.#desk.switchboard.remember(this.call)
  }
}
