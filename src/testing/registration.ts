import {
  type Account,
  request as buildRequest,
  challengesOf,
  contacts,
  expires as expiresOf,
  type Flow,
  formatCredentials,
  parseUri,
  type SipResponse,
  type UserAgent,
} from '../sip/index.ts'
import { PhoneError } from './phone-error.ts'

export type Binding = Readonly<{
  /** The registrar: `sip:host:port`. */
  registrar: string
  /** Who is registered: `sip:alice@host`. */
  aor: string
  /** Where she can be called: `<sip:alice@192.0.2.1:5060>`. */
  contact: string
  account: Account
}>

/** One phone's registration at one registrar (RFC 3261 §10.2): the same Call-ID and a growing CSeq for all of its REGISTERs. */
export class Registration {
  readonly #agent: UserAgent
  readonly #binding: Binding
  readonly #callId: string
  readonly #tag: string
  #seq = 0

  constructor(agent: UserAgent, binding: Binding) {
    this.#agent = agent
    this.#binding = binding
    this.#callId = agent.layer.ids.callId()
    this.#tag = agent.layer.ids.tag()
  }

  /**
   * Registers for that many seconds; 0 unregisters. Answers one challenge.
   * @returns the seconds that were granted
   * @throws PhoneError `phone.not-registered`
   */
  async register(seconds: number): Promise<number> {
    const flow = await this.#flow()
    let response = await this.#ask(flow, seconds, undefined)
    if (response.status === 401 || response.status === 407) {
      const answer = this.#answer(response)
      if (answer !== undefined) response = await this.#ask(flow, seconds, answer)
    }
    if (response.status >= 300) throw refused(`${response.status} ${response.reason}`)
    const own = contacts(response).find(({ uri }) => this.#binding.contact.includes(uri))
    return Number(own?.params.get('expires') ?? expiresOf(response) ?? seconds)
  }

  async #flow(): Promise<Flow> {
    const uri = parseUri(this.#binding.registrar)
    if (uri?.scheme !== 'sip') throw refused(`${this.#binding.registrar} is no SIP address`)
    const found = await this.#agent.locate(uri)
    const [target] = !('kind' in found) ? found : found.kind === 'found' ? found.targets : []
    const flow = target === undefined ? undefined : this.#agent.flowTo(target)
    if (flow === undefined) throw refused(`${this.#binding.registrar} cannot be reached`)
    return flow
  }

  #ask(flow: Flow, seconds: number, answer: readonly [string, string] | undefined): Promise<SipResponse> {
    const { registrar, aor, contact } = this.#binding
    const branch = this.#agent.layer.ids.branch()
    this.#seq++
    const request = buildRequest({
      method: 'REGISTER',
      uri: registrar,
      headers: [
        ['Via', this.#agent.via(flow, branch)],
        ['Max-Forwards', '70'],
        ['From', `<${aor}>;tag=${this.#tag}`],
        ['To', `<${aor}>`],
        ['Call-ID', this.#callId],
        ['CSeq', `${this.#seq} REGISTER`],
        ['Contact', contact],
        ['Expires', String(seconds)],
        ...(answer === undefined ? [] : [answer]),
      ],
    })
    return new Promise((resolve, reject) => {
      this.#agent.layer.start(request, branch, flow, {
        responded: (_transaction, response) => {
          if (response.status >= 200) resolve(response)
        },
        failed: (_transaction, failure) => reject(refused(failure)),
      })
    })
  }

  #answer(response: SipResponse): readonly [string, string] | undefined {
    const proxy = response.status === 407
    const [challenge] = challengesOf(response, proxy ? 'proxy-authenticate' : 'www-authenticate')
    if (challenge === undefined) return undefined
    const { account, registrar: uri } = this.#binding
    const cnonce = this.#agent.layer.ids.tag()
    const value = formatCredentials({ ...account, challenge, method: 'REGISTER', uri, cnonce, nonceCount: 1 })
    return [proxy ? 'Proxy-Authorization' : 'Authorization', value]
  }
}

function refused(why: string): PhoneError {
  return new PhoneError('phone.not-registered', `not registered: ${why}`)
}
