import { challengesOf, formatCredentials, type Secret } from '../message/digest.ts'
import type { SipResponse } from '../message/message.ts'

export type Account = Readonly<{ username: string; secret: Secret }>

/** Our account for a realm, as a client; `uri` is where the challenged request went. Undefined: we have none. */
export type CredentialStore = (realm: string, uri: string) => Account | undefined

/** The header line that answers a 401 or 407; undefined if there is no account, or no challenge that we understand. */
export function answerChallenge(
  response: SipResponse,
  method: string,
  uri: string,
  body: Uint8Array,
  store: CredentialStore,
  cnonce: string,
): readonly [name: string, value: string] | undefined {
  const proxy = response.status === 407
  for (const challenge of challengesOf(response, proxy ? 'proxy-authenticate' : 'www-authenticate')) {
    const account = store(challenge.realm, uri)
    if (account === undefined) continue
    const { username, secret } = account
    const value = formatCredentials({ challenge, username, secret, method, uri, cnonce, nonceCount: 1, body })
    return [proxy ? 'Proxy-Authorization' : 'Authorization', value]
  }
  return undefined
}
