import { cseq, to, via } from '../../../src/sip/message/accessors.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { parse } from '../../../src/sip/message/parse.ts'
import type { Tap } from '../../../src/sip/transaction/layer.ts'

/**
 * Watches one user agent with one call, and says which of its messages was illegal in the state that the wire had shown it
 * (RFC 3261 §9.1, §12.2.1.1, §15; RFC 5407). It knows messages and nothing of our code.
 */
export class WireLaw implements Tap {
  readonly broken: string[] = []
  readonly #now: () => number
  readonly #role: 'caller' | 'callee'
  /** Everything below is about the first INVITE, but for CSeqs and BYEs. */
  #provisional = false
  #finalReceived = 0
  #finalSent = 0
  #acceptedAt = Number.NaN
  #acknowledged = false
  #mortal = false
  readonly #byes = new Set<string>()
  readonly #cancels = new Set<string>()
  readonly #branches = new Map<string, string>()
  readonly #finals = new Map<string, { status: number; at: number }>()
  #highest = 0

  constructor(role: 'caller' | 'callee', now: () => number) {
    this.#role = role
    this.#now = now
  }

  received(message: SipMessage): void {
    const { seq, method } = cseq(message) ?? { seq: 0, method: '' }
    if (message.kind === 'request') {
      if (method === 'ACK' && seq === 1) this.#acknowledged = true
      if (method === 'BYE') this.#mortal = true
      return
    }
    if (method !== 'INVITE' || seq !== 1 || this.#role !== 'caller') return
    if (message.status < 200) this.#provisional = true
    else this.#finalReceived ||= message.status
  }

  sent(bytes: Uint8Array): void {
    const message = parse(bytes)
    if (message.kind === 'fault') this.#break(`not SIP: ${message.detail}`)
    else if (message.kind === 'request') this.#request(message)
    else this.#response(message)
  }

  #request(message: Extract<SipMessage, { kind: 'request' }>): void {
    const { seq, method } = cseq(message) ?? { seq: 0, method: '' }
    const branch = via(message)?.branch ?? ''
    const tagged = to(message)?.tag !== undefined
    const known = this.#branches.get(`${branch} ${method}`)
    const line = `${seq} ${message.uri}`
    if (known !== undefined) {
      if (known !== line) this.#break(`${method} differs from what it repeats`)
      if (method !== 'ACK') return
    }
    this.#branches.set(`${branch} ${method}`, line)
    switch (method) {
      case 'CANCEL':
        this.#cancels.add(branch)
        if (!this.#provisional) this.#break('CANCEL before any 1xx (§9.1)')
        if (this.#finalReceived !== 0) this.#break('CANCEL after the final response (§9.1)')
        if (tagged) this.#break('CANCEL with a To tag (§9.1)')
        if (this.#cancels.size > 1) this.#break('a second CANCEL')
        return
      case 'ACK':
        if (this.#role === 'caller' && seq === 1 && this.#finalReceived === 0) this.#break('ACK of nothing')
        return
      case 'BYE':
        this.#byes.add(branch)
        if (this.#byes.size > 1) this.#break('a second BYE')
        if (!tagged) this.#break('BYE outside a dialog (§15)')
        this.#byeAllowed()
        this.#mortal = true
        break
      default:
        if (this.#mortal) this.#break(`${method} in Mortal (RFC 5407 §2)`)
    }
    if (known === undefined && seq <= this.#highest)
      this.#break(`${method} with CSeq ${seq} after ${this.#highest} (§12.2.1.1)`)
    this.#highest = Math.max(this.#highest, seq)
  }

  #byeAllowed(): void {
    if (this.#role === 'caller') {
      if (this.#finalReceived === 0) this.#break('BYE by the caller before a 2xx')
      return
    }
    if (Number.isNaN(this.#acceptedAt)) this.#break('BYE by the callee before its 2xx (§15)')
    else if (!this.#acknowledged && this.#now() < this.#acceptedAt + 32_000) this.#break('BYE before the ACK (§15)')
  }

  #response(message: Extract<SipMessage, { kind: 'response' }>): void {
    const { seq, method } = cseq(message) ?? { seq: 0, method: '' }
    const key = `${via(message)?.branch} ${method}`
    const { status } = message
    if (method === 'ACK') this.#break('a response to an ACK')
    const before = this.#finals.get(key)
    // 64·T1 after its final response a transaction is forgotten; what is still on its way then is a new request.
    const remembered = before !== undefined && this.#now() < before.at + 32_000
    if (remembered && status !== before.status) this.#break(`${status} to ${method} after ${before.status}`)
    if (status >= 200 && !remembered) this.#finals.set(key, { status, at: this.#now() })
    if (method !== 'INVITE' || seq !== 1 || this.#role !== 'callee') return
    if (status >= 200) this.#finalSent = status
    if (status >= 200 && status < 300 && Number.isNaN(this.#acceptedAt)) this.#acceptedAt = this.#now()
  }

  #break(what: string): void {
    this.broken.push(`${this.#role} at ${this.#now()}: ${what}`)
  }

  /** What was said to the INVITE in the end; 0 if nothing. */
  get answer(): number {
    return this.#role === 'caller' ? this.#finalReceived : this.#finalSent
  }
}
