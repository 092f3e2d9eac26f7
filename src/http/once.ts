/** Requests that are done once, however often they are sent, and answered the same every time. */
import type { Context, Next } from 'hono'
import type { Clock } from '../switchboard/ports.ts'
import { Problem } from './problem.ts'

type Answer = Readonly<{ status: number; headers: readonly (readonly [string, string])[]; body: string }>
type Kept = Readonly<{ fingerprint: string; at: number; answer: Promise<Answer | null> }>

/** How many answers are kept, and how long. The oldest goes first. */
export type Memory = Readonly<{ entries: number; milliseconds: number }>

export type Asked = Readonly<{
  /** The same for every attempt of one request. */
  name: string
  /** Of the body, where one name must not stand for another one. */
  fingerprint?: string
}>

export class Once {
  readonly #answers = new Map<string, Kept>()
  readonly #clock: Clock
  readonly #memory: Memory

  constructor(clock: Clock, memory: Memory) {
    this.#clock = clock
    this.#memory = memory
  }

  /**
   * Does what was asked, or gives the answer that it had before; attempts that come meanwhile wait for it. A failure of ours is not
   * kept: it may be tried again.
   * @throws Problem `idempotency.mismatch`
   */
  async do(c: Context, next: Next, { name, fingerprint = '' }: Asked): Promise<Response | undefined> {
    this.#forgetOld()
    for (let before = this.#answers.get(name); before !== undefined; before = this.#answers.get(name)) {
      if (before.fingerprint !== fingerprint) throw new Problem('idempotency.mismatch')
      const answer = await before.answer
      if (answer !== null) return replayed(answer)
      // It failed. Of several that waited for it, the first tries again, and the others wait for that one.
      if (this.#answers.get(name) === before) this.#answers.delete(name)
    }
    const { promise, resolve } = Promise.withResolvers<Answer | null>()
    this.#answers.set(name, { fingerprint, at: this.#clock.now(), answer: promise })
    let done: Answer | null = null
    try {
      await next()
      done = c.res.status >= 500 ? null : await taken(c.res)
    } finally {
      if (done === null) this.#answers.delete(name)
      resolve(done)
    }
    return undefined
  }

  #forgetOld(): void {
    const { entries, milliseconds } = this.#memory
    for (const [name, { at }] of this.#answers) {
      if (this.#clock.now() - at < milliseconds && this.#answers.size < entries) return
      this.#answers.delete(name)
    }
  }
}

async function taken(response: Response): Promise<Answer> {
  const copy = response.clone()
  return { status: copy.status, headers: [...copy.headers], body: await copy.text() }
}

function replayed({ status, headers, body }: Answer): Response {
  return new Response(status === 204 ? null : body, {
    status,
    headers: [...headers.map(([name, value]): [string, string] => [name, value]), ['idempotent-replay', 'true']],
  })
}
