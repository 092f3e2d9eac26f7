/** `/livez`, `/readyz`, `/metrics`. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv } from './access.ts'
import type { ControlPlane } from './control.ts'
import type { Metrics } from './metrics.ts'
import { failures, json } from './openapi.ts'

const Alive = z.object({ status: z.literal('alive') }).openapi('Alive')
const Readiness = z
  .object({
    status: z.enum(['starting', 'ready', 'draining', 'failing']),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
    recovered: z.number().openapi({ description: 'Calls found live at start, and ended.' }),
  })
  .openapi('Readiness')

const livez = createRoute({
  method: 'get',
  path: '/livez',
  operationId: 'livez',
  summary: 'The process answers',
  tags: ['server'],
  security: [],
  responses: { 200: { description: 'Alive.', ...json(Alive) } },
})

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'readyz',
  summary: 'New calls are taken',
  tags: ['server'],
  security: [],
  responses: {
    200: { description: 'Ready.', ...json(Readiness) },
    503: { description: 'Starting, draining, or something that it needs fails.', ...json(Readiness) },
  },
})

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  summary: 'Prometheus metrics',
  tags: ['server'],
  responses: {
    200: { description: 'Text exposition format.', content: { 'text/plain': { schema: z.string() } } },
    ...failures(401, 403),
  },
})

export function addHealth(app: OpenAPIHono<ApiEnv>, control: ControlPlane, metrics: Metrics): void {
  app.openapi(livez, (c) => c.json({ status: 'alive' as const }, 200))
  app.openapi(readyz, async (c) => {
    const { state, checks, recovered } = await control.health()
    const failing = checks.some(({ ok }) => !ok)
    const status = state === 'ready' && failing ? ('failing' as const) : state
    const body = {
      status,
      // Details name files and addresses: they are for the log, not for whoever asks.
      checks: checks.map(({ name, ok }) => ({ name, ok })),
      recovered,
    }
    return c.json(body, status === 'ready' ? 200 : 503)
  })
  app.openapi(metricsRoute, async (c) =>
    c.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType }),
  )
}
