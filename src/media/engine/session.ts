import { MediaError } from '../error.ts'
import type {
  Loss,
  PlayResult,
  Prompt,
  Recorded,
  Recording,
  RecordOptions,
  SessionStats,
  SessionVerbs,
} from '../face.ts'
import type { RecordOutcome } from '../record/recorder.ts'
import type { Clip } from './clip.ts'
import { Listeners } from './listeners.ts'
import type { Command, SessionReport, SoundSeed } from './messages.ts'

/** What a session asks of the engine that made it. */
export type SessionDoor = Readonly<{
  send(command: Command): void
  /** Rejects with a MediaError; the signal means that nobody waits any more. */
  clip(prompt: Prompt & { type: 'audio' | 'speech' }, signal: AbortSignal): Promise<Clip>
}>

type Sounding = Readonly<{
  job: number
  preparing: AbortController
  resolve(result: PlayResult): void
  reject(error: MediaError): void
  detach(): void
}>

type SessionState = { name: 'open' } | { name: 'closing' }

const noStats: SessionStats = { packetsSent: 0, packetsReceived: 0, packetsLost: 0, jitter: 0 }

/** The calls' end of a session: it holds the promises and the listeners; the worker holds the rest. */
export abstract class Session implements SessionVerbs {
  readonly closed: Promise<SessionStats>
  protected readonly id: number
  protected readonly door: SessionDoor
  readonly #engine: SessionDoor
  #state: SessionState = { name: 'open' }
  protected lastJob = 0
  #sounding: Sounding | null = null
  // Made when they are needed: of thousands of live sessions nearly all do none of this.
  #dialling: Map<number, (result: PlayResult) => void> | undefined
  #recording: Map<number, { resolve(recorded: Recorded): void; reject(error: MediaError): void }> | undefined
  #counting: Map<number, (stats: SessionStats) => void> | undefined
  #heard = false
  readonly #digitListeners = new Listeners<string>()
  readonly #lossListeners = new Listeners<Loss>()
  readonly #firstListeners = new Listeners<void>()
  #settleClosed!: (stats: SessionStats) => void

  /** @param engine whose session this is, if that is not the door itself. */
  constructor(id: number, door: SessionDoor, engine: SessionDoor = door) {
    this.id = id
    this.door = door
    this.#engine = engine
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve
    })
  }

  protected get open(): boolean {
    return this.#state.name === 'open'
  }

  play(prompt: Prompt, options: { loop?: number; signal?: AbortSignal } = {}): Promise<PlayResult> {
    const { loop = 1, signal } = options
    if (!this.open || signal?.aborted === true) return Promise.resolve('stopped')
    this.#endSound()
    const job = ++this.lastJob
    const preparing = new AbortController()
    return new Promise((resolve, reject) => {
      const stop = (): void => this.#endSound(job)
      signal?.addEventListener('abort', stop, { once: true })
      const detach = (): void => signal?.removeEventListener('abort', stop)
      this.#sounding = { job, preparing, resolve, reject, detach }
      if (prompt.type === 'audio' || prompt.type === 'speech') {
        this.door.clip(prompt, preparing.signal).then(
          (clip) => this.#begin(job, { type: 'clip', clip }, loop),
          (error: MediaError) => this.#take(job)?.reject(error),
        )
      } else this.#begin(job, prompt, loop)
    })
  }

  #begin(job: number, sound: SoundSeed, loop: number): void {
    if (this.#sounding?.job === job) this.door.send({ type: 'play', session: this.id, job, sound, loop })
  }

  /** The sound with that number, if it is still the current one; it is current no more. */
  #take(job: number | undefined): Sounding | null {
    const sounding = this.#sounding
    if (sounding === null || (job !== undefined && sounding.job !== job)) return null
    this.#sounding = null
    sounding.detach()
    return sounding
  }

  #endSound(job?: number): void {
    const sounding = this.#take(job)
    if (sounding === null) return
    sounding.preparing.abort()
    if (this.open) this.door.send({ type: 'stop', session: this.id, what: 'sound' })
    sounding.resolve('stopped')
  }

  #endDigits(): void {
    const dialling = this.#dialling
    if (dialling === undefined || dialling.size === 0) return
    if (this.open) this.door.send({ type: 'stop', session: this.id, what: 'digits' })
    for (const resolve of dialling.values()) resolve('stopped')
    dialling.clear()
  }

  stop(): void {
    this.#endSound()
    this.#endDigits()
  }

  sendDigits(digits: string, options: { tone?: number } = {}): Promise<PlayResult> {
    const { tone = 100 } = options
    if (!this.open) return Promise.resolve('stopped')
    const job = ++this.lastJob
    this.door.send({ type: 'digits', session: this.id, job, digits, tone })
    this.#dialling ??= new Map()
    const dialling = this.#dialling
    return new Promise((resolve) => dialling.set(job, resolve))
  }

  mute(muted: boolean): void {
    if (this.open) this.door.send({ type: 'mute', session: this.id, muted })
  }

  record(options: RecordOptions): Recording {
    if (!this.open) {
      const done = Promise.resolve({ reason: 'ended', file: options.file, milliseconds: 0, bytes: 0 } as const)
      return { pause() {}, resume() {}, stop: () => done, done }
    }
    const job = ++this.lastJob
    this.door.send({ type: 'record', session: this.id, job, options })
    const { promise: done, ...settle } = Promise.withResolvers<Recorded>()
    // Whoever asks for the outcome hears of it; nobody has to ask.
    done.catch(() => {})
    this.#recording ??= new Map()
    this.#recording.set(job, settle)
    const say = (verb: 'pause' | 'resume' | 'stop'): void => {
      if (this.open) this.door.send({ type: 'recording', session: this.id, job, verb })
    }
    return {
      pause: () => say('pause'),
      resume: () => say('resume'),
      stop: () => {
        say('stop')
        return done
      },
      done,
    }
  }

  #recorded(job: number, outcome: RecordOutcome): void {
    const settle = this.#recording?.get(job)
    this.#recording?.delete(job)
    if (outcome.ok) settle?.resolve(outcome.recorded)
    else settle?.reject(new MediaError('media.record-failed', outcome.detail))
  }

  onDigit(listener: (digit: string) => void): () => void {
    return this.#digitListeners.add(listener)
  }

  onLost(listener: (loss: Loss) => void): () => void {
    return this.#lossListeners.add(listener)
  }

  onFirstPacket(listener: () => void): () => void {
    if (this.#heard) queueMicrotask(listener)
    return this.#firstListeners.add(listener)
  }

  connect(other: SessionVerbs): void {
    if (!(other instanceof Session) || other.#engine !== this.#engine) {
      throw new TypeError('Only two sessions of one media engine can be connected')
    }
    if (this.open && other.open) this.door.send({ type: 'connect', session: this.id, other: other.id })
  }

  disconnect(): void {
    if (this.open) this.door.send({ type: 'disconnect', session: this.id })
  }

  stats(): Promise<SessionStats> {
    if (!this.open) return this.closed
    const job = ++this.lastJob
    this.door.send({ type: 'stats', session: this.id, job })
    this.#counting ??= new Map()
    const counting = this.#counting
    return new Promise((resolve) => counting.set(job, resolve))
  }

  close(): void {
    if (!this.open) return
    this.door.send({ type: 'close', session: this.id })
    this.leave(sessionClosed)
  }

  /** @param _error makes what promises are told that a closed session cannot keep. An error costs more than the rest of a close. */
  protected leave(_error: () => MediaError): void {
    this.#state = { name: 'closing' }
    this.stop()
    this.#digitListeners.clear()
    this.#firstListeners.clear()
  }

  /** From the worker. */
  hear(report: SessionReport): void {
    switch (report.type) {
      case 'done':
        if (this.#sounding?.job === report.job) this.#take(report.job)?.resolve(report.result)
        else this.#settleDigits(report.job, report.result)
        return
      case 'recorded':
        return this.#recorded(report.job, report.outcome)
      case 'digit':
        return this.#digitListeners.tell(report.digit)
      case 'first':
        this.#heard = true
        return this.#firstListeners.tell()
      case 'lost':
        return this.open ? this.#lossListeners.tell(report.loss) : undefined
      case 'stats':
        this.#counting?.get(report.job)?.(report.stats)
        this.#counting?.delete(report.job)
        return
      case 'closed':
        return this.#finish(report.stats)
      case 'described':
      case 'candidate':
      case 'state':
        // A peer's own.
        return
      default:
        return report satisfies never
    }
  }

  #settleDigits(job: number, result: PlayResult): void {
    this.#dialling?.get(job)?.(result)
    this.#dialling?.delete(job)
  }

  #finish(stats: SessionStats): void {
    this.#lossListeners.clear()
    for (const resolve of this.#counting?.values() ?? []) resolve(stats)
    this.#counting?.clear()
    this.#settleClosed(stats)
  }

  /** The worker is no more: nothing will ever be heard of this session again. */
  engineFailed(error: MediaError): void {
    if (this.open) {
      this.#take(undefined)?.reject(error)
      this.leave(() => error)
      this.#lossListeners.tell('engine-failed')
    }
    for (const { reject } of this.#recording?.values() ?? []) reject(error)
    this.#recording?.clear()
    this.#finish(noStats)
  }
}

function sessionClosed(): MediaError {
  return new MediaError('media.closed', 'The session was closed')
}
