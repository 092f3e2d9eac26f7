import type { Answer, Hop } from './exchange.ts'
import type { WebFault } from './web-error.ts'

type Next = Pick<Hop, 'url' | 'method' | 'headers' | 'body'>

const describeBody = /^content-/i
const credentials = /^(authorization|cookie|proxy-authorization)$/i

function without(headers: Next['headers'], names: RegExp): Next['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.test(name)))
}

/** The request that a redirect asks for: RFC 9110 §15.4, with what clients do for 301 and 302. */
export function followed(sent: Next, answer: Answer): Next | WebFault {
  const location = answer.headers.location ?? ''
  if (!URL.canParse(location, sent.url.href)) return { error: 'redirects', detail: 'redirected to what is not a URL' }
  const url = new URL(location, sent.url.href)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { error: 'redirects', detail: `redirected to ${url.protocol}` }
  }
  if (sent.url.protocol === 'https:' && url.protocol === 'http:') {
    return { error: 'redirects', detail: 'redirected from https to http' }
  }
  // Credentials were given for the place that was named, not for wherever that place points to.
  const headers = url.origin === sent.url.origin ? sent.headers : without(sent.headers, credentials)
  if (answer.status === 307 || answer.status === 308) return { url, method: sent.method, headers, body: sent.body }
  return { url, method: 'GET', headers: without(headers, describeBody), body: undefined }
}
