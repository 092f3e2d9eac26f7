import {
  formatForm,
  type Pairs,
  parseForm,
  type SignedRequest,
  signatureHeaders,
  withQuery,
} from '../../dialects/vobiz/index.ts'
import type { HttpMethod, VobizApp } from './app.ts'
import type { Means } from './means.ts'

/** A request to a customer's URL as it leaves, but for its signature. */
export type AppRequest = Readonly<{
  url: string
  method: HttpMethod
  headers: Readonly<Record<string, string>>
  body: string
}>

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'

/** GET puts the parameters into the query, behind the app's own. */
export function appRequest(app: VobizApp, url: string, method: HttpMethod, params: Pairs): AppRequest {
  const agent = app.vendor === 'plivo' ? 'Plivo (Onhook)' : 'Vobiz (Onhook)'
  const headers = { Accept: 'application/xml, text/xml', 'User-Agent': agent }
  if (method === 'GET') return { url: withQuery(url, params), method, headers, body: '' }
  return app.compat.callbackBody === 'json'
    ? { url, method, headers: { ...headers, 'Content-Type': json }, body: JSON.stringify(Object.fromEntries(params)) }
    : { url, method, headers: { ...headers, 'Content-Type': form }, body: formatForm(params) }
}

/** The signature headers for one attempt at one address; none, and `missing` is told, for an account without a token. */
export function signed(
  request: AppRequest,
  url: string,
  means: Pick<Means, 'tokenOf' | 'nonce'>,
  missing?: (account: string) => void,
): Record<string, string> {
  const params = ownParams(request)
  const account = params.find(([key]) => key === 'ParentAuthID')?.[1]
  if (account === undefined) return {}
  const token = means.tokenOf(account)
  if (token === undefined) {
    missing?.(account)
    return {}
  }
  const sent: SignedRequest = { method: request.method, url, params }
  return signatureHeaders(sent, token, means.nonce())
}

/** The parameters that we added. In a query they stand behind the app's own, and begin with the call. */
function ownParams({ url, method, body, headers }: AppRequest): Pairs {
  if (method === 'GET') {
    const query = parseForm(url.slice(url.indexOf('?') + 1))
    const begin = query.findLastIndex(([key]) => key === 'CallUUID')
    return begin === -1 ? [] : query.slice(begin)
  }
  return headers['Content-Type'] === json ? jsonPairs(body) : parseForm(body)
}

function jsonPairs(body: string): Pairs {
  try {
    return Object.entries(JSON.parse(body)).map(([key, value]) => [key, String(value)] as const)
  } catch {
    return []
  }
}
