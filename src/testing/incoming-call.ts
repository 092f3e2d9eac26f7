import { from, type ReasonToSend, type SipRequest, sdpOf, type UasListener, type UasSession } from '../sip/index.ts'
import { PhoneCall, type PhoneDesk } from './phone-call.ts'
import { PhoneError } from './phone-error.ts'

/** A call that came to the phone. */
export class IncomingCall extends PhoneCall {
  /** The caller's address, as its From says. */
  readonly from: string
  readonly request: SipRequest
  protected readonly session: UasSession

  constructor(desk: PhoneDesk, session: UasSession, request: SipRequest) {
    super(desk)
    this.session = session
    this.request = request
    this.from = from(request)?.uri ?? ''
  }

  /** 180. */
  ring(): void {
    this.session.progress(180)
    this.move({ name: 'ringing' })
  }

  /** 200. Resolves when it has left. @throws PhoneError `phone.no-media`, `phone.too-late`. */
  async answer(): Promise<void> {
    const offer = sdpOf(this.request)
    const sdp = offer === undefined ? await this.describeOffer() : await this.describeAnswer(offer)
    if (!this.session.accept(sdp)) throw new PhoneError('phone.too-late', `the call is ${this.state.name}`)
    this.move({ name: 'answered', at: this.desk.now() })
  }

  /** 486 */
  busy(...reasons: readonly ReasonToSend[]): void {
    this.refuse(486, ...reasons)
  }

  /** 603: a person says no. */
  decline(...reasons: readonly ReasonToSend[]): void {
    this.refuse(603, ...reasons)
  }

  /** Any final response 300–699. Nothing once it is answered or over. */
  refuse(status: number, ...reasons: readonly ReasonToSend[]): void {
    if (!this.session.offered) return
    const { message } = this.session.reject({ status, reasons })
    this.endedByUs(message, reasons)
  }

  /** @internal */
  readonly listener: UasListener = {
    ...this.facts,
    cancelled: ({ raw }) => this.over({ by: 'them', how: 'CANCEL', reasons: raw }),
    expired: () => this.over({ by: 'nobody', how: 'expired', reasons: [] }),
    acknowledged: (sdp) => this.readDescription(sdp),
  }
}
