/** Errors as `application/problem+json` (RFC 9457), each with a stable code. */
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Code → HTTP status and title. docs/errors.md explains each. */
export const problems = {
  'http.bad-request': { status: 400, title: 'The request is not valid' },
  'http.not-found': { status: 404, title: 'There is nothing at this address' },
  'http.method': { status: 405, title: 'This method does nothing here' },
  'http.too-large': { status: 413, title: 'The body is too large' },
  'http.media-type': { status: 415, title: 'The body must be JSON' },
  'http.failed': { status: 500, title: 'The server failed' },
  'auth.missing': { status: 401, title: 'A bearer token is needed' },
  'auth.invalid': { status: 401, title: 'The bearer token is not known' },
  'auth.scope': { status: 403, title: 'The token may not do this' },
  'auth.cross-origin': { status: 403, title: 'Pages of other origins may not use this API' },
  'call.unknown': { status: 404, title: 'There is no such call' },
  'leg.unknown': { status: 404, title: 'The call has no such leg' },
  'record.unknown': { status: 404, title: 'There is no record of such a call' },
  'delivery.unknown': { status: 404, title: 'There is no such delivery' },
  'end.no-filter': { status: 422, title: 'Which calls to end is not said' },
  'place.refused': { status: 422, title: 'The call cannot be placed' },
  'server.draining': { status: 503, title: 'The server takes no new calls' },
  'events.full': { status: 503, title: 'Too many live feeds are open' },
  'idempotency.mismatch': { status: 422, title: 'The idempotency key was used for another request' },
} as const satisfies Record<string, { status: ContentfulStatusCode; title: string }>

export type ProblemCode = keyof typeof problems

/** Thrown by handlers; the app writes it as problem+json. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly extra: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, detail?: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail ?? problems[code].title)
    this.name = 'Problem'
    this.code = code
    this.extra = extra
  }
}

/** The `cursor` of a list is none of its own. */
export function wrongCursor(): Problem {
  const message = 'not of this list; begin again without it'
  return new Problem('http.bad-request', `query.cursor: ${message}`, { faults: [{ place: 'query.cursor', message }] })
}

const challenge = { 'www-authenticate': 'Bearer realm="onhook"' }

export function problemResponse(c: Context, { code, message, extra }: Problem): Response {
  const { status, title } = problems[code]
  const body = {
    type: `urn:onhook:problem:${code}`,
    title,
    status,
    code,
    ...(message !== title && { detail: message }),
    ...extra,
  }
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(status === 401 && challenge),
  })
}
