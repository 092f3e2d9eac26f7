/** A homeserver that fails when it is told to: real ones are in test/peers. It keeps what the specification makes it keep. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Said = Readonly<{ room: string; type: string; txn: string; as: string; content: Record<string, unknown> }>

export type Fault =
  | Readonly<{ status: number; body?: unknown; headers?: Record<string, string> }>
  /** Takes the request, does what it says, and dies before it answers. */
  | 'done-unanswered'
  | 'hang'

type Request = Readonly<{ method: string; path: string; query: URLSearchParams; body: Record<string, unknown> }>

export class FakeHomeserver {
  /** Events in the order in which they came; each transaction id once. */
  readonly said: Said[] = []
  readonly requests: string[] = []
  /** Events whose time has not come (MSC4140), by their delay's id. */
  readonly held = new Map<string, Said>()
  /** Transaction ids of all that was ever held. */
  readonly #delayed = new Set<string>()
  readonly #waiting: (() => void)[] = []
  /** What goes wrong with the next requests whose path and query match. */
  faults: { match: RegExp; fault: Fault; times: number }[] = []
  features: Record<string, boolean> = {}
  turn: { status: number; body: unknown } = { status: 200, body: {} }
  #server: Server | undefined
  #port = 0
  #rooms = 0

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then((made) => {
        if (made === 'hang') return
        if (made === 'done-unanswered') return response.destroy()
        response.writeHead(made.status, { 'content-type': 'application/json', ...made.headers })
        response.end(JSON.stringify(made.body ?? {}))
      })
    })
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  fail(match: RegExp, fault: Fault, times = 1): void {
    this.faults.push({ match, fault, times })
  }

  async #answer(request: IncomingMessage) {
    const url = new URL(request.url!, this.url)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const path = decodeURIComponent(url.pathname)
    this.requests.push(`${request.method} ${path}`)
    for (const resolve of this.#waiting.splice(0)) resolve()
    const asked = { method: request.method!, path, query: url.searchParams, body: text === '' ? {} : JSON.parse(text) }
    const planned = this.faults.find(({ match, times }) => times > 0 && match.test(path + url.search))
    if (planned === undefined) return this.#do(asked)
    planned.times--
    if (planned.fault === 'done-unanswered') this.#do(asked)
    return planned.fault
  }

  #do({ method, path, query, body }: Request): { status: number; body?: unknown; headers?: Record<string, string> } {
    const send = /\/rooms\/([^/]+)\/send\/([^/]+)\/([^/]+)$/.exec(path)
    if (send !== null) {
      const [, room = '', type = '', txn = ''] = send
      const as = query.get('user_id') ?? ''
      if (query.has('org.matrix.msc4140.delay')) {
        if (!this.#delayed.has(txn)) this.held.set(`delay-${txn}`, { room, type, txn, as, content: body })
        this.#delayed.add(txn)
        return { status: 200, body: { delay_id: `delay-${txn}` } }
      }
      if (!this.said.some((each) => each.txn === txn)) this.said.push({ room, type, txn, as, content: body })
      return { status: 200, body: { event_id: `$${txn}` } }
    }
    const [, delay] = /\/delayed_events\/([^/]+)$/.exec(path) ?? []
    if (delay !== undefined) {
      if (!this.held.has(delay)) return { status: 404, body: { errcode: 'M_NOT_FOUND' } }
      if (body.action === 'send') this.sayHeld(delay)
      if (body.action === 'cancel') this.held.delete(delay)
      return { status: 200, body: {} }
    }
    if (path.endsWith('/delayed_events')) {
      const theirs = [...this.held].filter(([, { as }]) => as === query.get('user_id'))
      const listed = theirs.map(([delay_id, { room, type, content }]) => ({ delay_id, room_id: room, type, content }))
      return { status: 200, body: { delayed_events: listed } }
    }
    if (path.endsWith('/versions')) return { status: 200, body: { versions: [], unstable_features: this.features } }
    if (path.endsWith('/turnServer')) return this.turn
    if (path.endsWith('/createRoom')) return { status: 200, body: { room_id: `!made${++this.#rooms}:hs` } }
    if (method === 'GET') return { status: 404, body: { errcode: 'M_NOT_FOUND' } }
    return { status: 200, body: {} }
  }

  /** Its time has come, or it was asked for. */
  sayHeld(delay: string): void {
    this.said.push(this.held.get(delay)!)
    this.held.delete(delay)
  }

  /** Of the family of call events, by type and what it says. */
  get calls(): string[] {
    return this.said.map(({ type, content }) => [type.replace('m.call.', ''), content.reason].filter(Boolean).join(' '))
  }

  async until(what: () => boolean, limit = 10_000): Promise<void> {
    const end = performance.now() + limit
    while (!what()) {
      if (performance.now() > end)
        throw new Error(`waited ${limit} ms; ${JSON.stringify(this.calls)} ${this.requests.join('\n')}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20)
        this.#waiting.push(() => {
          clearTimeout(timer)
          setTimeout(resolve, 0)
        })
      })
    }
  }
}
