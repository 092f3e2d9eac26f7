/**
 * AWS clients send a request again when its answer is late or lost, and say so: every attempt bears the same
 * `amz-sdk-invocation-id`. It is done once, and all attempts get the one answer, also those that come meanwhile.
 */
import type { MiddlewareHandler } from 'hono'
import type { Clock } from '../../switchboard/ports.ts'
import type { ApiEnv } from '../access.ts'

type Answer = Readonly<{ status: number; headers: readonly (readonly [string, string])[]; body: string }>
type Kept = Readonly<{ at: number; answer: Promise<Answer | null> }>

/** Clients give up within a minute. */
const kept = { entries: 10_000, milliseconds: 15 * 60_000 } as const

/** Reads are not remembered; and a failure of ours may be tried again. */
export function onceEach(clock: Clock): MiddlewareHandler<ApiEnv> {
  const answers = new Map<string, Kept>()
  return async (c, next) => {
    const id = c.req.header('amz-sdk-invocation-id')
    if (id === undefined || c.req.method === 'GET') return next()
    const name = JSON.stringify([c.get('caller').name, c.req.method, c.req.path, id, await c.req.text()])
    forgetOld(answers, clock.now())
    for (let before = answers.get(name); before !== undefined; before = answers.get(name)) {
      const answer = await before.answer
      if (answer !== null) return replayed(answer)
      // It failed. Of several that waited for it, the first tries again, and the others wait for that one.
      if (answers.get(name) === before) answers.delete(name)
    }
    const { promise, resolve } = Promise.withResolvers<Answer | null>()
    answers.set(name, { at: clock.now(), answer: promise })
    let done: Answer | null = null
    try {
      await next()
      done = c.res.status >= 500 ? null : await taken(c.res)
    } finally {
      if (done === null) answers.delete(name)
      resolve(done)
    }
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
  const again = new Response(status === 204 ? null : body, {
    status,
    headers: headers.map(([name, value]) => [name, value]),
  })
  again.headers.set('idempotent-replay', 'true')
  return again
}
