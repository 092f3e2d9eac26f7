import type { InviteSpec, ReasonToSend, UacListener, UacSession } from '../sip/index.ts'
import { PhoneCall, type PhoneDesk } from './phone-call.ts'

type Invite = (spec: InviteSpec, listener: UacListener) => UacSession

/** A call that the phone placed. */
export class OutgoingCall extends PhoneCall {
  protected session!: UacSession

  /** Resolves when the INVITE has left. */
  static async place(desk: PhoneDesk, spec: Omit<InviteSpec, 'sdp'>, invite: Invite): Promise<OutgoingCall> {
    const call = new OutgoingCall(desk)
    const sdp = await call.describeOffer()
    call.session = invite({ ...spec, sdp }, call.#listener)
    call.session.send()
    return call
  }

  /** Withdraws it before the answer. False if it is too late for that. */
  cancel(...reasons: readonly ReasonToSend[]): boolean {
    if (!['calling', 'ringing', 'early'].includes(this.state.name)) return false
    this.hangup(...reasons)
    return true
  }

  readonly #listener: UacListener = {
    ...this.facts,
    ringing: () => this.move({ name: 'ringing' }),
    early: ({ sdp }) => {
      this.readDescription(sdp)
      this.move({ name: 'early' })
    },
    answered: ({ sdp }) => {
      this.readDescription(sdp)
      this.move({ name: 'answered', at: this.desk.now() })
    },
    refused: ({ status, phrase, raw }) => this.over({ by: 'them', how: 'refusal', status, phrase, reasons: raw }),
    failed: ({ kind, detail }) => {
      const why = detail === undefined ? kind : `${kind}: ${detail.code}`
      this.over({ by: 'nobody', how: 'no-response', reasons: [], detail: why })
    },
  }
}
