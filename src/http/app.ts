/** Onhook's own HTTP faces, put together. Serve it with `listen.ts`, or ask it directly: `app.request('/api/calls')`. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { Logger } from 'pino'
import type { HttpConfig } from '../config/config.ts'
import { jsonPath } from '../config/fault.ts'
import type { Clock, Ids } from '../switchboard/ports.ts'
import { type ApiEnv, authenticate, requireScope } from './access.ts'
import { createAudit } from './audit.ts'
import { addCalls } from './calls.ts'
import type { ControlPlane } from './control.ts'
import type { EventRing } from './event-ring.ts'
import { addEvents, type EventOptions } from './events.ts'
import { addHealth } from './health.ts'
import { idempotent } from './idempotency.ts'
import { methodsAt } from './methods.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { openApiDocument } from './openapi.ts'
import { Problem, problemResponse, wrongCursor } from './problem.ts'
import { addDeliveries, addRecords } from './records.ts'

/** Bytes of a request's body. */
const bodyLimitBytes = 1_048_576

export type HttpOptions = Readonly<{
  control: ControlPlane
  clock: Clock
  ids: Ids
  log: Logger
  version: string
  /** Without any, this machine alone may come in: the configuration allows that on loopback only. */
  tokens: HttpConfig['tokens']
  events?: EventOptions
}>

export type HttpFaces = Readonly<{
  /** Vendors' control APIs are mounted on it: `app.route(path, theirs)`. */
  app: OpenAPIHono<ApiEnv>
  metrics: Metrics
  /** The last live events: for tests, and for whoever wants them without HTTP. */
  ring: EventRing
  /** Ends the live feeds, so that the server can stop. */
  close(): void
}>

export function createHttp(options: HttpOptions): HttpFaces {
  const { control, clock, ids, log, version, tokens } = options
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) return
      const faults = result.error.issues.map(({ path, message }) => ({
        place: jsonPath([result.target, ...path]).slice(2),
        message,
      }))
      throw new Problem('http.bad-request', faults.map(({ place, message }) => `${place}: ${message}`).join('; '), {
        faults,
      })
    },
  })
  const audit = createAudit(log)
  const metrics = createMetrics(control)

  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the configuration. None is needed on a loopback address without tokens.',
  })
  app.use('*', async (c, next) => {
    await next()
    c.res.headers.set('x-content-type-options', 'nosniff')
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
  })
  app.use('/api/*', authenticate(tokens))
  app.use('/metrics', authenticate(tokens), requireScope('read'))
  app.use(
    '/api/*',
    bodyLimit({
      maxSize: bodyLimitBytes,
      onError: () => {
        throw new Problem('http.too-large')
      },
    }),
    idempotent(clock),
  )

  addHealth(app, control, metrics)
  addCalls(app, control, clock, audit)
  addRecords(app, control)
  addDeliveries(app, control, clock, audit)
  const feed = addEvents(app, control, clock, ids.uuid(), options.events)
  app.get('/api/openapi.json', (c) => c.json(openApiDocument(app, version)))

  app.notFound((c) => {
    const methods = methodsAt(app.routes, c.req.path)
    if (methods.length === 0) return problemResponse(c, new Problem('http.not-found'))
    const allow = methods.join(', ')
    const response = problemResponse(c, new Problem('http.method', `allowed: ${allow}`))
    response.headers.set('allow', allow)
    return response
  })
  app.onError((error, c) => {
    if (error instanceof Problem) return problemResponse(c, error)
    if (error instanceof HTTPException) {
      if (error.status === 415) return problemResponse(c, new Problem('http.media-type'))
      if (error.status === 413) return problemResponse(c, new Problem('http.too-large'))
      if (error.status < 500) return problemResponse(c, new Problem('http.bad-request', error.message))
    }
    if ('code' in error && error.code === 'ledger.cursor') return problemResponse(c, wrongCursor())
    log.error({ err: error, path: c.req.path }, 'a request failed')
    return problemResponse(c, new Problem('http.failed'))
  })
  return {
    app,
    metrics,
    ring: feed.ring,
    close() {
      feed.close()
      metrics.close()
    },
  }
}
