import type { IceServer } from '../face.ts'

/** A server that helps to find a way, read from its URL (RFC 7064, RFC 7065). */
export type Helper =
  | Readonly<{ type: 'stun'; host: string; port: number }>
  | Readonly<{
      type: 'turn'
      host: string
      port: number
      transport: 'udp' | 'tcp' | 'tls'
      username: string
      credential: string
    }>

const grammar = /^(stuns?|turns?):(?:\[([0-9a-f:.]+)\]|([^:?/@\s]+))(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i
/** So many of each kind are asked; a list longer than that is a mistake. */
const most = 4

/**
 * What can be used of the servers, in their order. Whatever else stands there, and in whatever shape it came, is left
 * out: a server without credentials, another scheme, `{}`.
 */
export function readIceServers(servers: readonly IceServer[]): readonly Helper[] {
  const helpers: Helper[] = []
  for (const server of Array.isArray(servers) ? servers : []) {
    const urls: unknown = server?.urls
    for (const url of Array.isArray(urls) ? urls : [urls]) {
      const helper = typeof url === 'string' ? readUrl(url.trim(), server.username, server.credential) : null
      if (helper !== null && helpers.filter(({ type }) => type === helper.type).length < most) helpers.push(helper)
    }
  }
  return helpers
}

function readUrl(url: string, username: unknown, credential: unknown): Helper | null {
  const match = grammar.exec(url)
  if (match === null) return null
  const scheme = match[1]!.toLowerCase()
  const host = match[2] ?? match[3]!
  const secure = scheme.endsWith('s')
  const port = match[4] === undefined ? (secure ? 5349 : 3478) : Number(match[4])
  if (port === 0 || port > 65_535) return null
  // STUN over TLS tells nothing about UDP.
  if (scheme === 'stun') return { type: 'stun', host, port }
  if (scheme === 'stuns' || typeof username !== 'string' || typeof credential !== 'string') return null
  if (username === '' || credential === '') return null
  const transport = secure ? 'tls' : match[5]?.toLowerCase() === 'tcp' ? 'tcp' : 'udp'
  return { type: 'turn', host, port, transport, username, credential }
}
