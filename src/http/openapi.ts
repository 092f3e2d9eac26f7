/** The OpenAPI document, and what its routes share. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from './access.ts'
import { ProblemBody } from './schemas.ts'

const meanings = {
  400: 'The request is not valid.',
  401: 'A bearer token is needed, or the one given is not known.',
  403: 'The token may not do this.',
  404: 'There is no such thing.',
  413: 'The body is too large.',
  415: 'The body must be JSON.',
  422: 'The request is valid, and cannot be done.',
  503: 'Not now.',
} as const

type Failure = keyof typeof meanings
type FailureResponses<S extends Failure> = {
  [K in S]: { description: string; content: { 'application/problem+json': { schema: typeof ProblemBody } } }
}

/** The problem responses of a route. */
export function failures<const S extends Failure>(...statuses: S[]): FailureResponses<S> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: meanings[status], content: { 'application/problem+json': { schema: ProblemBody } } },
    ]),
  ) as unknown as FailureResponses<S>
}

/** A JSON body or response. */
export function json<S>(schema: S) {
  return { content: { 'application/json': { schema } } }
}

export function openApiDocument(app: OpenAPIHono<ApiEnv>, version: string) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Onhook',
      version,
      description:
        'Calls that live, how they end, and what became of telling everyone. Errors are problem+json (RFC 9457).',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    security: [{ bearer: [] }],
    tags: [
      { name: 'calls', description: 'Live calls: see, end, place.' },
      { name: 'records', description: 'The final account of each call.' },
      { name: 'deliveries', description: 'Webhooks and their attempts.' },
      { name: 'events', description: 'What happens, as it happens.' },
      { name: 'server', description: 'Health and metrics.' },
    ],
  })
}
