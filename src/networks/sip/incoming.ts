import type { LegId, View } from '../../call/leg.ts'
import type { Loss as MediaLoss } from '../../media/index.ts'
import type { Farewell, Loss, Reoffer, Told, UasListener, UasSession } from '../../sip/index.ts'
import type { LegHandle, Sent } from '../../switchboard/ports.ts'
import { NoMedia } from '../session-media.ts'
import { type SipDesk, SipReporter } from './desk.ts'
import { digitsOfInfo } from './info-digits.ts'
import { type Described, SipLegMedia } from './leg-media.ts'
import { byeHeard, cancelHeard, orderFor } from './words.ts'

/** A leg that called us: one INVITE that we answer, refuse, or lose. */
export class IncomingLeg implements LegHandle, UasListener {
  readonly media: SipLegMedia
  readonly reporter: SipReporter
  readonly #session: UasSession
  /** The caller's, until we have described ourselves: thousands of live calls would hold on to theirs. */
  #offer: string | undefined
  #stage: 'unanswered' | 'answered' | 'acknowledged' = 'unanswered'
  /** It was silent before it acknowledged our answer, which has a limit of its own (`lost`, no-ack). */
  #silent: 'no' | 'before-ack' = 'no'
  #description: Promise<Described> | undefined
  #answering: Promise<void> | undefined

  constructor(desk: SipDesk, leg: LegId, session: UasSession, offer: string | undefined) {
    this.#session = session
    this.#offer = offer
    this.reporter = new SipReporter(desk, leg)
    this.media = new SipLegMedia(desk, (loss: MediaLoss) => this.#mediaLost(loss))
  }

  #mediaLost(loss: MediaLoss): void {
    if (this.#stage === 'acknowledged' || loss === 'engine-failed') this.reporter.mediaLost(loss)
    else this.#silent = 'before-ack'
  }

  // -------------------------------------------------------------- what the heart asks

  /** From the 100 on the caller waits for us alone, also after a crash. */
  admitted(): void {
    this.#session.trying()
  }

  ring(): void {
    this.#session.progress(180)
  }

  async early(): Promise<void> {
    const { sdp } = await this.#describe()
    if (!this.#session.alive) return
    this.#session.progress(183, sdp)
    this.reporter.report({ type: 'early', at: this.reporter.now, leg: this.reporter.leg })
  }

  /** Resolves once the 200 is on the wire. Asked again, it is the same answer. */
  answer(): Promise<void> {
    this.#answering ??= this.#answer()
    return this.#answering
  }

  async #answer(): Promise<void> {
    this.media.watch()
    const { sdp } = await this.#describe()
    if (!this.#session.alive) throw new NoMedia()
    this.reporter.answering()
    this.#session.accept(sdp)
    this.#stage = 'answered'
    this.reporter.report({ type: 'answered', at: this.reporter.now, leg: this.reporter.leg })
  }

  /** Our description, made once: an answer to the caller's offer, or an offer if the INVITE brought none. */
  async #describe(): Promise<Extract<Described, { ok: true }>> {
    this.#description ??= this.#offer === undefined ? this.#makeOffer() : this.media.answer(this.#offer)
    this.#offer = undefined
    const described = await this.#description.catch(noPort)
    if (described.ok) return described
    // No sound in common is the caller's affair; no port for it is ours.
    const cause = described.error === 'no-port' ? 'congestion' : 'incompatible'
    const reason = { cause, actor: 'platform', detail: described.detail } as const
    this.reporter.report({ type: 'end', at: this.reporter.now, leg: this.reporter.leg, reason })
    throw new NoMedia()
  }

  async #makeOffer(): Promise<Described> {
    return { ok: true, sdp: await this.media.offer() }
  }

  tell(view: View): Sent {
    const { message, reason } = this.#session.end(orderFor(view))
    return { message, ...(reason === undefined ? {} : { reason }) }
  }

  /** An incoming leg has one device: the caller's. */
  tellBranch(): Sent {
    return { message: null }
  }

  stopMedia(): void {
    this.media.close()
  }

  wire(): unknown {
    // A 2xx may leave at any time after this is stored.
    return this.#session.snapshot('answering')
  }

  release(): void {
    this.media.close()
  }

  // -------------------------------------------------------------- what the far end does

  cancelled(cancel: Farewell): void {
    this.#ended(cancelHeard(cancel))
  }

  expired(): void {
    this.#ended({ cause: 'no-answer', actor: 'network', detail: "the INVITE's Expires passed" })
  }

  byeReceived(bye: Farewell): void {
    this.#ended(byeHeard(bye, this.#stage !== 'unanswered'))
  }

  #ended(reason: ReturnType<typeof byeHeard>): void {
    this.reporter.report({ type: 'end', at: this.reporter.now, leg: this.reporter.leg, reason, heard: 'wire' })
  }

  acknowledged(sdp: string | undefined): void {
    this.#stage = 'acknowledged'
    // The answer to our own offer comes with the ACK; without one that fits, there is nothing to hear (RFC 3261 §13.2.1).
    const failure = this.media.conclude(sdp)
    if (this.#silent === 'before-ack') this.media.watchAnew()
    this.#silent = 'no'
    this.reporter.report({ type: 'acknowledged', at: this.reporter.now, leg: this.reporter.leg })
    if (failure === undefined) return
    const reason = { cause: 'incompatible', actor: 'platform', detail: failure.detail } as const
    this.reporter.report({ type: 'end', at: this.reporter.now, leg: this.reporter.leg, reason })
  }

  lost(why: Loss): void {
    this.reporter.lost(why)
  }

  told(outcome: Told): void {
    this.reporter.told(outcome)
  }

  changed(): void {
    this.reporter.changed()
  }

  reoffered(offer: Reoffer): void {
    answerReoffer(this.media, offer)
  }

  info(type: string, body: string): void {
    for (const digit of digitsOfInfo(type, body)) this.media.heard(digit)
  }
}

/** A session that could not be had. A leg that ended meanwhile needs none: its own end has been reported. */
function noPort(fault: unknown): Readonly<{ ok: false; error: 'no-port'; detail: string }> {
  if (fault instanceof NoMedia) throw fault
  return { ok: false, error: 'no-port', detail: 'no media port is free' }
}

/** Hold, resume, a moved address: answered from what we are now. */
export function answerReoffer(media: SipLegMedia, offer: Reoffer): void {
  const described: Promise<Described> =
    offer.sdp === undefined ? media.offer().then((sdp) => ({ ok: true, sdp })) : media.answer(offer.sdp)
  described.then(
    (made) => (made.ok ? offer.accept(made.sdp) : offer.refuse(488)),
    () => offer.refuse(500),
  )
}
