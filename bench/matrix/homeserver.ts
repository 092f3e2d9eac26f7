/**
 * As much of a homeserver as an application service needs: takes what it sends, notes when, and hands it every event of its
 * rooms in ordered transactions, its own included. No store, no checks: it must not be what is measured.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'
import { now } from '../machine/time.ts'

export type SentEvent = Readonly<{
  /** The moment at which the request was here. */
  at: number
  room: string
  type: string
  content: Readonly<Record<string, unknown>>
}>

export class Homeserver {
  static readonly serverName = 'bench.local'
  readonly #server = createServer((request, response) => void this.#take(request, response))
  readonly #agent = new Agent({ connections: 1, pipelining: 1, keepAliveTimeout: 1_000 })
  readonly #tokens: Readonly<{ as: string; hs: string }>
  #service = ''
  #waiting: { event: Record<string, unknown>; handed?: (at: number) => void }[] = []
  #state: 'idle' | 'sending' | 'closed' = 'idle'
  #transaction = 0
  #event = 0
  readonly #members = new Map<string, readonly string[]>()
  /** What went wrong; whoever measures looks. */
  fault: Error | undefined
  /** Called for each event that the service sends. */
  onSent: (event: SentEvent) => void = () => {}

  constructor(tokens: Readonly<{ as: string; hs: string }>) {
    this.#tokens = tokens
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Where the service hears transactions. */
  set service(url: string) {
    this.#service = url
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    this.#server.close()
    this.#server.closeAllConnections()
    await this.#agent.destroy()
  }

  /** A room that these are in; the service hears that they joined. */
  room(id: string, members: readonly string[]): void {
    this.#members.set(id, members)
    for (const user of members) {
      void this.say(id, user, 'm.room.member', { membership: 'join', displayname: user }, user)
    }
  }

  /** A user sends an event. Resolves with the moment at which its transaction left for the service. */
  say(
    room: string,
    sender: string,
    type: string,
    content: Readonly<Record<string, unknown>>,
    stateKey?: string,
  ): Promise<number> {
    return new Promise((handed) => {
      const state = stateKey === undefined ? {} : { state_key: stateKey }
      this.#waiting.push({ event: { ...this.#about(room, sender, type, content), ...state }, handed })
      void this.#hand()
    })
  }

  #about(room: string, sender: string, type: string, content: unknown): Record<string, unknown> {
    return {
      event_id: `$${this.#event++}:${Homeserver.serverName}`,
      room_id: room,
      sender,
      type,
      content,
      origin_server_ts: Date.now(),
      unsigned: { age: 1 },
    }
  }

  /** One transaction at a time, in order. */
  async #hand(): Promise<void> {
    if (this.#state !== 'idle') return
    this.#state = 'sending'
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, 100)
      const path = `${this.#service}/_matrix/app/v1/transactions/${this.#transaction++}`
      const body = JSON.stringify({ events: batch.map(({ event }) => event) })
      const at = now()
      for (const { handed } of batch) handed?.(at)
      const statusCode = await this.#put(path, body)
      if (statusCode !== 200) this.fault ??= new Error(`a transaction was answered with ${statusCode}`)
    }
    if (this.#state === 'sending') this.#state = 'idle'
  }

  /** Until it is taken: a connection that was kept may be closed at the very moment when it is used again. */
  async #put(path: string, body: string): Promise<number> {
    for (let attempt = 1; this.#state !== 'closed'; attempt++) {
      try {
        const { statusCode, body: answer } = await request(path, {
          method: 'PUT',
          dispatcher: this.#agent,
          headers: { authorization: `Bearer ${this.#tokens.hs}`, 'content-type': 'application/json' },
          body,
        })
        await answer.dump()
        return statusCode
      } catch (fault) {
        if (attempt === 5) {
          this.fault ??= fault instanceof Error ? fault : new Error(String(fault))
          return 200
        }
      }
    }
    return 200
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now()
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    const reply = (body: unknown, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname
      .replace(/^\/_matrix\/client\/[^/]+/, '')
      .split('/')
      .slice(1)
      .map(decodeURIComponent)
    const user = url.searchParams.get('user_id') ?? `@onhook:${Homeserver.serverName}`
    const [first, room = '', verb, type = '', stateKey = ''] = path
    if (first === 'versions' || path.length === 0) return reply({ versions: ['v1.1', 'v1.13'], unstable_features: {} })
    if (request.url?.endsWith('/versions')) return reply({ versions: ['v1.1', 'v1.13'], unstable_features: {} })
    if (first === 'account') return reply({ user_id: user })
    if (first === 'voip') return reply({})
    if (first === 'register') return reply({ user_id: user })
    if (first === 'createRoom') return reply({ room_id: `!made${this.#event++}:${Homeserver.serverName}` })
    if (first === 'join') return reply({ room_id: room })
    if (first === 'rooms' && verb === 'send') {
      const content = JSON.parse(text) as Record<string, unknown>
      this.onSent({ at, room, type, content })
      const event = this.#about(room, user, type, content)
      reply({ event_id: event.event_id })
      // A homeserver hands a service the events of its own users too.
      this.#waiting.push({ event })
      void this.#hand()
      return
    }
    if (first === 'rooms' && verb === 'joined_members') {
      return reply({ joined: Object.fromEntries((this.#members.get(room) ?? []).map((each) => [each, {}])) })
    }
    if (first === 'rooms' && verb === 'members') {
      return reply({
        chunk: (this.#members.get(room) ?? [])
          .map((each) => this.#about(room, each, 'm.room.member', { membership: 'join' }))
          .map((event, index) => ({ ...event, state_key: this.#members.get(room)![index] })),
      })
    }
    if (first === 'rooms' && verb === 'state' && type === 'm.room.member') {
      const joined = this.#members.get(room)?.includes(stateKey) === true
      return joined ? reply({ membership: 'join' }) : reply({ errcode: 'M_NOT_FOUND', error: 'no member' }, 404)
    }
    if (request.method === 'GET') return reply({ errcode: 'M_NOT_FOUND', error: 'not here' }, 404)
    return reply({})
  }
}
