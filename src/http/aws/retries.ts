/**
 * AWS clients send a request again when its answer is late or lost, and say so: every attempt bears the same
 * `amz-sdk-invocation-id`. It is done once, and all attempts get the one answer, also those that come meanwhile.
 */
import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Clock } from '../../switchboard/ports.ts'
import type { ApiEnv } from '../access.ts'
import { Once } from '../once.ts'

/** Clients give up within a minute. */
const kept = { entries: 10_000, milliseconds: 15 * 60_000 } as const

/** Reads are not remembered. */
export function onceEach(clock: Clock): MiddlewareHandler<ApiEnv> {
  const once = new Once(clock, kept)
  return async (c, next) => {
    const id = c.req.header('amz-sdk-invocation-id')
    if (id === undefined || c.req.method === 'GET') return next()
    const body = createHash('sha256')
      .update(await c.req.text())
      .digest('base64')
    return once.do(c, next, { name: JSON.stringify([c.get('caller').name, c.req.method, c.req.path, id, body]) })
  }
}
