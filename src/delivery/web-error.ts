import type { WebResult } from '../switchboard/ports.ts'
import { RefusedAddress } from './lookup.ts'

export type WebError = Extract<WebResult, { ok: false }>['error']

export type WebFault = Readonly<{ error: WebError; detail: string }>

const dnsCodes: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME'])

const connectCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
  'EACCES',
  'EPERM',
  'EMFILE',
  'UND_ERR_CONNECT_TIMEOUT',
])

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The error's own words without its URL or addresses' credentials: Node's messages name hosts and ports at most. */
function wordsOf(error: Error): string {
  const code = codeOf(error)
  const words = error.message || (error instanceof AggregateError ? error.errors.map(wordsOf).join(', ') : '')
  return code === '' || words.includes(code) ? words : `${code}: ${words}`
}

/** What kept the connection from standing. Behind https, whatever neither name nor network explains is the handshake. */
export function connectFault(error: Error, secure: boolean): WebFault {
  const detail = wordsOf(error)
  if (error instanceof RefusedAddress) return { error: 'refused-address', detail: error.message }
  const code = codeOf(error)
  if (code === 'UND_ERR_INVALID_ARG') return { error: 'bad-url', detail }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return { error: 'aborted', detail }
  if (dnsCodes.has(code)) return { error: 'dns', detail }
  if (connectCodes.has(code) || !secure) return { error: 'connect', detail }
  return { error: 'tls', detail }
}

/** What ended a connection that stood. */
export function exchangeFault(error: Error): WebFault {
  const detail = wordsOf(error)
  if (codeOf(error) === 'UND_ERR_DESTROYED') return { error: 'aborted', detail }
  if (codeOf(error) === 'UND_ERR_HEADERS_OVERFLOW') return { error: 'too-large', detail }
  return { error: 'closed', detail }
}
