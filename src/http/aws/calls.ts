/** CreateSipMediaApplicationCall and UpdateSipMediaApplicationCall. */
import type { Hono } from 'hono'
import { callReplyBody, parseCreateCall, parseUpdateCall } from '../../dialects/chime/index.ts'
import type { Parsed } from '../../dialects/dialect.ts'
import type { ApiEnv } from '../access.ts'
import type { ChimeFace } from './chime.ts'
import { AwsError } from './error.ts'

const path = '/sip-media-applications/:id/calls'

export function addCalls(app: Hono<ApiEnv>, { desk, directory, audit }: ChimeFace): void {
  app.post(path, async (c) => {
    const application = directory.application(c.req.param('id'))
    if (application === undefined) throw new AwsError('NotFoundException', 'there is no such SIP media application')
    const request = right(parseCreateCall(await c.req.text()))
    const placed = await desk.create(application, request)
    audit(c, {
      action: 'place',
      call: placed.ok ? placed.transactionId : undefined,
      result: placed.ok ? 'placed' : placed.error,
    })
    if (!placed.ok) throw new AwsError(placed.error, placed.message)
    return c.json(callReplyBody(placed.transactionId), 201)
  })

  app.post(`${path}/:transaction`, async (c) => {
    const { id, transaction } = c.req.param()
    const request = right(parseUpdateCall(await c.req.text()))
    const result = desk.update(id, transaction, request.Arguments)
    audit(c, { action: 'update', call: transaction, result })
    if (result === 'unknown') throw new AwsError('NotFoundException', 'there is no such call, or it has ended')
    return c.json(callReplyBody(transaction), 202)
  })
}

function right<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value
  throw new AwsError(
    'BadRequestException',
    parsed.faults.map(({ place, message }) => `${place}: ${message}`).join('; '),
  )
}
