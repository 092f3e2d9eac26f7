import { createHmac } from 'node:crypto'
import { type Pairs, queryOf } from './form.ts'

/** A request as it leaves. */
export type SignedRequest = Readonly<{
  method: 'GET' | 'POST'
  /** With its query, without its fragment. */
  url: string
  /** What the vendor adds: the body's parameters, or for GET those that were put into the query. */
  params: Pairs
}>

/**
 * The signature headers of both vendors. The key is the account's auth token; base64 of an HMAC. Vobiz and Plivo sign
 * different strings under V3, so one request carries both families and passes either vendor's validator.
 *
 * @example
 * const request = { method: 'POST', url: 'https://app.example.com/hangup', params: [['CallUUID', 'u1']] }
 * signatureHeaders(request, 'auth token', '05429567804466091622')['X-Vobiz-Signature-V2']
 */
export function signatureHeaders(request: SignedRequest, token: string, nonce: string): Record<string, string> {
  const v1 = hmac('sha1', token, signedV1(request))
  const v2 = hmac('sha256', token, signedV2(request.url, nonce))
  const plivo = hmac('sha256', token, signedPlivoV3(request, nonce))
  const vobiz = hmac('sha256', token, signedVobizV3(request.url, nonce))
  return {
    'X-Plivo-Signature': v1,
    'X-Plivo-Signature-V2': v2,
    'X-Plivo-Signature-V2-Nonce': nonce,
    'X-Plivo-Signature-Ma-V2': v2,
    'X-Plivo-Signature-V3': plivo,
    'X-Plivo-Signature-V3-Nonce': nonce,
    'X-Plivo-Signature-Ma-V3': plivo,
    'X-Vobiz-Signature': v1,
    'X-Vobiz-Signature-V2': v2,
    'X-Vobiz-Signature-V2-Nonce': nonce,
    'X-Vobiz-Signature-MA-V2': v2,
    'X-Vobiz-Signature-V3': vobiz,
    'X-Vobiz-Signature-V3-Nonce': nonce,
    'X-Vobiz-Signature-MA-V3': vobiz,
  }
}

export function hmac(algorithm: 'sha1' | 'sha256', token: string, text: string): string {
  return createHmac(algorithm, token).update(text).digest('base64')
}

/** The whole URL, then each parameter's key and value, sorted by key. */
export function signedV1({ url, params }: SignedRequest): string {
  return url + joined(params)
}

/** The URL without its query, then the nonce. The same string in both families. */
export function signedV2(url: string, nonce: string): string {
  return baseOf(url) + nonce
}

/** The URL without its query, a dot, the nonce: neither query nor body is covered. */
export function signedVobizV3(url: string, nonce: string): string {
  return `${baseOf(url)}.${nonce}`
}

/**
 * GET: the URL with all its parameters as a sorted query. POST: the same of the URL's own query, then, if there are body
 * parameters, those, sorted and run together; the `?` then stands even without a query, and a `.` parts the two.
 */
export function signedPlivoV3({ method, url, params }: SignedRequest, nonce: string): string {
  const base = baseOf(url)
  // The parameters of a GET are in its query already.
  const query = sorted(queryOf(url))
    .map(([key, value]) => `${key}=${value}`)
    .join('&')
  const body = method === 'POST' && params.length > 0
  const mark = query !== '' || body ? '?' : ''
  const dot = query !== '' && body ? '.' : ''
  return `${base}${mark}${query}${dot}${body ? joined(params) : ''}.${nonce}`
}

/** `scheme://host[:port]/path`, spelled as it is in the URL. */
function baseOf(url: string): string {
  const end = url.search(/[?#]/)
  return end === -1 ? url : url.slice(0, end)
}

/** By key, and the values of a repeated key among themselves, in the order of UTF-16 code units. */
function sorted(pairs: Pairs): Pairs {
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return [...pairs].sort(([a, x], [b, y]) => order(a, b) || order(x, y))
}

function joined(params: Pairs): string {
  let text = ''
  for (const [key, value] of sorted(params)) text += key + value
  return text
}
