import type { Flow, Transport } from '../transport/flow.ts'
import type { Alarm, AlarmWheel, Rung } from './alarms.ts'
import type { Action } from './machine.ts'
import { duration, type TimerName, type Timing, timerNames } from './timing.ts'

/** What both sides of the transaction layer share: time, and the way out. */
export type Wires = Readonly<{
  wheel: AlarmWheel
  timing: Timing
  put(flow: Flow, bytes: Uint8Array): void
  /** Undefined if it was taken away. */
  transportOf(flow: Flow): Transport | undefined
}>

type Timed = Rung & { fired: number; retransmission: Alarm | undefined; life: Alarm | undefined }

/** Carries out the actions that concern timers. A transaction has two: one that retransmits, one that bounds its state's life. */
export function armAction(wires: Wires, transaction: Timed, action: Action): void {
  if (action === 'quiet') {
    wires.wheel.disarm(transaction.retransmission)
    transaction.retransmission = undefined
    return
  }
  if (action === 'disarm-life') {
    wires.wheel.disarm(transaction.life)
    transaction.life = undefined
    return
  }
  const armed = timers.get(action)
  if (armed === undefined) return
  const { timer, rings, repeats } = armed
  const after = duration(timer, transaction.fired, wires.timing)
  if (repeats) {
    transaction.retransmission = wires.wheel.arm(after, transaction, rings)
  } else {
    wires.wheel.disarm(transaction.life)
    transaction.life = wires.wheel.arm(after, transaction, rings)
  }
}

/** What each `arm-…` arms, and the input that it rings as. A table, since alarms are many and wait long: their names are made once. */
const timers: ReadonlyMap<Action, Readonly<{ timer: TimerName; rings: string; repeats: boolean }>> = new Map(
  timerNames.map((timer) => [
    `arm-${timer}`,
    {
      timer,
      rings: timer === 'E-slow' ? 'timer-E' : `timer-${timer}`,
      repeats: timer === 'A' || timer === 'E' || timer === 'E-slow' || timer === 'G',
    },
  ]),
)
