import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type AppServiceOptions = Readonly<{
  hsToken: Readonly<{ reveal(): string }>
  /** Resolves when the transaction is durable. Rejected, the homeserver comes again. */
  transaction(id: string, events: readonly unknown[]): Promise<void>
  /** Whether a user is one of our ghosts; makes it if so. */
  user(userId: string): Promise<boolean>
  onFault(fault: unknown, doing: string): void
}>

/** What the homeserver talks to: the application service API. */
export interface AppService {
  listen(host: string, port: number): Promise<AddressInfo>
  close(): Promise<void>
}

/** A transaction holds at most 100 events of 64 KiB and their envelopes; nothing longer comes from a homeserver. */
const bodyLimit = 32 * 1024 * 1024

type Answer = Readonly<{ status: number; body: Readonly<Record<string, unknown>> }>

const done: Answer = { status: 200, body: {} }
const failed = (status: number, errcode: string, error: string): Answer => ({ status, body: { errcode, error } })

/** With and without the prefix: older homeservers have none. */
const paths = {
  transaction: /^(?:\/_matrix\/app\/v1)?\/transactions\/([^/]+)$/,
  user: /^(?:\/_matrix\/app\/v1)?\/users\/([^/]+)$/,
  room: /^(?:\/_matrix\/app\/v1)?\/rooms\/([^/]+)$/,
  ping: /^\/_matrix\/app\/v1\/ping$/,
} as const

export function createAppService(options: AppServiceOptions): AppService {
  const server: Server = createServer({ requestTimeout: 60_000, headersTimeout: 20_000 }, (request, response) => {
    answer(request, options).then(
      (made) => write(response, made),
      (fault) => {
        options.onFault(fault, 'a request of the homeserver')
        write(response, failed(500, 'M_UNKNOWN', 'not done: come again'))
      },
    )
  })
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, () => resolve(server.address() as AddressInfo))
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(request: IncomingMessage, options: AppServiceOptions): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://onhook.invalid')
  // The body of a stranger is not read.
  if (!knows(options.hsToken.reveal(), tokenOf(request, url))) return failed(403, 'M_FORBIDDEN', 'bad token')
  const { method = 'GET' } = request
  const transaction = paths.transaction.exec(url.pathname)
  if (transaction !== null) {
    return method === 'PUT' ? deliver(request, unescaped(transaction[1]!), options) : wrongMethod
  }
  const user = paths.user.exec(url.pathname)
  if (user !== null) {
    if (method !== 'GET') return wrongMethod
    return (await options.user(unescaped(user[1]!))) ? done : failed(404, 'M_NOT_FOUND', 'no such user')
  }
  if (paths.room.test(url.pathname)) return failed(404, 'M_NOT_FOUND', 'no such room')
  if (paths.ping.test(url.pathname)) return method === 'POST' ? done : wrongMethod
  return failed(404, 'M_UNRECOGNIZED', 'no such endpoint')
}

const wrongMethod = failed(405, 'M_UNRECOGNIZED', 'no such method here')

async function deliver(request: IncomingMessage, id: string, options: AppServiceOptions): Promise<Answer> {
  const text = await read(request)
  if (text === undefined) return failed(413, 'M_TOO_LARGE', 'the body is too large')
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return failed(400, 'M_NOT_JSON', 'the body is not JSON')
  }
  const events = (body as { events?: unknown } | null)?.events
  if (!Array.isArray(events)) return failed(400, 'M_BAD_JSON', '"events" is required')
  await options.transaction(id, events)
  return done
}

/** Undefined: too long. */
async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyLimit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** The header, or the query of older homeservers. */
function tokenOf({ headers }: IncomingMessage, url: URL): string {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')
  return bearer?.[1] ?? url.searchParams.get('access_token') ?? ''
}

/** In a time that says nothing of where they differ, nor of how long they are. */
function knows(expected: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(expected), digest(given))
}

function unescaped(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function write(response: ServerResponse, { status, body }: Answer): void {
  if (response.headersSent || response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // What was not read of a refused body is not read as the next request.
    ...(status === 403 || status === 413 ? { connection: 'close' } : {}),
  })
  response.end(text)
}
