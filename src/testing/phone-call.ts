import { answerOffer, type Direction, makeOffer, type Negotiated, readAnswer } from '../media/index.ts'
import type { ReasonToSend, Session, SessionListener } from '../sip/index.ts'
import { type CallEnd, CallProgress, type PhoneCallState } from './call-progress.ts'
import type { Sound } from './ear.ts'
import { PhoneError } from './phone-error.ts'
import type { PhoneSound } from './phone-sound.ts'
import type { TraceEntry } from './trace.ts'

/** What a call needs of its phone. */
export type PhoneDesk = Readonly<{
  /** Our address in session descriptions. */
  host: string
  now(): number
  /** Undefined for a phone without sound. */
  openSound(): Promise<PhoneSound | undefined>
  entries(callId: string): readonly TraceEntry[]
  left(call: PhoneCall): void
}>

const patience = 10_000

/** One call of a phone, in either direction. Its promises never reject for how the call ends, unless that is what was waited for. */
export abstract class PhoneCall {
  readonly desk: PhoneDesk
  protected abstract readonly session: Session
  protected sound: PhoneSound | undefined
  /** The description that we sent last. */
  protected local: string | undefined
  readonly #progress = new CallProgress()
  #ours: Omit<CallEnd, 'told'> | undefined
  #direction: 'sendrecv' | 'sendonly' = 'sendrecv'
  #offering: PromiseWithResolvers<void> | undefined

  constructor(desk: PhoneDesk) {
    this.desk = desk
  }

  get state(): PhoneCallState {
    return this.#progress.state
  }

  get callId(): string {
    return this.session.callId
  }

  /** Undefined until it ended. */
  get end(): CallEnd | undefined {
    return this.#progress.end
  }

  /** Every message of this call so far. */
  get trace(): readonly TraceEntry[] {
    return this.desk.entries(this.callId)
  }

  /** Keys that the far end pressed, as telephone events. */
  get digits(): string {
    return this.sound?.digits ?? ''
  }

  /** RTP packets of the agreed formats that arrived. */
  get packetsReceived(): number {
    return this.sound?.packetsReceived ?? 0
  }

  /** Told of every change of state. Returns the unsubscriber. */
  onState(listener: (state: PhoneCallState) => void): () => void {
    return this.#progress.onState(listener)
  }

  /** Resolves once it rings, or has come further. @throws PhoneError `phone.over`, `phone.timeout`. */
  ringing(within = patience): Promise<void> {
    return this.#progress.reached('ringing', within)
  }

  /** @throws PhoneError `phone.over`, `phone.timeout`. */
  answered(within = patience): Promise<void> {
    return this.#progress.reached('answered', within)
  }

  /** How it ended; of an end of our own, once the far end's word is there. @throws PhoneError `phone.timeout`. */
  async ended(within = patience): Promise<CallEnd> {
    await this.#progress.reached('ended', within)
    return this.end!
  }

  /**
   * Ends it, whatever state it is in: CANCEL, BYE, or 603 to an incoming call that was not answered.
   * @param reasons what the CANCEL or BYE gives as its Reason
   */
  hangup(...reasons: readonly ReasonToSend[]): void {
    if (this.state.name === 'ending' || this.state.name === 'ended') return
    const { message } = this.session.end({ refuse: { status: 603 }, cancel: reasons, bye: reasons })
    this.endedByUs(message, reasons)
  }

  /** Waits for the far end's word no more: what was ended here counts as ended. */
  forget(): void {
    if (this.#ours !== undefined) this.over({ ...this.#ours, told: 'unconfirmed' })
  }

  /** Waits until it is heard. @throws PhoneError `phone.not-heard`. */
  hears(sound: Sound, within = 5_000): Promise<void> {
    if (this.sound !== undefined) return this.sound.ear.hears(sound, within)
    return Promise.reject(new PhoneError('phone.not-heard', 'the phone has no sound, or the call is over'))
  }

  /** Sends a tone from now on; 0 for silence. */
  speak(frequency: number): void {
    this.sound?.speak(frequency)
  }

  /** Presses keys, 0.2 s each; `w` waits half a second. Resolves when they were sent. */
  press(keys: string): Promise<void> {
    return this.sound?.press(keys) ?? Promise.resolve()
  }

  /**
   * Puts the far end on hold: a new offer that only sends, and nothing is said from then on. Resolves once it is agreed.
   * @throws PhoneError `phone.too-late` unless the call is answered, acknowledged, and no other offer waits; or if the far
   *   end refuses.
   */
  hold(): Promise<void> {
    return this.#reoffer('sendonly')
  }

  /** Takes the call back. @throws PhoneError as `hold`. */
  resume(): Promise<void> {
    return this.#reoffer('sendrecv')
  }

  // ------------------------------------------------------------------ for the two kinds of call

  protected move(state: PhoneCallState): void {
    if (!this.#progress.precedes(state.name)) return
    if (state.name === 'ending' || state.name === 'ended') {
      this.sound?.close()
      this.#reoffered(`the call is ${state.name}`)
    }
    this.#progress.move(state)
    if (state.name === 'ended') this.desk.left(this)
  }

  /** @param message what our end put on the wire: `BYE`, `CANCEL`, a status, or nothing. */
  protected endedByUs(message: string | null, reasons: readonly ReasonToSend[]): void {
    const said = reasons.map(({ protocol, cause, text }) =>
      [protocol, cause === undefined ? '' : `cause=${cause}`, text === undefined ? '' : `text="${text}"`]
        .filter((part) => part !== '')
        .join(';'),
    )
    const how = message === 'BYE' || message === 'CANCEL' ? message : 'refusal'
    const status = Number(message)
    this.#ours = { by: 'us', how, reasons: said, ...(how === 'refusal' && status > 0 ? { status } : {}) }
    this.move({ name: 'ending' })
  }

  protected over(end: CallEnd): void {
    this.move({ name: 'ended', end })
  }

  /** Answers an offer, with the description that it gets. @throws PhoneError `phone.no-media`. */
  protected async describeAnswer(offer: string): Promise<string> {
    await this.#open()
    const answered = answerOffer(offer, this.#self())
    if (!answered.ok) throw new PhoneError('phone.no-media', answered.detail)
    this.local = answered.answer
    this.#agree(answered.negotiated)
    return answered.answer
  }

  protected async describeOffer(): Promise<string> {
    await this.#open()
    this.local = makeOffer(this.#self())
    return this.local
  }

  /** The far end's answer to our offer. One that does not fit leaves the call silent. */
  protected readDescription(sdp: string | undefined): void {
    if (sdp === undefined || this.local === undefined) return
    const agreed = readAnswer(this.local, sdp)
    if (agreed.ok) this.#agree(agreed.negotiated)
  }

  async #reoffer(direction: 'sendrecv' | 'sendonly'): Promise<void> {
    if (this.state.name !== 'answered' || this.session.dialog.state !== 'established') {
      const state = this.state.name === 'answered' ? 'answered, and not acknowledged' : this.state.name
      throw new PhoneError('phone.too-late', `the call is ${state}`)
    }
    if (this.#offering !== undefined) throw new PhoneError('phone.too-late', 'another offer waits for its answer')
    const before = this.#direction
    const offering = Promise.withResolvers<void>()
    this.#offering = offering
    this.#direction = direction
    this.session.reinvite(await this.describeOffer())
    await offering.promise.catch((error) => {
      this.#direction = before
      throw error
    })
  }

  /** @param refusal why nothing came of our own offer. */
  #reoffered(refusal?: string): void {
    const offering = this.#offering
    this.#offering = undefined
    if (refusal === undefined) offering?.resolve()
    else offering?.reject(new PhoneError('phone.too-late', refusal))
  }

  #agree(negotiated: Negotiated): void {
    if (this.state.name === 'ended' || this.state.name === 'ending') return
    this.sound?.agreed(negotiated, this.#direction === 'sendonly' ? 'holds' : 'speaks')
  }

  async #open(): Promise<void> {
    this.sound ??= await this.desk.openSound()
  }

  #self() {
    // Without sound: the discard port, and nothing is wanted there.
    const here = { address: this.desk.host, port: this.sound?.port ?? 9 }
    const direction: Direction = this.sound === undefined ? 'inactive' : this.#direction
    return { ...here, direction, ...(this.local === undefined ? {} : { previous: this.local }) }
  }

  // ------------------------------------------------------------------ from the SIP session

  /** What both kinds of session report. */
  protected readonly facts: SessionListener = {
    byeReceived: ({ raw }) => {
      // It may cross our own: then both hung up, and ours is known.
      if (this.#ours === undefined) this.over({ by: 'them', how: 'BYE', reasons: raw })
    },
    lost: (why) => this.over({ by: 'nobody', how: 'loss', reasons: [], detail: why }),
    told: (outcome) => {
      if (this.#ours !== undefined) this.over({ ...this.#ours, told: outcome })
    },
    reofferSettled: (outcome) => {
      if (outcome.kind === 'refused') return this.#reoffered(`the far end refused: ${outcome.status}`)
      this.readDescription(outcome.sdp)
      this.#reoffered()
    },
    reoffered: (offer) => {
      const described = offer.sdp === undefined ? this.describeOffer() : this.describeAnswer(offer.sdp)
      described.then(
        (sdp) => offer.accept(sdp),
        () => offer.refuse(488),
      )
    },
  }
}
