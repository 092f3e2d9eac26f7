/** `Idempotency-Key`: a request that is sent twice is done once, and answered the same both times. */
import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Clock } from '../switchboard/ports.ts'
import type { ApiEnv } from './access.ts'
import { Problem } from './problem.ts'

type Answer = Readonly<{ status: number; headers: readonly (readonly [string, string])[]; body: string }>
type Kept = Readonly<{ fingerprint: string; at: number; answer: Promise<Answer | null> }>

const kept = { entries: 10_000, milliseconds: 24 * 3600 * 1000 } as const

/**
 * Answers are kept in memory for a day. After a restart ends are idempotent all the same, because a call ends once;
 * a placed call could be placed again.
 */
export function idempotent(clock: Clock): MiddlewareHandler<ApiEnv> {
  const answers = new Map<string, Kept>()
  return async (c, next) => {
    const key = c.req.header('idempotency-key')
    if (key === undefined || c.req.method !== 'POST') return next()
    const name = JSON.stringify([c.get('caller').name, c.req.path, key])
    const fingerprint = createHash('sha256')
      .update(await c.req.text())
      .digest('base64')
    forgetOld(answers, clock.now())
    const before = answers.get(name)
    if (before !== undefined) {
      if (before.fingerprint !== fingerprint) throw new Problem('idempotency.mismatch')
      const answer = await before.answer
      if (answer !== null) return replayed(answer)
    }
    let settle!: (answer: Answer | null) => void
    const answer = new Promise<Answer | null>((resolve) => {
      settle = resolve
    })
    answers.set(name, { fingerprint, at: clock.now(), answer })
    await next()
    const done = await taken(c.res)
    // A failure of ours may be tried again under the same key.
    if (done.status >= 500) answers.delete(name)
    settle(done.status >= 500 ? null : done)
  }
}

function forgetOld(answers: Map<string, Kept>, now: number): void {
  for (const [name, { at }] of answers) {
    if (now - at < kept.milliseconds && answers.size < kept.entries) return
    answers.delete(name)
  }
}

async function taken(response: Response): Promise<Answer> {
  const copy = response.clone()
  return { status: copy.status, headers: [...copy.headers], body: await copy.text() }
}

function replayed({ status, headers, body }: Answer): Response {
  return new Response(body, {
    status,
    headers: [...headers.map(([name, value]): [string, string] => [name, value]), ['idempotent-replay', 'true']],
  })
}
