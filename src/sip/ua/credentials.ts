import { challengesOf, formatCredentials, type Secret } from '../message/digest.ts'
import type { SipRequest, SipResponse } from '../message/message.ts'

export type Account = Readonly<{ username: string; secret: Secret }>

/** Whom our credentials would be shown to: whom we called (the URI in To), or the host that called us. */
export type Challenger = Readonly<{ called: string } | { caller: string }>

/**
 * Our account for a realm, as a client. Undefined: we have none. A realm is only what the challenger says of itself: whoever answers
 * for everybody who names it shows a digest of the password to anybody.
 */
export type CredentialStore = (realm: string, challenger: Challenger) => Account | undefined

/** The header line that answers a 401 or 407; undefined if there is no account, or no challenge that we understand. */
export function answerChallenge(
  response: SipResponse,
  { method, uri, body }: SipRequest,
  challenger: Challenger,
  store: CredentialStore,
  cnonce: string,
): readonly [name: string, value: string] | undefined {
  const proxy = response.status === 407
  for (const challenge of challengesOf(response, proxy ? 'proxy-authenticate' : 'www-authenticate')) {
    const account = store(challenge.realm, challenger)
    if (account === undefined) continue
    const { username, secret } = account
    const value = formatCredentials({ challenge, username, secret, method, uri, cnonce, nonceCount: 1, body })
    return [proxy ? 'Proxy-Authorization' : 'Authorization', value]
  }
  return undefined
}
