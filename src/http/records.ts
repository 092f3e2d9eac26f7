/** `/api/records` and `/api/deliveries`: what stands in the ledger. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { actors, phases } from '../call/ending.ts'
import type { Clock, RecordFilter } from '../switchboard/ports.ts'
import { type ApiEnv, requireScope } from './access.ts'
import type { Audit } from './audit.ts'
import type { ControlPlane } from './control.ts'
import { failures, json } from './openapi.ts'
import { Problem } from './problem.ts'
import { CallRecord, Cause, Delivery, idempotency, moment, pageOf, paging } from './schemas.ts'
import { deliveryView, recordView } from './views.ts'

const id = z.object({ id: z.string().max(128) })

const records = createRoute({
  method: 'get',
  path: '/api/records',
  operationId: 'listRecords',
  summary: 'Records, newest first',
  tags: ['records'],
  middleware: [requireScope('read')] as const,
  request: {
    query: z.strictObject({
      cause: Cause.optional(),
      actor: z.enum(actors).optional(),
      phase: z.enum(phases).optional(),
      network: z.string().max(64).optional(),
      platform: z.string().max(64).optional(),
      from: z.string().max(255).optional(),
      to: z.string().max(255).optional(),
      since: moment.optional(),
      until: moment.optional(),
      ...paging,
    }),
  },
  responses: { 200: { description: 'A page.', ...json(pageOf(CallRecord, 'RecordPage')) }, ...failures(400, 401, 403) },
})

const record = createRoute({
  method: 'get',
  path: '/api/records/{id}',
  operationId: 'readRecord',
  summary: 'One record',
  tags: ['records'],
  middleware: [requireScope('read')] as const,
  request: { params: id },
  responses: { 200: { description: 'The record.', ...json(CallRecord) }, ...failures(400, 401, 403, 404) },
})

const deliveries = createRoute({
  method: 'get',
  path: '/api/deliveries',
  operationId: 'listDeliveries',
  summary: 'Webhooks and their attempts, newest first',
  tags: ['deliveries'],
  middleware: [requireScope('read')] as const,
  request: {
    query: z.strictObject({
      call: z.string().max(128).optional(),
      state: z.enum(['pending', 'delivered', 'failed']).optional(),
      ...paging,
    }),
  },
  responses: { 200: { description: 'A page.', ...json(pageOf(Delivery, 'DeliveryPage')) }, ...failures(400, 401, 403) },
})

const delivery = createRoute({
  method: 'get',
  path: '/api/deliveries/{id}',
  operationId: 'readDelivery',
  summary: 'One webhook',
  tags: ['deliveries'],
  middleware: [requireScope('read')] as const,
  request: { params: id },
  responses: { 200: { description: 'The delivery.', ...json(Delivery) }, ...failures(400, 401, 403, 404) },
})

const replay = createRoute({
  method: 'post',
  path: '/api/deliveries/{id}/replay',
  operationId: 'replayDelivery',
  summary: 'Deliver a webhook once more',
  description: 'Under the identity that it always had, whatever its state.',
  tags: ['deliveries'],
  middleware: [requireScope('admin')] as const,
  request: { params: id, headers: idempotency },
  responses: { 202: { description: 'Due again.', ...json(Delivery) }, ...failures(400, 401, 403, 404) },
})

export function addRecords(app: OpenAPIHono<ApiEnv>, { ledger }: ControlPlane): void {
  app.openapi(records, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query')
    const page = await ledger.records(given(filter) as RecordFilter, { limit, ...given({ cursor }) })
    return c.json({ items: page.items.map(recordView), next: page.next }, 200)
  })
  app.openapi(record, async (c) => {
    const found = await ledger.record(c.req.valid('param').id)
    if (found === undefined) throw new Problem('record.unknown')
    return c.json(recordView(found), 200)
  })
}

export function addDeliveries(app: OpenAPIHono<ApiEnv>, { ledger }: ControlPlane, clock: Clock, audit: Audit): void {
  app.openapi(deliveries, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query')
    const page = await ledger.deliveries(given(filter), { limit, ...given({ cursor }) })
    return c.json({ items: page.items.map(deliveryView), next: page.next }, 200)
  })
  app.openapi(delivery, async (c) => {
    const found = await ledger.delivery(c.req.valid('param').id)
    if (found === undefined) throw new Problem('delivery.unknown')
    return c.json(deliveryView(found), 200)
  })
  app.openapi(replay, async (c) => {
    const due = await ledger.replay(c.req.valid('param').id, clock.now())
    audit(c, { action: 'replay', delivery: c.req.valid('param').id, result: due === undefined ? 'unknown' : 'due' })
    if (due === undefined) throw new Problem('delivery.unknown')
    return c.json(deliveryView(due), 202)
  })
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Without the keys that were not asked for. */
function given<T extends object>(query: T): Partial<Given<T>> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Partial<Given<T>>
}
