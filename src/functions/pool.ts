import type { Clock, Disarm } from '../switchboard/ports.ts'
import type { FunctionsErrorCode } from './error.ts'
import { failed, type Instance, type Job, type Outcome } from './instance.ts'

export type PoolOptions = Readonly<{
  start(): Instance
  /** The most instances. */
  limit: number
  clock: Clock
  /** How long a job waits for a busy instance before one more is started. Milliseconds. */
  patience: number
  warn(code: FunctionsErrorCode, detail: string): void
}>

type Slot = {
  readonly instance: Instance
  readonly generation: number
  state: { name: 'starting' } | { name: 'idle'; since: number } | { name: 'busy'; work: Work } | { name: 'ending' }
  /** Jobs that it has answered. */
  served: number
  /** Of the alarm that it must be ready by. */
  disarm: Disarm
}

type Work = {
  readonly id: string
  readonly event: string
  readonly deadline: number
  readonly settle: (outcome: Outcome) => void
  state: 'waiting' | 'running' | 'settled'
  impatient: boolean
  disarm: Disarm[]
}

/** Pauses before the next start, after so many starts that came to nothing. */
const backoff = [100, 500, 2_000, 10_000, 30_000] as const
const longestStart = 30_000
/** One instance always stays; what is more goes after so long without work. */
const longestIdle = 60_000

/**
 * The instances of one function. Each takes one job at a time, as on AWS; jobs wait their turn in order, and their waiting
 * counts. An instance whose job runs out of time is thrown away.
 */
export class Pool {
  readonly #options: PoolOptions
  readonly #slots: Slot[] = []
  readonly #waiting: Work[] = []
  #generation = 0
  #failures = 0
  #lastFault = ''
  #resting: Disarm | undefined
  #sweep: Disarm | undefined
  #closed: Promise<void> | undefined
  #first = Promise.withResolvers<void>()

  constructor(options: PoolOptions) {
    this.#options = options
    this.#first.promise.catch(() => {})
  }

  /** Starts the first instance. Rejects if it cannot be started; it is tried again all the same. */
  ready(): Promise<void> {
    this.#keepWarm()
    return this.#first.promise
  }

  /** Never rejects. */
  invoke(id: string, event: string, timeout: number, signal?: AbortSignal): Promise<Outcome> {
    if (this.#closed !== undefined) return Promise.resolve(failed('aborted', 'the functions are closed'))
    if (signal?.aborted) return Promise.resolve(failed('aborted', 'given up by the caller'))
    const { clock, patience } = this.#options
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const deadline = clock.now() + timeout
    const work: Work = { id, event, deadline, settle: resolve, state: 'waiting', impatient: false, disarm: [] }
    work.disarm.push(clock.alarm(deadline, () => this.#expire(work, timeout)))
    if (signal !== undefined) {
      const abort = () => this.#settle(work, failed('aborted', 'given up by the caller'))
      signal.addEventListener('abort', abort, { once: true })
      work.disarm.push(() => signal.removeEventListener('abort', abort))
    }
    this.#waiting.push(work)
    this.#assign()
    if (work.state === 'waiting') {
      if (patience === 0) this.#grow(work)
      else work.disarm.push(clock.alarm(clock.now() + patience, () => this.#grow(work)))
    }
    return promise
  }

  /** The code changed: what runs may finish, what comes runs on new instances. */
  reload(): void {
    if (this.#closed !== undefined) return
    this.#generation++
    this.#failures = 0
    this.#resting?.()
    this.#resting = undefined
    for (const slot of [...this.#slots]) {
      if (slot.state.name === 'idle' || slot.state.name === 'starting') this.#end(slot, 'retired')
    }
    this.#keepWarm()
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#resting?.()
      this.#sweep?.()
      this.#first.reject(new Error('closed'))
      for (const work of [...this.#waiting]) this.#settle(work, failed('aborted', 'the functions are closed'))
      for (const slot of this.#slots) {
        slot.disarm()
        if (slot.state.name === 'busy') this.#settle(slot.state.work, failed('aborted', 'the functions are closed'))
      }
      await Promise.all(this.#slots.map(({ instance }) => instance.end('closing')))
    })()
    return this.#closed
  }

  /** Gives waiting jobs to idle instances. The first of the list works first, so that the others fall idle. */
  #assign(): void {
    for (const slot of this.#slots) {
      if (slot.state.name !== 'idle') continue
      const work = this.#waiting.shift()
      if (work === undefined) return
      void this.#run(work, slot)
    }
    if (this.#waiting.length > 0) this.#keepWarm()
  }

  async #run(work: Work, slot: Slot): Promise<void> {
    const milliseconds = Math.max(0, work.deadline - this.#options.clock.now())
    const job: Job = { id: work.id, event: work.event, milliseconds }
    slot.state = { name: 'busy', work }
    work.state = 'running'
    const outcome = await slot.instance.invoke(job)
    slot.served++
    this.#settle(work, outcome)
    // An abort settles a job and lets its instance finish: only now does its deadline mean nothing any more.
    for (const disarm of work.disarm) disarm()
    if (slot.state.name !== 'busy' || slot.state.work !== work) return
    if (outcome.last || slot.generation !== this.#generation) this.#end(slot, 'retired')
    else this.#rest(slot)
    this.#assign()
    this.#keepWarm()
  }

  #settle(work: Work, outcome: Outcome): void {
    if (work.state === 'settled') return
    const waited = work.state === 'waiting'
    work.state = 'settled'
    if (waited) {
      const at = this.#waiting.indexOf(work)
      if (at !== -1) this.#waiting.splice(at, 1)
      for (const disarm of work.disarm) disarm()
    }
    work.settle(outcome)
  }

  #expire(work: Work, timeout: number): void {
    const slot = this.#slots.find(({ state }) => state.name === 'busy' && state.work === work)
    this.#settle(work, failed('timeout', `no answer within ${timeout} ms${slot ? '' : ', all of them waiting'}`))
    if (slot === undefined) return
    this.#options.warn('functions.timed-out', `request ${work.id}: no answer within ${timeout} ms`)
    this.#end(slot, 'timeout')
    this.#assign()
    this.#keepWarm()
  }

  #rest(slot: Slot): void {
    const { clock } = this.#options
    slot.state = { name: 'idle', since: clock.now() }
    if (this.#slots.length > 1) this.#sweep ??= clock.alarm(clock.now() + longestIdle, () => this.#retireIdle())
  }

  #retireIdle(): void {
    this.#sweep = undefined
    const { clock } = this.#options
    const now = clock.now()
    for (const slot of this.#slots.slice(1).reverse()) {
      if (slot.state.name === 'idle' && slot.state.since <= now - longestIdle) this.#end(slot, 'retired')
    }
    if (this.#slots.length > 1) this.#sweep = clock.alarm(now + longestIdle, () => this.#retireIdle())
  }

  /** One more for a job that has waited long enough, unless one is on its way for it. */
  #grow(work: Work): void {
    if (work.state !== 'waiting') return
    work.impatient = true
    const wanted = this.#waiting.filter(({ impatient }) => impatient).length
    const starting = this.#slots.filter(({ state }) => state.name === 'starting').length
    if (starting < wanted) this.#start()
  }

  #keepWarm(): void {
    if (this.#slots.every(({ state }) => state.name === 'ending')) this.#start()
  }

  #start(): void {
    if (this.#closed !== undefined) return
    if (this.#resting !== undefined) {
      if (this.#slots.every(({ state }) => state.name === 'ending')) this.#refuse()
      return
    }
    // What is still ending has its place: a program that may run once must be gone before it runs again.
    if (this.#slots.length >= this.#options.limit) return
    const { clock } = this.#options
    const slot: Slot = {
      instance: this.#options.start(),
      generation: this.#generation,
      state: { name: 'starting' },
      served: 0,
      disarm: clock.alarm(clock.now() + longestStart, () => {
        this.#failedToStart(slot, `it was not ready within ${longestStart} ms`)
      }),
    }
    this.#slots.push(slot)
    slot.instance.ready.then(
      () => {
        slot.disarm()
        if (slot.state.name !== 'starting') return
        this.#failures = 0
        this.#first.resolve()
        this.#rest(slot)
        this.#assign()
      },
      (fault: unknown) => {
        slot.disarm()
        this.#failedToStart(slot, fault instanceof Error ? fault.message : String(fault))
      },
    )
    void slot.instance.gone.then((how) => this.#died(slot, how))
  }

  #failedToStart(slot: Slot, detail: string): void {
    if (slot.state.name !== 'starting' || this.#closed !== undefined) return
    if (detail !== this.#lastFault || this.#failures === 0) this.#options.warn('functions.not-started', detail)
    this.#lastFault = detail
    this.#first.reject(new Error(detail))
    this.#end(slot, 'retired')
    this.#pause()
  }

  #died(slot: Slot, how: string): void {
    if (this.#closed !== undefined) return
    switch (slot.state.name) {
      case 'starting':
        return this.#failedToStart(slot, how)
      case 'ending':
        return
      case 'busy':
        // Its job hears it from the instance, and what follows is done then.
        return
      case 'idle': {
        this.#options.warn('functions.died', how)
        this.#lastFault = how
        this.#end(slot, 'retired')
        if (slot.served > 0) this.#keepWarm()
        else this.#pause()
        return
      }
    }
  }

  /** Nothing is started for a while. Who waits, and has no other instance, hears why. */
  #pause(): void {
    const { clock } = this.#options
    const pause = backoff[Math.min(this.#failures++, backoff.length - 1)] as number
    this.#resting?.()
    this.#resting = clock.alarm(clock.now() + pause, () => {
      this.#resting = undefined
      this.#keepWarm()
    })
    if (this.#slots.every(({ state }) => state.name === 'ending')) this.#refuse()
  }

  #refuse(): void {
    for (const work of [...this.#waiting]) this.#settle(work, failed('unreachable', this.#lastFault))
  }

  #end(slot: Slot, why: 'timeout' | 'retired'): void {
    if (slot.state.name === 'ending') return
    slot.state = { name: 'ending' }
    slot.disarm()
    void slot.instance.end(why).then(() => {
      const at = this.#slots.indexOf(slot)
      if (at !== -1) this.#slots.splice(at, 1)
      if (this.#closed !== undefined) return
      // Its place is free.
      this.#keepWarm()
      if (this.#waiting.some(({ impatient }) => impatient)) this.#start()
    })
  }
}
