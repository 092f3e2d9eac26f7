import { Pool } from 'undici'

/** What a request to the homeserver came to. `uncertain`: it may have been done all the same. */
export type Reply =
  | Readonly<{ result: 'ok'; body: Record<string, unknown> }>
  | Readonly<{ result: 'limited'; after: number }>
  | Readonly<{ result: 'refused'; status: number; code: string }>
  /** The homeserver cannot be reached, or is not well. */
  | Readonly<{ result: 'away'; detail: string; arrived: 'no' | 'uncertain' }>

export type HomeserverOptions = Readonly<{
  /** Base URL of its client-server API. The operator's own, so private addresses are fine. */
  url: string
  asToken: Readonly<{ reveal(): string }>
  /** Milliseconds for a whole request. */
  timeout?: number
}>

export type Ask = Readonly<{
  method: 'GET' | 'POST' | 'PUT'
  /** Absolute path, its parts escaped. */
  path: string
  query?: Readonly<Record<string, string>>
  /** The ghost that we act as; absent: the application service's own user. */
  as?: string
  body?: unknown
  timeout?: number
}>

/** The client-server API of one homeserver, as its application service speaks it. Never throws for what it does. */
export interface Homeserver {
  ask(ask: Ask): Promise<Reply>
  close(): Promise<void>
}

const bodyLimit = 4_000_000
/** A limit that says no time, and the longest that is believed. Milliseconds. */
const defaultWait = 1_000
const longestWait = 60_000

/** One path segment. */
export const part = (text: string) => encodeURIComponent(text)

export type Saying = Readonly<{ room: string; as: string; txn: string; type: string; content: unknown }>

/** Says an event in a room. The same transaction id again is the same event (client-server API, "Transaction identifiers"). */
export const sayAsk = ({ room, as, txn, type, content }: Saying): Ask => ({
  method: 'PUT',
  path: `/_matrix/client/v3/rooms/${part(room)}/send/${part(type)}/${part(txn)}`,
  as,
  body: content,
})

export function createHomeserver(options: HomeserverOptions): Homeserver {
  const base = new URL(options.url)
  const prefix = base.pathname.replace(/\/+$/, '')
  const pool = new Pool(base.origin, {
    connections: 64,
    pipelining: 1,
    connect: { timeout: 5_000 },
    keepAliveTimeout: 4_000,
    bodyTimeout: 0,
    headersTimeout: 0,
  })
  return {
    async ask({ method, path, query = {}, as, body, timeout = options.timeout ?? 15_000 }) {
      const search = new URLSearchParams({ ...query, ...(as === undefined ? {} : { user_id: as }) }).toString()
      try {
        const reply = await pool.request({
          method,
          path: `${prefix}${path}${search === '' ? '' : `?${search}`}`,
          headers: {
            authorization: `Bearer ${options.asToken.reveal()}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          body: body === undefined ? null : JSON.stringify(body),
          signal: AbortSignal.timeout(timeout),
        })
        const chunks: Buffer[] = []
        let size = 0
        for await (const chunk of reply.body as AsyncIterable<Buffer>) {
          size += chunk.length
          if (size > bodyLimit) return { result: 'away', detail: 'its answer is too long', arrived: 'uncertain' }
          chunks.push(chunk)
        }
        return readReply(reply.statusCode, reply.headers['retry-after'], Buffer.concat(chunks).toString())
      } catch (fault) {
        const code = codeOf(fault)
        return { result: 'away', detail: code, arrived: unconnected.has(code) ? 'no' : 'uncertain' }
      }
    },
    close: () => pool.destroy(),
  }
}

/** Failures before a byte of the request had left. */
const unconnected: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function codeOf(fault: unknown): string {
  if (fault instanceof AggregateError) return codeOf(fault.errors[0])
  const { code, name } = (fault ?? {}) as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'failed'
}

/** By status and body; what is no JSON has no code. */
export function readReply(status: number, retryAfter: string | string[] | undefined, text: string): Reply {
  const body = parsed(text)
  const code = typeof body?.errcode === 'string' ? body.errcode : ''
  if (status >= 200 && status < 300) {
    // A proxy's page is no answer of a homeserver.
    return body === null ? { result: 'away', detail: 'not JSON', arrived: 'uncertain' } : { result: 'ok', body }
  }
  if (status === 429) return { result: 'limited', after: waitOf(retryAfter, body?.retry_after_ms) }
  if (status >= 500 || status === 408)
    return { result: 'away', detail: `${status} ${code}`.trim(), arrived: 'uncertain' }
  // Behind a proxy whose homeserver is gone there is no errcode: nobody has decided anything.
  if (code === '') return { result: 'away', detail: String(status), arrived: 'no' }
  return { result: 'refused', status, code }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** `Retry-After`, seconds or a date, is preferred; `retry_after_ms` is its deprecated elder. */
function waitOf(header: string | string[] | undefined, milliseconds: unknown): number {
  const text = Array.isArray(header) ? header[0] : header
  const bounded = (value: number) => Math.min(Math.max(value, 50), longestWait)
  if (text !== undefined) {
    if (/^\d+$/.test(text.trim())) return bounded(Number(text) * 1000)
    const date = Date.parse(text)
    if (!Number.isNaN(date)) return bounded(date - Date.now())
  }
  return typeof milliseconds === 'number' && milliseconds >= 0 ? bounded(milliseconds) : defaultWait
}
