/** `/api/calls`: what lives, ending it, and placing a call. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Call } from '../call/call.ts'
import { legOf } from '../call/call.ts'
import type { Reason } from '../call/input.ts'
import type { Clock, EndResult as End } from '../switchboard/ports.ts'
import { type ApiEnv, requireScope } from './access.ts'
import type { Audit } from './audit.ts'
import type { ControlPlane, PlaceRequest } from './control.ts'
import { callMatcher } from './filter.ts'
import { failures, json } from './openapi.ts'
import { Problem, wrongCursor } from './problem.ts'
import {
  CallOrRecord,
  callFilter,
  EndBody,
  EndManyBody,
  EndManyResult,
  EndResult,
  idempotency,
  LiveCall,
  PlaceBody,
  Placed,
  pageOf,
  paging,
} from './schemas.ts'
import { endView, liveCallView, recordView } from './views.ts'

const id = z.object({ id: z.string().max(128) })
const list = createRoute({
  method: 'get',
  path: '/api/calls',
  operationId: 'listCalls',
  summary: 'Live calls, oldest first',
  tags: ['calls'],
  middleware: [requireScope('read')] as const,
  request: { query: z.strictObject({ ...callFilter, ...paging }) },
  responses: { 200: { description: 'A page.', ...json(pageOf(LiveCall, 'LiveCallPage')) }, ...failures(400, 401, 403) },
})

const read = createRoute({
  method: 'get',
  path: '/api/calls/{id}',
  operationId: 'readCall',
  summary: 'One call: as it lives, or its record',
  tags: ['calls'],
  middleware: [requireScope('read')] as const,
  request: { params: id },
  responses: { 200: { description: 'The call.', ...json(CallOrRecord) }, ...failures(400, 401, 403, 404) },
})

const end = createRoute({
  method: 'post',
  path: '/api/calls/{id}/end',
  operationId: 'endCall',
  summary: 'End a call, or one leg of it',
  description:
    'In any state, and as often as you like: a second end changes nothing and gets the first result. `already-ended` ' +
    'says that something else had ended it. The answer says what went on the wire.',
  tags: ['calls'],
  middleware: [requireScope('end')] as const,
  request: { params: id, headers: idempotency, body: json(EndBody) },
  responses: {
    200: { description: 'How it ended.', ...json(EndResult) },
    ...failures(400, 401, 403, 404, 413, 415, 422),
  },
})

const endMany = createRoute({
  method: 'post',
  path: '/api/calls/end',
  operationId: 'endCalls',
  summary: 'End many calls',
  description: 'A result for each call. With `dryRun` nothing ends.',
  tags: ['calls'],
  middleware: [requireScope('end')] as const,
  request: { headers: idempotency, body: { required: true, ...json(EndManyBody) } },
  responses: {
    200: { description: 'A result per call.', ...json(EndManyResult) },
    ...failures(400, 401, 403, 413, 415, 422),
  },
})

const place = createRoute({
  method: 'post',
  path: '/api/calls',
  operationId: 'placeCall',
  summary: 'Place a call',
  description: 'What may be called, and through which trunk, is the configuration’s word (`outbound`).',
  tags: ['calls'],
  middleware: [requireScope('admin')] as const,
  request: { headers: idempotency, body: { required: true, ...json(PlaceBody) } },
  responses: {
    201: { description: 'On its way.', ...json(Placed) },
    ...failures(400, 401, 403, 413, 415, 422, 503),
  },
})

/** As our identifiers are written. */
const anId = /^[\da-f]+(-[\da-f]+)+$/

/** Calls ended between two turns of the event loop: a bulk end must not hold up the calls that go on. */
const endsPerTurn = 100

export function addCalls(app: OpenAPIHono<ApiEnv>, control: ControlPlane, clock: Clock, audit: Audit): void {
  app.openapi(list, (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query')
    if (cursor !== undefined && !anId.test(cursor)) throw wrongCursor()
    const fits = callMatcher(filter, clock.now())
    const items: Call[] = []
    for (const call of control.live()) {
      // Identifiers are UUIDv7: later calls have greater ones.
      if ((cursor !== undefined && call.id <= cursor) || !fits(call)) continue
      items.push(call)
      if (items.length > limit) break
    }
    const page = items.slice(0, limit)
    return c.json({ items: page.map(liveCallView), next: items.length > limit ? page.at(-1)!.id : null }, 200)
  })

  app.openapi(read, async (c) => {
    const call = control.find(c.req.valid('param').id)
    if (call?.state.name === 'live') return c.json({ state: 'live' as const, call: liveCallView(call) }, 200)
    const record = await control.ledger.record(c.req.valid('param').id)
    if (record !== undefined) return c.json({ state: 'ended' as const, record: recordView(record) }, 200)
    // Ended this moment: its record is on its way to the disk.
    if (call !== undefined) return c.json({ state: 'live' as const, call: liveCallView(call) }, 200)
    throw new Problem('call.unknown')
  })

  app.openapi(end, async (c) => {
    const { cause = 'hangup', detail, leg } = c.req.valid('json')
    const call = c.req.valid('param').id
    const known = control.find(call)
    if (leg !== undefined && known !== undefined && legOf(known, leg) === undefined) throw new Problem('leg.unknown')
    const result = await control.end(call, reasonOf(cause, detail), leg)
    audit(c, { action: 'end', call, leg, cause, result: result.result })
    if (result.result === 'unknown') throw new Problem('call.unknown')
    return c.json(endView(result), 200)
  })

  app.openapi(endMany, async (c) => {
    const { calls, filter, all, cause, detail, dryRun } = c.req.valid('json')
    if ([calls, filter, all].filter((choice) => choice !== undefined).length !== 1) {
      throw new Problem('end.no-filter', 'expected exactly one of "calls", "filter" and "all"')
    }
    // A filter that came out empty, of variables that were not set, must not mean everybody.
    if (filter !== undefined && Object.values(filter).every((value) => value === undefined)) {
      throw new Problem('end.no-filter', 'the filter is empty: every live call is "all": true')
    }
    const ids = calls ?? idsOf(control.live(), callMatcher(filter ?? {}, clock.now()))
    const results = dryRun
      ? await Promise.all(ids.map((call) => foreseen(control, call)))
      : await endEach(control, ids, reasonOf(cause, detail))
    const counts = { 'would-end': 0, ended: 0, 'already-ended': 0, unknown: 0 }
    for (const { result } of results) counts[result]++
    if (!dryRun) for (const { call, result } of results) audit(c, { action: 'end', call, cause, result })
    return c.json({ dryRun, counts, results }, 200)
  })

  app.openapi(place, async (c) => {
    const body = c.req.valid('json')
    const health = await control.health()
    if (health.state !== 'ready') throw new Problem('server.draining')
    const request = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
    const placed = await control.place(request as PlaceRequest)
    audit(c, { action: 'place', ...(placed.ok && { call: placed.call }), result: placed.ok ? 'placed' : placed.code })
    if (!placed.ok && placed.code === 'place.draining') throw new Problem('server.draining')
    if (!placed.ok) {
      throw new Problem('place.refused', placed.message, {
        reason: placed.code,
        ...(placed.remedy && { remedy: placed.remedy }),
      })
    }
    const { call, leg, to, trunk } = placed
    c.header('location', `/api/calls/${call}`)
    return c.json({ call, leg, to, trunk }, 201)
  })
}

function reasonOf(cause: Reason['cause'], detail: string | undefined): Reason {
  return { cause, actor: 'api', ...(detail !== undefined && { detail }) }
}

function idsOf(calls: Iterable<Call>, fits: (call: Call) => boolean): string[] {
  const ids: string[] = []
  for (const call of calls) if (fits(call)) ids.push(call.id)
  return ids
}

async function foreseen(control: ControlPlane, id: string): Promise<z.output<typeof EndManyResult>['results'][number]> {
  const call = control.find(id)
  const record = call === undefined ? await control.ledger.record(id) : undefined
  if (call === undefined && record === undefined) return { call: id, result: 'unknown', sent: [] }
  const { from, to, ending } = call === undefined ? recordView(record!) : liveCallView(call)
  return ending === undefined
    ? { call: id, result: 'would-end', from, to, sent: [] }
    : { call: id, result: 'already-ended', from, to, ending, sent: [] }
}

async function endEach(control: ControlPlane, ids: readonly string[], reason: Reason) {
  const results: ({ from?: string; to?: string } & ReturnType<typeof endView>)[] = []
  for (let at = 0; at < ids.length; at += endsPerTurn) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve))
    const some = ids.slice(at, at + endsPerTurn)
    const before = some.map((id) => control.find(id))
    const ended: readonly End[] = await Promise.all(some.map((id) => control.end(id, reason)))
    ended.forEach((result, index) => {
      const call = before[index]
      const who = call === undefined ? {} : { from: liveCallView(call).from, to: liveCallView(call).to }
      results.push({ ...endView(result), ...who })
    })
  }
  return results
}
