import { parseCredentials, type Secret } from '../message/digest.ts'
import type { DigestVerifier } from '../message/digest-verifier.ts'
import type { SipRequest } from '../message/message.ts'

/** Who sends a request: proven, or what to answer. `lines` are the headers of the 401 or 407. */
export type Authentication =
  | Readonly<{ kind: 'right'; username: string }>
  | Readonly<{ kind: 'challenge'; status: 401 | 407; lines: readonly (readonly [name: string, value: string])[] }>

export type AuthenticatorOptions = Readonly<{
  realm: string
  verifier: DigestVerifier
  /** Undefined: no such user. */
  secretOf(username: string): Secret | undefined
  /** 401 as a registrar or callee (default), 407 as what stands in front of one. */
  status?: 401 | 407
}>

/** A user that nobody has: checking against it costs what checking against a real one costs. */
const nobody: Secret = { password: '' }

/** Digest authentication of REGISTERs and of calls from registered users (RFC 3261 §22.2). */
export class Authenticator {
  readonly #options: AuthenticatorOptions
  readonly #status: 401 | 407

  constructor(options: AuthenticatorOptions) {
    this.#options = options
    this.#status = options.status ?? 401
  }

  check(request: SipRequest): Authentication {
    const { realm, verifier, secretOf } = this.#options
    for (const value of request.headers.all(this.#status === 401 ? 'authorization' : 'proxy-authorization')) {
      const credentials = parseCredentials(value)
      if (credentials?.realm !== realm) continue
      const secret = secretOf(credentials.username)
      const outcome = verifier.verify(credentials, request.method, secret ?? nobody, request.body)
      if (outcome.kind === 'stale') return this.#challenge(true)
      if (outcome.kind === 'right' && secret !== undefined) return outcome
    }
    return this.#challenge(false)
  }

  #challenge(stale: boolean): Authentication {
    const name = this.#status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
    const lines = this.#options.verifier.challenge(stale).map((value) => [name, value] as const)
    return { kind: 'challenge', status: this.#status, lines }
  }
}
