/** `Idempotency-Key`: a request that is sent twice is done once, and answered the same both times. */
import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Clock } from '../switchboard/ports.ts'
import type { ApiEnv } from './access.ts'
import { Once } from './once.ts'

const kept = { entries: 10_000, milliseconds: 24 * 3600 * 1000 } as const

/**
 * Answers are kept in memory for a day. After a restart ends are idempotent all the same, because a call ends once;
 * a placed call could be placed again.
 */
export function idempotent(clock: Clock): MiddlewareHandler<ApiEnv> {
  const once = new Once(clock, kept)
  return async (c, next) => {
    const key = c.req.header('idempotency-key')
    if (key === undefined || c.req.method !== 'POST') return next()
    const name = JSON.stringify([c.get('caller').name, c.req.path, key])
    const fingerprint = createHash('sha256')
      .update(await c.req.text())
      .digest('base64')
    return once.do(c, next, { name, fingerprint })
  }
}
