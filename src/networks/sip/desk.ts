import type { CallId } from '../../call/call.ts'
import type { Input } from '../../call/input.ts'
import type { LegId } from '../../call/leg.ts'
import type { Media, Loss as MediaLoss } from '../../media/index.ts'
import type { Loss, Told } from '../../sip/index.ts'
import type { Clock, SwitchboardPort } from '../../switchboard/ports.ts'

/** What every leg of the SIP network needs: where facts go, where sound comes from, what time it is. */
export type Desk = Readonly<{
  clock: Clock
  switchboard: SwitchboardPort
  media: Media
  /** Address in our session descriptions. */
  mediaAddress: string
}>

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

  told(outcome: Told): void {
    this.report({ type: 'told', at: this.now, leg: this.leg, outcome })
  }

  /** An answered call that cannot live on (RFC 3261 §13.3.1.4, RFC 4028, RFC 5057). */
  lost(why: Loss): void {
    const cause = why === 'dialog-gone' ? 'peer-gone' : why
    this.report({ type: 'end', at: this.now, leg: this.leg, reason: { cause, actor: 'network' } })
  }

  /** The watchdog found no life in the far end's media. */
  mediaLost(loss: MediaLoss): void {
    const cause = loss === 'went-silent' ? 'media-lost' : 'media-failed'
    const detail = {
      'never-came': 'no packet came',
      'went-silent': 'packets stopped coming',
      'engine-failed': 'the media engine failed',
    }
    this.report({
      type: 'end',
      at: this.now,
      leg: this.leg,
      reason: { cause, actor: loss === 'engine-failed' ? 'platform' : 'network', detail: detail[loss] },
    })
  }

  /** What the leg must remember for a crash has changed. Resolves once it is stored, or cannot be. */
  changed(): Promise<void> {
    return this.#desk.switchboard.remember(this.call)
  }
}
