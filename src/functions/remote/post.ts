import type { Dispatcher } from 'undici'

export type Posted = Readonly<{
  status: number
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Undefined if it has more than was allowed. */
  text: string | undefined
}>

export type Posting = Readonly<{
  /** Rejects with undici's fault, or with what it was given up for. */
  answer: Promise<Posted>
  giveUp(why: Error): void
}>

/**
 * One request and its whole answer, as undici's connections report them. Its faces for people put a stream, an iterator and a signal of their own
 * around each, and a call waits for that: a third of what an answer costs here on its way to the wire.
 */
class Post implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Posted>
  readonly #most: number
  readonly #resolve: (posted: Posted) => void
  readonly #reject: (fault: Error) => void
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #givenUp: Error | undefined
  #status = 0
  #headers: Posted['headers'] = {}
  #bytes = 0

  constructor(most: number) {
    const { promise, resolve, reject } = Promise.withResolvers<Posted>()
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#most = most
  }

  /** Also before a connection stands: then it is not sent at all. */
  giveUp(why: Error): void {
    this.#givenUp ??= why
    this.#controller?.abort(why)
    this.#reject(why)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#givenUp !== undefined) return controller.abort(this.#givenUp)
    this.#controller = controller
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Posted['headers']): void {
    // Interim answers come before the one that counts (RFC 9110 §15.2).
    if (status < 200) return
    this.#status = status
    this.#headers = headers
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes <= this.#most) {
      this.#chunks.push(chunk)
      return
    }
    this.#resolve({ status: this.#status, headers: this.#headers, text: undefined })
    // What is not read to its end must not be taken for the next answer.
    controller.abort(new Error('not read to its end'))
  }

  onResponseEnd(): void {
    const [only, ...more] = this.#chunks
    const bytes = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#chunks)
    this.#resolve({ status: this.#status, headers: this.#headers, text: bytes.toString('utf8') })
  }

  onResponseError(_controller: Dispatcher.DispatchController, fault: Error): void {
    this.#reject(fault)
  }
}

/** @param most bytes of the answer */
export function post(
  agent: Dispatcher,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  most: number,
): Posting {
  const handler = new Post(most)
  try {
    agent.dispatch({ origin: url.origin, path: `${url.pathname}${url.search}`, method: 'POST', headers, body }, handler)
  } catch (fault) {
    handler.giveUp(fault instanceof Error ? fault : new Error(String(fault)))
  }
  return handler
}
