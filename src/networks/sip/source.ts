import { randomBytes } from 'node:crypto'
import {
  type Address,
  type Authentication,
  Authenticator,
  DigestVerifier,
  formatAddress,
  from,
  parseUri,
  type SipRequest,
  unescapeUri,
} from '../../sip/index.ts'
import type { Offer } from '../../switchboard/ports.ts'
import { fillRandom } from './chance.ts'
import type { SipSettings, SipTrunk } from './settings.ts'

/** Who sent a request, or what to answer before that is known, or because it lies about it. */
export type Origin =
  | Readonly<{ kind: 'known'; source: Offer['source'] }>
  | Extract<Authentication, { kind: 'challenge' }>
  | Readonly<{ kind: 'impostor'; status: 403; lines: readonly (readonly [name: string, value: string])[] }>

/**
 * Tells trunks by their address and users by digest. A stranger who does not claim to be one of our users is `anonymous`:
 * what that may reach is the routes' word. One who claims to be has to prove it.
 */
export class Sources {
  /** For REGISTER: nobody but our users may. */
  readonly registering: Authenticator
  readonly #calling: Authenticator
  readonly #trunks: readonly SipTrunk[]
  readonly #users: ReadonlyMap<string, SipSettings['users'][number]>

  constructor({ realm, digest, users }: SipSettings, trunks: readonly SipTrunk[], now: () => number) {
    this.#trunks = trunks
    this.#users = new Map(users.map((user) => [user.name, user]))
    const verifier = new DigestVerifier({ realm, key: randomBytes(32), now, fillRandom, algorithms: digest })
    const secretOf = (name: string) => {
      const user = this.#users.get(name)
      return user && { password: user.password.reveal() }
    }
    this.registering = new Authenticator({ realm, verifier, secretOf, status: 401 })
    this.#calling = new Authenticator({ realm, verifier, secretOf, status: 407 })
  }

  /** Of an INVITE. */
  of(request: SipRequest, remote: Address): Origin {
    const address = formatAddress(remote)
    const trunk = this.#trunks.find((each) => each.vouchesFor(remote.host))
    if (trunk !== undefined) return { kind: 'known', source: { kind: 'trunk', name: trunk.name, address } }
    if (!request.headers.has('proxy-authorization') && !this.#users.has(userOf(from(request)?.uri))) {
      return { kind: 'known', source: { kind: 'anonymous', name: '', address } }
    }
    const who = this.#calling.check(request)
    if (who.kind === 'challenge') return who
    // A number that a user shows is its own affair; the name of another user is not (RFC 3261 §22.1).
    const claimed = userOf(from(request)?.uri)
    if (claimed !== who.username && this.#users.has(claimed)) return { kind: 'impostor', status: 403, lines: [] }
    return { kind: 'known', source: { kind: 'user', name: who.username, address } }
  }
}

/** Who a URI names: its user part, escapes undone (RFC 3261 §19.1.4: `%61lice` is `alice`), or the number of a `tel:`; else ''. */
export function userOf(uri: string | undefined): string {
  const parsed = uri === undefined ? undefined : parseUri(uri)
  if (parsed === undefined || parsed.scheme === 'other') return ''
  return parsed.scheme === 'tel' ? parsed.number : unescapeUri(parsed.user ?? '')
}
