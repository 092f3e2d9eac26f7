import type { Loss, SessionVerbs } from '../media/index.ts'
import type { LegMedia, PlayResult, Prompt, Recording, RecordOptions } from '../switchboard/ports.ts'

/** The leg has no sound yet, or none any more. */
export class NoMedia extends Error {
  readonly code = 'network.no-media'
  constructor() {
    super('the leg has no media session')
  }
}

/**
 * The sound of one leg, on any network: a media session that is made when it is first needed, so that a call that is
 * refused never holds a port. Legs of all networks that build on this can be connected with each other.
 */
export class SessionMedia<S extends SessionVerbs> implements LegMedia {
  readonly #make: () => Promise<S>
  readonly #onLoss: (loss: Loss) => void
  #opening: Promise<S> | undefined
  #session: S | undefined
  #state: 'unopened' | 'open' | 'closed' = 'unopened'
  /** Many a far end sends nothing while it rings, so silence is no loss before the answer. */
  #silence: 'allowed' | 'watched' = 'allowed'
  #voice: 'heard' | 'muted' = 'heard'
  #digitListeners: ((digit: string) => void)[] = []

  /** @param onLoss called when the session is lost, never after `close`. */
  constructor(make: () => Promise<S>, onLoss: (loss: Loss) => void) {
    this.#make = make
    this.#onLoss = onLoss
  }

  /**
   * The session, made at the first call.
   * @throws NoMedia if the leg is over, MediaError if no session can be had.
   */
  protected open(): Promise<S> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  async #open(): Promise<S> {
    if (this.#state === 'closed') throw new NoMedia()
    let session: S
    try {
      session = await this.#make()
    } catch (error) {
      this.#opening = undefined
      throw error
    }
    // The leg may have ended while ports were sought.
    if (this.closed) {
      session.close()
      throw new NoMedia()
    }
    this.#session = session
    this.#state = 'open'
    session.onLost(this.#onLoss)
    session.onDigit((digit) => this.heard(digit))
    if (this.#voice === 'muted') session.mute(true)
    return session
  }

  protected get session(): S | undefined {
    return this.#session
  }

  protected get closed(): boolean {
    return this.#state === 'closed'
  }

  /** Whether silence is a loss by now. */
  protected get watched(): boolean {
    return this.#silence === 'watched'
  }

  /** `watched` has become true. Networks say it to their session here. */
  protected watchBegan(): void {}

  #opened(): S {
    if (this.#session === undefined || this.#state !== 'open') throw new NoMedia()
    return this.#session
  }

  /** The leg is answered: from now on silence is a loss. */
  watch(): void {
    if (this.#silence === 'watched') return
    this.#silence = 'watched'
    this.watchBegan()
  }

  async play(prompt: Prompt, options?: { loop?: number; signal?: AbortSignal }): Promise<PlayResult> {
    if (this.#state === 'closed') return 'stopped'
    return this.#opened().play(prompt, options)
  }

  stop(): void {
    this.#session?.stop()
  }

  async sendDigits(digits: string, options?: { tone?: number }): Promise<PlayResult> {
    if (this.#state === 'closed') return 'stopped'
    return this.#opened().sendDigits(digits, options)
  }

  record(options: RecordOptions): Recording {
    if (this.#state === 'closed') return endedBefore(options.file)
    return this.#session === undefined ? failed(new NoMedia()) : this.#session.record(options)
  }

  mute(muted: boolean): void {
    this.#voice = muted ? 'muted' : 'heard'
    this.#session?.mute(muted)
  }

  onDigit(listener: (digit: string) => void): () => void {
    this.#digitListeners = this.#digitListeners.concat(listener)
    return () => {
      this.#digitListeners = this.#digitListeners.filter((other) => other !== listener)
    }
  }

  /** A key was pressed: in the sound, or told in the signalling. */
  heard(digit: string): void {
    for (const listener of this.#digitListeners) listener(digit)
  }

  connect(other: LegMedia): void {
    if (this.#state === 'closed') return
    if (other instanceof SessionMedia && other.#session !== undefined) this.#opened().connect(other.#session)
  }

  disconnect(): void {
    this.#session?.disconnect()
  }

  close(): void {
    this.#state = 'closed'
    this.#session?.close()
  }
}

/** A leg that is over has no more sound: nothing of it is written. */
function endedBefore(file: string): Recording {
  const done = Promise.resolve({ reason: 'ended', file, milliseconds: 0, bytes: 0 } as const)
  return { pause() {}, resume() {}, stop: () => done, done }
}

function failed(error: Error): Recording {
  const done = Promise.reject(error)
  // Whoever asks for the outcome hears of it; nobody has to ask.
  done.catch(() => {})
  return { pause() {}, resume() {}, stop: () => done, done }
}
