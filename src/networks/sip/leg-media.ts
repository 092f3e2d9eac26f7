import {
  answerOffer,
  type Loss,
  type MediaSession,
  makeOffer,
  type Negotiated,
  readAnswer,
  type SdpFailure,
} from '../../media/index.ts'
import type { LegMedia, PlayResult, Prompt } from '../../switchboard/ports.ts'
import type { Desk } from './desk.ts'

/** The leg has no sound yet, or none any more. */
export class NoMedia extends Error {
  readonly code = 'sip.no-media'
  constructor() {
    super('the leg has no media session')
  }
}

export type Described = Readonly<{ ok: true; sdp: string }> | SdpFailure

/**
 * The sound of one SIP leg: a media session, and the SDP that both ends agreed on. Ports are taken when the first
 * description is made, so a call that is refused never holds any.
 */
export class SipLegMedia implements LegMedia {
  readonly #desk: Desk
  readonly #onLoss: (loss: Loss) => void
  #session: MediaSession | undefined
  #state: 'unopened' | 'open' | 'closed' = 'unopened'
  /** The description that we sent last: ids and versions follow from it. */
  #local: string | undefined
  #negotiated: Negotiated | undefined
  /** Many a caller sends nothing while it rings, so silence is no loss before the answer. */
  #silence: 'allowed' | 'watched' = 'allowed'
  #digitListeners: ((digit: string) => void)[] = []

  constructor(desk: Desk, onLoss: (loss: Loss) => void) {
    this.#desk = desk
    this.#onLoss = onLoss
  }

  get hasDescription(): boolean {
    return this.#local !== undefined
  }

  /** Answers the far end's offer. */
  async answer(offer: string): Promise<Described> {
    const session = await this.#open()
    const answered = answerOffer(offer, this.#self(session))
    if (!answered.ok) return answered
    this.#local = answered.answer
    this.#agree(session, answered.negotiated)
    return { ok: true, sdp: answered.answer }
  }

  async offer(): Promise<string> {
    const session = await this.#open()
    this.#local = makeOffer(this.#self(session))
    return this.#local
  }

  /** The far end's answer to our offer. A second one (another fork, a re-INVITE) replaces the first. */
  accept(answer: string): SdpFailure | undefined {
    if (this.#local === undefined || this.#session === undefined) return undefined
    const agreed = readAnswer(this.#local, answer)
    if (!agreed.ok) return agreed
    this.#agree(this.#session, agreed.negotiated)
    return undefined
  }

  /** What is wrong with an answer that had to bring a description, unless an earlier message did (RFC 3261 §13.2.1). */
  conclude(answer: string | undefined): Readonly<{ detail: string }> | undefined {
    if (answer !== undefined) return this.accept(answer)
    return this.#negotiated !== undefined ? undefined : { detail: 'the answer describes no media' }
  }

  #agree(session: MediaSession, negotiated: Negotiated): void {
    this.#negotiated = negotiated
    session.setRemote(negotiated, { watch: this.#silence === 'watched' })
  }

  /** The leg is answered: from now on silence is a loss. */
  watch(): void {
    if (this.#silence === 'watched') return
    this.#silence = 'watched'
    if (this.#session !== undefined && this.#negotiated !== undefined) this.#agree(this.#session, this.#negotiated)
  }

  /** As if it had just been answered: the silence until now counts for nothing. */
  watchAnew(): void {
    if (this.#session === undefined || this.#negotiated === undefined) return
    this.#session.setRemote(this.#negotiated, { watch: false })
    this.#agree(this.#session, this.#negotiated)
  }

  #self(session: MediaSession) {
    const self = { address: this.#desk.mediaAddress, port: session.localPort }
    if (this.#local !== undefined) return { ...self, previous: this.#local }
    // Unique for this address over time, as RFC 4566 §5.2 asks of a session id: a moment and a port.
    return { ...self, sessionId: `${Math.floor(this.#desk.clock.now())}${session.localPort}` }
  }

  async #open(): Promise<MediaSession> {
    if (this.#session !== undefined) return this.#session
    const session = await this.#desk.media.session()
    // The leg may have ended while ports were sought.
    if (this.#state === 'closed') {
      session.close()
      throw new NoMedia()
    }
    this.#session = session
    this.#state = 'open'
    session.onLost(this.#onLoss)
    session.onDigit((digit) => this.heard(digit))
    return session
  }

  #opened(): MediaSession {
    if (this.#session === undefined || this.#state !== 'open') throw new NoMedia()
    return this.#session
  }

  async play(prompt: Prompt, options?: { loop?: number; signal?: AbortSignal }): Promise<PlayResult> {
    if (this.#state === 'closed') return 'stopped'
    return this.#opened().play(prompt, options)
  }

  stop(): void {
    this.#session?.stop()
  }

  async sendDigits(digits: string): Promise<PlayResult> {
    if (this.#state === 'closed') return 'stopped'
    return this.#opened().sendDigits(digits)
  }

  onDigit(listener: (digit: string) => void): () => void {
    this.#digitListeners = [...this.#digitListeners, listener]
    return () => {
      this.#digitListeners = this.#digitListeners.filter((other) => other !== listener)
    }
  }

  /** A key was pressed: in the sound, or told in the signalling (INFO). */
  heard(digit: string): void {
    for (const listener of this.#digitListeners) listener(digit)
  }

  connect(other: LegMedia): void {
    if (this.#state === 'closed') return
    if (other instanceof SipLegMedia && other.#session !== undefined) this.#opened().connect(other.#session)
  }

  disconnect(): void {
    this.#session?.disconnect()
  }

  close(): void {
    this.#state = 'closed'
    this.#session?.close()
  }
}
