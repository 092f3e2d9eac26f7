import { type Account, type Challenger, parseUri } from '../../sip/index.ts'
import type { SipTrunk } from './settings.ts'

/** Our account at a trunk that challenges us. Nobody else gets a digest of its password, whatever realm they name. */
export function accountFor(trunks: readonly SipTrunk[], realm: string, challenger: Challenger): Account | undefined {
  const candidates = trunks.filter((trunk) => trunk.credentials !== undefined && isOf(trunk, challenger))
  const trunk =
    candidates.find(({ credentials }) => credentials?.realm === realm) ??
    candidates.find(({ credentials }) => credentials?.realm === undefined)
  const account = trunk?.credentials
  return account && { username: account.username, secret: { password: account.password.reveal() } }
}

function isOf(trunk: SipTrunk, challenger: Challenger): boolean {
  if ('caller' in challenger) return trunk.vouchesFor(challenger.caller)
  const place = placeOf(challenger.called)
  return trunk.server !== undefined && place !== undefined && place === placeOf(`sip:${trunk.server}`)
}

function placeOf(text: string): string | undefined {
  const uri = parseUri(text)
  return uri === undefined || !('host' in uri) ? undefined : `${uri.host.toLowerCase()}:${uri.port ?? ''}`
}
