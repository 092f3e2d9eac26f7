import {
  answerOffer,
  type Loss,
  type MediaSession,
  makeOffer,
  type Negotiated,
  readAnswer,
  type SdpFailure,
} from '../../media/index.ts'
import { SessionMedia } from '../session-media.ts'
import type { SipDesk } from './desk.ts'

export type Described = Readonly<{ ok: true; sdp: string }> | SdpFailure

/** The sound of one SIP leg: a media session, and the SDP that both ends agreed on. Ports are taken for the first description. */
export class SipLegMedia extends SessionMedia<MediaSession> {
  readonly #desk: SipDesk
  /** The description that we sent last: ids and versions follow from it. */
  #local: string | undefined
  #negotiated: Negotiated | undefined

  constructor(desk: SipDesk, onLoss: (loss: Loss) => void) {
    super(() => desk.media.session(), onLoss)
    this.#desk = desk
  }

  /** Answers the far end's offer. */
  async answer(offer: string): Promise<Described> {
    const session = await this.open()
    const answered = answerOffer(offer, this.#self(session))
    if (!answered.ok) return answered
    this.#local = answered.answer
    this.#agree(session, answered.negotiated)
    return { ok: true, sdp: answered.answer }
  }

  async offer(): Promise<string> {
    const session = await this.open()
    this.#local = makeOffer(this.#self(session))
    return this.#local
  }

  /** The far end's answer to our offer. A second one (another fork, a re-INVITE) replaces the first. */
  accept(answer: string): SdpFailure | undefined {
    if (this.#local === undefined || this.session === undefined) return undefined
    const agreed = readAnswer(this.#local, answer)
    if (!agreed.ok) return agreed
    this.#agree(this.session, agreed.negotiated)
    return undefined
  }

  /** What is wrong with an answer that had to bring a description, unless an earlier message did (RFC 3261 §13.2.1). */
  conclude(answer: string | undefined): Readonly<{ detail: string }> | undefined {
    if (answer !== undefined) return this.accept(answer)
    return this.#negotiated !== undefined ? undefined : { detail: 'the answer describes no media' }
  }

  #agree(session: MediaSession, negotiated: Negotiated): void {
    this.#negotiated = negotiated
    session.setRemote(negotiated, { watch: this.watched })
  }

  protected override watchBegan(): void {
    if (this.session !== undefined && this.#negotiated !== undefined) this.#agree(this.session, this.#negotiated)
  }

  /** As if it had just been answered: the silence until now counts for nothing. */
  watchAnew(): void {
    if (this.session === undefined || this.#negotiated === undefined) return
    this.session.setRemote(this.#negotiated, { watch: false })
    this.#agree(this.session, this.#negotiated)
  }

  #self(session: MediaSession) {
    const self = { address: this.#desk.mediaAddress, port: session.localPort }
    if (this.#local !== undefined) return { ...self, previous: this.#local }
    // Unique for this address over time, as RFC 4566 §5.2 asks of a session id: a moment and a port.
    return { ...self, sessionId: `${Math.floor(this.#desk.clock.now())}${session.localPort}` }
  }
}
