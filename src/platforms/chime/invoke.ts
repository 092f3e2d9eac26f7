import { type FunctionResponse, parseResponse } from '../../dialects/chime/index.ts'
import type { FunctionResult } from '../../switchboard/ports.ts'
import type { Application } from './app.ts'
import { shortened } from './failure.ts'
import type { Means } from './means.ts'

export type Invoked =
  | Readonly<{ type: 'answered'; response: FunctionResponse }>
  /** It answered, but with nothing that can be used. */
  | Readonly<{ type: 'invalid'; code: string; message: string }>
  | Readonly<{ type: 'unreachable'; detail: string }>
  | Readonly<{ type: 'aborted' }>

/**
 * Hands one event to an application's function: again after 5 s without an answer and once more after a fault, for 20 s
 * at most (guide, "Timeouts and retries"). All attempts carry the same event, the first usable answer counts, and later ones
 * are dropped. Never rejects.
 */
export async function invoke(
  application: Application,
  event: unknown,
  means: Means,
  signal: AbortSignal,
): Promise<Invoked> {
  const { clock, functions, ids, limits } = means
  const deadline = clock.now() + limits.total
  const given = new AbortController()
  const stop = () => given.abort(givenUp)
  let underWay = 0
  if (signal.aborted) return { type: 'aborted' }
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<Invoked>((resolve) => {
      const disarms: (() => void)[] = []
      const finish = (invoked: Invoked) => {
        for (const disarm of disarms) disarm()
        resolve(invoked)
      }
      given.signal.addEventListener('abort', () => finish({ type: 'aborted' }), { once: true })
      let faults = 0
      let late = 0
      /** What to say if nothing better comes. */
      let last: Invoked = { type: 'unreachable', detail: 'no answer' }
      const attempt = () => {
        if (given.signal.aborted) return
        underWay++
        const left = deadline - clock.now()
        // The slow attempt goes on: whichever answers first counts.
        const calm = clock.alarm(clock.now() + limits.attempt, slow)
        disarms.push(calm)
        functions
          .invoke(application.function, event, { timeout: left, requestId: ids.uuid(), signal: given.signal })
          .then((result) => {
            calm()
            settled(result)
          })
      }
      const slow = () => {
        if (late >= limits.retries || deadline - clock.now() < limits.attempt) return
        late++
        attempt()
      }
      const settled = (result: FunctionResult) => {
        underWay--
        const invoked = read(result)
        if (invoked.type === 'answered') return finish(invoked)
        // An answer that cannot be used says more than none.
        if (invoked.type === 'invalid' || last.type !== 'invalid') last = invoked
        if (underWay > 0) return
        if (last.type === 'unreachable' && faults < limits.retries && clock.now() < deadline) {
          faults++
          return attempt()
        }
        finish(last)
      }
      disarms.push(
        clock.alarm(deadline, () =>
          finish({ type: 'unreachable', detail: `no answer within ${limits.total / 1000} s` }),
        ),
      )
      attempt()
    })
  } finally {
    signal.removeEventListener('abort', stop)
    if (underWay > 0) given.abort(givenUp)
  }
}

/** Made once: the answer's way to the wire leads past here, and an exception made on the way notes its whole stack. */
const givenUp = new DOMException('another attempt was answered, or nobody waits any more', 'AbortError')

function read(result: FunctionResult): Invoked {
  if (!result.ok) {
    const { error, detail } = result
    return error === 'not-json'
      ? { type: 'invalid', code: 'not-json', message: detail }
      : { type: 'unreachable', detail: `${error}: ${detail}` }
  }
  const parsed = parseResponse(result.value)
  if (parsed.ok) return { type: 'answered', response: parsed.value }
  const [fault] = parsed.faults
  return {
    type: 'invalid',
    code: fault?.code ?? 'chime.response-type',
    message: fault === undefined ? 'the response cannot be used' : shortened(`${fault.place}: ${fault.message}`),
  }
}
