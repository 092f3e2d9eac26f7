/** What goes from Onhook to its homeserver, passed on as it is, and noted. */
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Passed = Readonly<{
  /** Milliseconds, monotonic: when the request came, and when its answer went. */
  at: number
  answered: number
  method: string
  path: string
  status: number
  /** Milliseconds that the answer asks to wait. */
  retryAfter: number | undefined
}>

export class Tap {
  readonly passed: Passed[] = []
  readonly #server: ReturnType<typeof createServer>

  private constructor(homeserver: string) {
    this.#server = createServer((request, response) => {
      const at = performance.now()
      const { method = '', url = '', headers } = request
      const onward = ask(new URL(url, homeserver), { method, headers }, (reply) => {
        const { statusCode: status = 0 } = reply
        const retry = reply.headers['retry-after']
        this.passed.push({
          at,
          answered: performance.now(),
          method,
          path: decodeURIComponent(url),
          status,
          retryAfter: retry === undefined ? undefined : Number(retry) * 1000,
        })
        response.writeHead(status, reply.headers)
        reply.pipe(response)
      })
      onward.on('error', () => response.destroy())
      request.pipe(onward)
    })
  }

  static async open(homeserver: string): Promise<Tap> {
    const tap = new Tap(homeserver)
    await new Promise<void>((resolve) => tap.#server.listen(0, '127.0.0.1', resolve))
    return tap
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** What was said in a room, delayed events left out. */
  sends(room: string): Passed[] {
    return this.passed.filter(
      ({ method, path }) =>
        method === 'PUT' && path.includes(`/rooms/${room}/send/`) && !path.includes('msc4140.delay'),
    )
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}
