import type { Dispatcher } from 'undici'
import type { Instant } from '../call/ending.ts'
import type { Clock, Disarm } from '../switchboard/ports.ts'
import { connectFault, exchangeFault, type WebFault } from './web-error.ts'

/** One request to one address. Times are milliseconds, `deadline` a moment. */
export type Hop = Readonly<{
  url: URL
  method: 'GET' | 'POST'
  headers: Readonly<Record<string, string>>
  body: string | undefined
  connectTimeout: number
  readTimeout: number
  deadline: Instant
  maxBytes: number
  signal: AbortSignal | undefined
}>

export type Answer = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: Uint8Array }>

export type HopResult = Readonly<{ ok: true } & Answer> | Readonly<{ ok: false } & WebFault>

type State =
  /** No connection stands yet, so nothing was sent. */
  | { name: 'connecting' }
  | { name: 'waiting'; controller: Dispatcher.DispatchController }
  | {
      name: 'reading'
      controller: Dispatcher.DispatchController
      status: number
      headers: Readonly<Record<string, string>>
      chunks: Buffer[]
      bytes: number
    }
  | { name: 'done' }

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

export function isRedirect({ status, headers }: Pick<Answer, 'status' | 'headers'>): boolean {
  return redirects.has(status) && headers.location !== undefined
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Lower-case names; a repeated header is one value, joined as RFC 9110 §5.3 allows. */
function joined(raw: RawHeaders): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(raw)) {
    if (value !== undefined) headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

/**
 * One request and its answer, as undici reports them. The result comes exactly once; the three limits are told apart
 * by the state in which time ran out.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #hop: Hop
  readonly #clock: Clock
  readonly #conclude: (result: HopResult) => void
  readonly #total: Disarm
  #limit: Disarm
  #state: State = { name: 'connecting' }

  constructor(hop: Hop, clock: Clock, conclude: (result: HopResult) => void) {
    this.#hop = hop
    this.#clock = clock
    this.#conclude = conclude
    this.#limit = this.#alarm(hop.connectTimeout, `no connection within ${hop.connectTimeout} ms`)
    this.#total = clock.alarm(hop.deadline, () => this.#expire('the whole took too long'))
    hop.signal?.addEventListener('abort', this.#aborted, { once: true })
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up before the connection stood: then it must not be sent either.
    if (this.#state.name !== 'connecting') return controller.abort(new Error('given up'))
    this.#state = { name: 'waiting', controller }
    this.#awaitMore()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, raw: RawHeaders): void {
    // Interim answers (100, 103) come before the one that counts: RFC 9110 §15.2.
    if (this.#state.name !== 'waiting' || status < 200) return
    const headers = joined(raw)
    if (isRedirect({ status, headers })) {
      this.#finish({ ok: true, status, headers, body: new Uint8Array() })
      return
    }
    this.#state = { name: 'reading', controller, status, headers, chunks: [], bytes: 0 }
    if (Number(headers['content-length'] ?? 0) > this.#hop.maxBytes) this.#tooLarge()
    else this.#awaitMore()
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#state.name !== 'reading') return
    this.#state.bytes += chunk.length
    if (this.#state.bytes > this.#hop.maxBytes) return this.#tooLarge()
    this.#state.chunks.push(chunk)
    this.#awaitMore()
  }

  onResponseEnd(): void {
    if (this.#state.name !== 'reading') return
    const { status, headers, chunks } = this.#state
    const [only, ...more] = chunks
    const body = only !== undefined && more.length === 0 ? only : Buffer.concat(chunks)
    this.#finish({ ok: true, status, headers, body })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const fault =
      this.#state.name === 'connecting'
        ? connectFault(error, this.#hop.url.protocol === 'https:')
        : exchangeFault(error)
    this.#finish({ ok: false, ...fault })
  }

  /** What undici does not even try to send. */
  notSent(detail: string): void {
    this.#finish({ ok: false, error: 'bad-url', detail })
  }

  readonly #aborted = (): void => this.#finish({ ok: false, error: 'aborted', detail: 'given up by the caller' })

  #tooLarge(): void {
    this.#finish({ ok: false, error: 'too-large', detail: `more than ${this.#hop.maxBytes} bytes` })
  }

  #awaitMore(): void {
    this.#limit()
    this.#limit = this.#alarm(this.#hop.readTimeout, `nothing heard for ${this.#hop.readTimeout} ms`)
  }

  #alarm(after: number, detail: string): Disarm {
    return this.#clock.alarm(this.#clock.now() + after, () => this.#expire(detail))
  }

  #expire(detail: string): void {
    this.#finish({ ok: false, error: this.#state.name === 'connecting' ? 'connect' : 'timeout', detail })
  }

  #finish(result: HopResult): void {
    const state = this.#state
    if (state.name === 'done') return
    this.#state = { name: 'done' }
    this.#limit()
    this.#total()
    this.#hop.signal?.removeEventListener('abort', this.#aborted)
    const whole = result.ok && !isRedirect(result)
    // An answer that is not read to its end leaves bytes on the connection that nobody may mistake for the next one.
    if (!whole && state.name !== 'connecting') state.controller.abort(new Error('not read to its end'))
    this.#conclude(result)
  }
}

/** Sends one request. Never rejects: whatever happens is the result. */
export function exchange(agent: Dispatcher, clock: Clock, hop: Hop): Promise<HopResult> {
  return new Promise((resolve) => {
    const handler = new Exchange(hop, clock, resolve)
    try {
      agent.dispatch(
        {
          origin: hop.url.origin,
          path: `${hop.url.pathname}${hop.url.search}`,
          method: hop.method,
          headers: hop.headers,
          body: hop.body ?? null,
        },
        handler,
      )
    } catch (error) {
      handler.notSent(error instanceof Error ? error.message : String(error))
    }
  })
}
