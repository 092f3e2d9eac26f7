import type { Leg, LegId } from '../../../call/leg.ts'
import type { Action, ActionType } from '../../../dialects/chime/index.ts'
import type { CallControl } from '../../../switchboard/ports.ts'
import type { Outcome } from '../list.ts'
import type { Means } from '../means.ts'
import type { CallRecordings } from './call-recording.ts'
import type { Meetings } from './meeting.ts'

/** What an action is carried out on. */
export type Stage = Readonly<{
  control: CallControl
  means: Means
  /** As it was when the action began. */
  leg: Leg
  /** Fires when an update interrupts the action, or its leg ends. */
  signal: AbortSignal
  recordings: CallRecordings
  meetings: Meetings
  /** A leg that the function is told of from now on. */
  joined(leg: LegId): void
  /** Keys were entered for ReceiveDigits. */
  received(digits: string): void
  /** Replaces what watches for keys on a leg. */
  watching(leg: LegId, stop: () => void): void
  /** The other leg that lives, if there is one. */
  other(): Leg | undefined
  warn(code: string, message: string): void
}>

export type ParametersOf<T extends ActionType> = Extract<Action, { Type: T }>['Parameters']

/** Never rejects for what the far end does; what it throws fails the action with `SystemException`. */
export type Perform<T extends ActionType> = (parameters: ParametersOf<T>, stage: Stage) => Promise<Outcome>

export const done: Outcome = { type: 'done' }

export function failed(error: string, message: string): Outcome {
  return { type: 'failed', error, message }
}

export const invalid = (message: string) => failed('InvalidActionParameter', message)

/** Actions that make or hear sound answer a call that came in (guide, "Speak": before the 200 nothing is heard). */
export async function answer({ control, leg }: Stage): Promise<void> {
  if (leg.direction === 'in') await control.answer(leg.id)
}

/** What a leg that has ended, or an update, makes of an action that was under way. */
export function cutOff({ control, leg }: Stage): Outcome {
  return control.legSignal(leg.id).aborted
    ? failed('SystemException', 'the call leg was disconnected')
    : { type: 'interrupted' }
}
