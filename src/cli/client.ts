/** The running server, asked over its HTTP API. */
import { isWildcard } from '../config/address.ts'
import { bearerExpected, isBearer } from '../config/bearer.ts'
import { CommandError, type Io, UsageError } from './io.ts'

/** Flags of every command that talks to a server. */
export const serverFlags = {
  url: { type: 'text' },
  token: { type: 'text' },
  config: { type: 'text' },
  json: { type: 'flag' },
} as const

export const serverHelp = `Server:
  --url URL       where it is (or ONHOOK_URL; else as the configuration says, else http://127.0.0.1:8060)
  --token TOKEN   its bearer token (or ONHOOK_TOKEN)
  --json          print JSON`

type ServerFlags = Readonly<{ url: string | undefined; token: string | undefined; config: string | undefined }>

type Query = Readonly<Record<string, string | number | undefined>>

export interface Client {
  readonly url: string
  get<T>(path: string, query?: Query): Promise<T>
  post<T>(path: string, body: unknown, headers?: Record<string, string>): Promise<T>
  /** Server-sent events, until the signal or the server ends them. */
  events(path: string, signal: AbortSignal): AsyncGenerator<ServerEvent>
  /** Pages until `limit` items are there. */
  list<T>(path: string, query: Query, limit: number): Promise<readonly T[]>
}

export type ServerEvent = Readonly<{ event: string; data: unknown }>

/** The server said no. */
export class ServerError extends CommandError {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    const { code = `http.${status}`, title = 'the server refused', detail, remedy = remedies[status] } = body
    super([`${title} (${code})`, detail, remedy].filter((part) => part !== undefined).join('. '), String(code))
    this.name = 'ServerError'
    this.status = status
    this.body = body
  }
}

const largestPage = 1000

/** What the server cannot know: how this command is told of it. */
const remedies: Readonly<Record<number, string>> = {
  401: 'Name one of its configuration with --token, or in ONHOOK_TOKEN',
}

export async function createClient(flags: ServerFlags, io: Io): Promise<Client> {
  const base = await urlOf(flags, io)
  const token = tokenOf(flags, io)

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response
    try {
      response = await fetch(new URL(path, base), {
        ...init,
        redirect: 'error',
        headers: { ...(init.headers as object), ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      })
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error
      const { cause } = error as { cause?: { code?: string; message?: string } }
      const why = cause?.code ?? cause?.message ?? (error as Error).message
      throw new CommandError(
        `no server answers at ${base} (${why}). Start one with "onhook dev" or "onhook serve", or name it with --url`,
        'cli.no-server',
      )
    }
    if (response.ok) return response
    const body = await response.json().catch(() => ({}))
    throw new ServerError(response.status, body as Record<string, unknown>)
  }

  const client: Client = {
    url: base,
    async get<T>(path: string, query: Query = {}) {
      const given = Object.entries(query).filter(([, value]) => value !== undefined)
      const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))
      return (await (await request(given.length === 0 ? path : `${path}?${search}`)).json()) as T
    },
    async post<T>(path: string, body: unknown, headers: Record<string, string> = {}) {
      const response = await request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      return (await response.json()) as T
    },
    async *events(path, signal) {
      const response = await request(path, { signal, headers: { accept: 'text/event-stream' } })
      if (response.body !== null) yield* serverSentEvents(response.body)
    },
    async list<T>(path: string, query: Query, limit: number) {
      const items: T[] = []
      let cursor: string | undefined
      while (items.length < limit) {
        const size = Math.min(largestPage, limit - items.length)
        const page: { items: T[]; next: string | null } = await client.get(path, { ...query, limit: size, cursor })
        items.push(...page.items)
        if (page.next === null) break
        cursor = page.next
      }
      return items
    },
  }
  return client
}

/** Looked at before anything is sent: what `fetch` says of a wrong one quotes it. */
function tokenOf({ token }: ServerFlags, io: Io): string | undefined {
  const [given, place] = token === undefined ? [io.env.ONHOOK_TOKEN || undefined, 'ONHOOK_TOKEN'] : [token, '--token']
  if (given !== undefined && !isBearer(given)) {
    throw new UsageError(
      `the token in ${place} cannot be one: ${bearerExpected}. Give it as "http.tokens" of the server's configuration has it`,
    )
  }
  return given
}

async function urlOf({ url, config }: ServerFlags, io: Io): Promise<string> {
  const named = url ?? (io.env.ONHOOK_URL || undefined)
  if (named !== undefined) {
    if (!/^https?:\/\//.test(named) || !URL.canParse(named))
      throw new CommandError(`"${named}" is no http address`, 'cli.bad-url')
    const { username, password } = new URL(named)
    if (username !== '' || password !== '') {
      const place = url === undefined ? 'ONHOOK_URL' : '--url'
      throw new UsageError(
        `no user and password in ${place}: servers know tokens; name one with --token, or in ONHOOK_TOKEN`,
      )
    }
    return named
  }
  // Loaded only here: most command lines on a server's own machine name it, or need no file.
  const { loadConfig } = await import('../config/load.ts')
  const loaded = loadConfig({ ...(config !== undefined && { file: config }), environment: io.env, cwd: io.cwd })
  if (!loaded.ok) return 'http://127.0.0.1:8060'
  const { host, port } = loaded.config.http
  const reachable = isWildcard(host) ? (host === '::' ? '::1' : '127.0.0.1') : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

/** Events of a `text/event-stream`; comments are left out. */
export async function* serverSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      const event = /^event: (.*)$/m.exec(block)?.[1]
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) }
    }
  }
}
