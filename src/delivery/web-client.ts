import type { SecureContextOptions } from 'node:tls'
import { Agent } from 'undici'
import type { Clock, WebClient, WebRequest, WebResult } from '../switchboard/ports.ts'
import { type AddressRules, createAddressGuard } from './address-guard.ts'
import { exchange, type Hop, isRedirect } from './exchange.ts'
import { guardedLookup, type Resolve } from './lookup.ts'
import { followed } from './redirect.ts'
import type { WebError } from './web-error.ts'

export type WebClientOptions = Readonly<{
  clock: Clock
  /** Of this program: the User-Agent is `Onhook/<version>` where a request names none. */
  version: string
  /** Which addresses that are not public may be reached all the same. None by default. */
  addresses?: AddressRules
  /** Certificates to trust instead of the public authorities', PEM. */
  ca?: SecureContextOptions['ca']
  /** Names to addresses; absent: as the system does. */
  resolve?: Resolve
}>

export interface ClosableWebClient extends WebClient {
  /** Gives up what is under way and closes every connection. */
  close(): Promise<void>
}

/** Requests set their own limits; a connection that nobody waits for any more ends after so long. */
const abandonedConnect = 15_000

/** Said by the connection, not by a request: RFC 9110 §7.6.1. The rest undici writes itself. */
const notOurs: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
])

function has(headers: Readonly<Record<string, string>>, wanted: string): boolean {
  return Object.keys(headers).some((name) => name.toLowerCase() === wanted)
}

/** Later headers replace earlier ones of the same name, however it is written. */
function merged(...sources: readonly (Readonly<Record<string, string>> | undefined)[]): Record<string, string> {
  const headers: Record<string, string> = {}
  const spelt = new Map<string, string>()
  for (const source of sources) {
    for (const name in source) {
      const key = name.toLowerCase()
      if (notOurs.has(key)) continue
      const earlier = spelt.get(key)
      if (earlier !== undefined) delete headers[earlier]
      spelt.set(key, name)
      headers[name] = source[name] as string
    }
  }
  return headers
}

/** `user:password` of a URL as Basic credentials (RFC 7617); undefined where it has none. */
function basic({ username, password }: URL): Record<string, string> | undefined {
  if (username === '' && password === '') return undefined
  const pair = [username, password].map(decoded).join(':')
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * The URL as it is signed: in its author's spelling, without what never leaves us (the fragment, the credentials).
 * Only an author's spelling is the same on both sides; `new URL` would add a slash here and an escape there.
 */
export function signedUrl(url: string): string {
  const [whole = ''] = url.split('#')
  return whole.trim().replace(/^([a-z]+:\/\/)[^/?]*@/i, '$1')
}

/**
 * A client for addresses that customers name. Each connection goes to an address that was checked, each hop of a redirect
 * is a request like the first, and whatever the far end does is a value.
 */
export function createWebClient(options: WebClientOptions): ClosableWebClient {
  const { clock } = options
  const guard = createAddressGuard(options.addresses)
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    // Shorter than servers usually keep an idle connection, so that a request seldom meets one that is being closed.
    keepAliveTimeout: 1500,
    keepAliveMaxTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: abandonedConnect,
      lookup: guardedLookup(guard, options.resolve),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  })
  const agentName = { 'user-agent': `Onhook/${options.version}`, 'accept-encoding': 'identity' }

  /** An address needs no lookup, so it is checked here. */
  function refusal(url: URL): string | null {
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    const kind = guard(literal)
    return kind === null || kind === 'unreadable' ? null : `${literal} is a ${kind} address`
  }

  async function follow(request: WebRequest, began: number): Promise<WebResult> {
    const failed = (error: WebError, detail: string): WebResult => {
      return { ok: false, error, detail, milliseconds: clock.now() - began }
    }
    if (!URL.canParse(request.url)) return failed('bad-url', 'not a URL')
    const first = new URL(request.url)
    if (first.protocol !== 'http:' && first.protocol !== 'https:')
      return failed('bad-url', `${first.protocol} is not http(s)`)

    const { connectTimeout, readTimeout, maxBytes, signal } = request
    const limits = { connectTimeout, readTimeout, maxBytes, signal, deadline: began + request.totalTimeout }
    const own = has(request.headers, 'authorization') ? undefined : basic(first)
    let next: Pick<Hop, 'url' | 'method' | 'headers' | 'body'> = {
      url: first,
      method: request.method,
      headers: merged(agentName, own, request.headers),
      body: request.method === 'GET' ? undefined : request.body,
    }
    for (let hops = 0; ; hops++) {
      if (signal?.aborted) return failed('aborted', 'given up by the caller')
      const refused = refusal(next.url)
      if (refused !== null) return failed('refused-address', refused)

      const signed = request.sign?.(signedUrl(hops === 0 ? request.url : next.url.href))
      const result = await exchange(agent, clock, { ...next, ...limits, headers: merged(next.headers, signed) })
      if (!result.ok) return failed(result.error, result.detail)
      if (!isRedirect(result)) {
        const { status, headers, body } = result
        return { ok: true, status, headers, body, url: signedUrl(next.url.href), milliseconds: clock.now() - began }
      }
      if (hops >= request.maxRedirects) return failed('redirects', `more than ${request.maxRedirects} redirects`)
      const step = followed(next, result)
      if ('error' in step) return failed(step.error, step.detail)
      next = { ...step, headers: merged(step.headers, basic(step.url)) }
    }
  }

  return {
    fetch: (request) => follow(request, clock.now()),
    close: () => agent.destroy(),
  }
}
