import { randomBytes } from 'node:crypto'
import {
  type Address,
  DigestVerifier,
  type FillRandom,
  from,
  parseCredentials,
  parseUri,
  type SipRequest,
} from '../../sip/index.ts'
import type { Offer } from '../../switchboard/ports.ts'
import type { SipSettings, SipTrunk } from './settings.ts'

/** Who sent a request, or what to answer before that is known. */
export type Origin =
  | Readonly<{ kind: 'known'; source: Offer['source'] }>
  | Readonly<{ kind: 'challenge'; status: 401 | 407; lines: readonly (readonly [string, string])[] }>
  | Readonly<{ kind: 'refuse'; status: 403 }>

const unknownUser = { password: randomBytes(16).toString('hex') }

/**
 * Tells trunks by their address and users by digest. A stranger who does not claim to be one of our users is `anonymous`:
 * what that may reach is the routes' word. One who claims to be has to prove it.
 */
export class Sources {
  readonly #trunks: readonly SipTrunk[]
  readonly #users: ReadonlyMap<string, SipSettings['users'][number]>
  readonly #verifier: DigestVerifier

  constructor(sip: SipSettings, trunks: readonly SipTrunk[], now: () => number, fillRandom: FillRandom) {
    this.#trunks = trunks
    this.#users = new Map(sip.users.map((user) => [user.name, user]))
    this.#verifier = new DigestVerifier({ realm: sip.realm, key: randomBytes(32), now, fillRandom })
  }

  hasUser(name: string): boolean {
    return this.#users.has(name)
  }

  /** Of an INVITE. */
  of(request: SipRequest, remote: Address): Origin {
    const address = `${remote.host}:${remote.port}`
    const trunk = this.#trunks.find((each) => each.vouchesFor(remote.host))
    if (trunk !== undefined) return { kind: 'known', source: { kind: 'trunk', name: trunk.name, address } }
    const claimed = userOf(from(request)?.uri)
    const credentials = request.headers.get('proxy-authorization') ?? request.headers.get('authorization')
    if (credentials === undefined && !this.#users.has(claimed)) {
      return { kind: 'known', source: { kind: 'anonymous', name: '', address } }
    }
    return this.authenticate(request, 407, address)
  }

  /** Of a request that only our users may make. */
  authenticate(request: SipRequest, status: 401 | 407, address: string): Origin {
    const header = status === 407 ? 'proxy-authorization' : 'authorization'
    const value = request.headers.get(header) ?? request.headers.get('authorization')
    const credentials = value === undefined ? undefined : parseCredentials(value)
    if (credentials === undefined) return this.#challenge(status, false)
    const user = this.#users.get(credentials.username)
    // A name that does not exist takes as long as one that does, and hears the same.
    const secret = user === undefined ? unknownUser : { password: user.password.reveal() }
    const outcome = this.#verifier.verify(credentials, request.method, secret, request.body)
    switch (outcome.kind) {
      case 'right':
        if (user === undefined) return { kind: 'refuse', status: 403 }
        return { kind: 'known', source: { kind: 'user', name: user.name, address } }
      case 'stale':
        return this.#challenge(status, true)
      case 'wrong':
        return outcome.why === 'response' ? { kind: 'refuse', status: 403 } : this.#challenge(status, false)
      default:
        return outcome satisfies never
    }
  }

  #challenge(status: 401 | 407, stale: boolean): Origin {
    const name = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'
    return { kind: 'challenge', status, lines: this.#verifier.challenge(stale).map((value) => [name, value] as const) }
  }
}

/** The user part of a SIP URI, or ''. */
export function userOf(uri: string | undefined): string {
  const parsed = uri === undefined ? undefined : parseUri(uri)
  return parsed !== undefined && 'user' in parsed ? (parsed.user ?? '') : ''
}
