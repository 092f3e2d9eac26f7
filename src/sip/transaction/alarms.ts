import type { Clock, Disarm } from './clock.ts'

/** Whoever wants to be rung: one method for all of its alarms, so that an alarm needs no closure. */
export interface Rung {
  rang(name: string): void
}

/** One armed alarm: a link in the queue of its duration. */
export class Alarm {
  readonly due: number
  readonly name: string
  /** Orders alarms that are due in the same millisecond. */
  readonly order: number
  /** null once it rang or was disarmed. */
  target: Rung | null
  queue: Queue | null
  before: Alarm | null = null
  after: Alarm | null = null

  constructor(due: number, order: number, name: string, target: Rung, queue: Queue) {
    this.due = due
    this.order = order
    this.name = name
    this.target = target
    this.queue = queue
  }
}

/**
 * All alarms of one duration. Armed one after the other, they are due one after the other: arming is appending, disarming is
 * unlinking, and the first is always the next.
 */
class Queue {
  readonly duration: number
  first: Alarm | null = null
  last: Alarm | null = null

  constructor(duration: number) {
    this.duration = duration
  }
}

/** Milliseconds from which on an alarm bounds something's life, and a little later is as good. */
const long = 4000

/**
 * One alarm clock for all timers of a user agent. SIP knows about a dozen durations, so the wheel keeps one queue for each and
 * a single alarm of the injected clock. Arm and disarm are O(1); finding the next is O(durations in use).
 */
export class AlarmWheel {
  readonly #clock: Clock
  readonly #fault: (error: unknown) => void
  readonly #grain: number
  readonly #queues = new Map<number, Queue>()
  #count = 0
  #order = 0
  #scheduled = Number.POSITIVE_INFINITY
  #disarm: Disarm | undefined
  #ringing = false
  readonly #ring = () => this.#wake()

  /**
   * `fault` is told what a rung target throws; the other alarms ring all the same. Alarms of 4 s and more may ring up to `grain`
   * milliseconds late, many together: every call leaves some of them behind, and each would wake the process for itself.
   */
  constructor(clock: Clock, fault: (error: unknown) => void, grain = 1) {
    this.#clock = clock
    this.#fault = fault
    this.#grain = grain
  }

  /** How many alarms are armed. */
  get size(): number {
    return this.#count
  }

  arm(after: number, target: Rung, name: string): Alarm {
    const duration = after > 0 ? Math.ceil(after) : 0
    let queue = this.#queues.get(duration)
    if (queue === undefined) {
      queue = new Queue(duration)
      this.#queues.set(duration, queue)
    }
    const alarm = new Alarm(this.#clock.now() + duration, this.#order++, name, target, queue)
    alarm.before = queue.last
    if (queue.last === null) queue.first = alarm
    else queue.last.after = alarm
    queue.last = alarm
    this.#count++
    if (!this.#ringing) {
      const when = this.#when(alarm, duration)
      if (when < this.#scheduled) this.#schedule(when)
    }
    return alarm
  }

  /** Nothing happens if it rang or was disarmed before. */
  disarm(alarm: Alarm | null | undefined): void {
    if (alarm === null || alarm === undefined || alarm.queue === null) return
    this.#unlink(alarm)
    if (this.#count === 0 && !this.#ringing) this.#schedule(Number.POSITIVE_INFINITY)
  }

  /** Disarms all. */
  clear(): void {
    for (const queue of this.#queues.values()) {
      for (let alarm = queue.first; alarm !== null; alarm = queue.first) this.#unlink(alarm)
    }
    this.#schedule(Number.POSITIVE_INFINITY)
  }

  #unlink(alarm: Alarm): void {
    const queue = alarm.queue
    if (queue === null) return
    if (alarm.before === null) queue.first = alarm.after
    else alarm.before.after = alarm.after
    if (alarm.after === null) queue.last = alarm.before
    else alarm.after.before = alarm.before
    if (queue.first === null) this.#queues.delete(queue.duration)
    alarm.queue = null
    alarm.before = null
    alarm.after = null
    alarm.target = null
    this.#count--
  }

  #next(): Alarm | null {
    let next: Alarm | null = null
    for (const queue of this.#queues.values()) {
      const first = queue.first
      if (first === null) continue
      if (next === null || first.due < next.due || (first.due === next.due && first.order < next.order)) next = first
    }
    return next
  }

  #wake(): void {
    this.#disarm = undefined
    this.#scheduled = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    this.#ringing = true
    for (let next = this.#next(); next !== null && next.due <= now; next = this.#next()) {
      const { target, name } = next
      this.#unlink(next)
      try {
        target?.rang(name)
      } catch (error) {
        this.#fault(error)
      }
    }
    this.#ringing = false
    let soonest = Number.POSITIVE_INFINITY
    for (const { first, duration } of this.#queues.values()) {
      if (first !== null) soonest = Math.min(soonest, this.#when(first, duration))
    }
    if (soonest < Number.POSITIVE_INFINITY) this.#schedule(soonest)
  }

  #when({ due }: Alarm, duration: number): number {
    return duration < long ? due : Math.ceil(due / this.#grain) * this.#grain
  }

  #schedule(due: number): void {
    this.#disarm?.()
    this.#scheduled = due
    this.#disarm = due === Number.POSITIVE_INFINITY ? undefined : this.#clock.alarm(due, this.#ring)
  }
}
