import type { LegId } from '../../call/leg.ts'
import type { CallControl } from '../../switchboard/ports.ts'

const id = 'chime-unanswered'

/** Nothing that a handler forgets lets a caller ring for ever (guide, case 1). @param after milliseconds */
export function limitUnanswered(control: CallControl, leg: LegId, after: number): void {
  control.arm({
    id,
    after,
    leg,
    cause: 'no-answer',
    detail: `no action answered within ${after / 1000} s`,
    until: 'ringing',
  })
}

/** While somebody is called for the caller, that call's own limit counts. */
export function liftUnanswered(control: CallControl): void {
  control.disarm(id)
}
