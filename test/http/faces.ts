import { Writable } from 'node:stream'
import type { Scope } from '../../src/config/config.ts'
import { Secret } from '../../src/config/secret.ts'
import { createHttp, type HttpFaces, type HttpOptions } from '../../src/http/app.ts'
import { createLogger } from '../../src/http/log.ts'
import { FakeControl } from './fake-control.ts'

export const tokens = {
  read: 'token-that-may-only-read',
  end: 'token-that-may-also-end',
  admin: 'token-that-may-do-it-all',
} as const

export const allTokens = (Object.keys(tokens) as Scope[]).map((scope) => ({
  name: `the-${scope}-one`,
  token: new Secret(tokens[scope]),
  scopes: [scope],
}))

export type Faces = HttpFaces & {
  control: FakeControl
  /** Log lines, parsed. */
  lines: Record<string, unknown>[]
  /** A request, and its answer as JSON. */
  ask(path: string, init?: Ask): Promise<Answer>
}

export type Ask = { method?: string; body?: unknown; token?: string; headers?: Record<string, string> }
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
export type Answer = { status: number; body: any; headers: Headers }

export function createFaces(options: Partial<HttpOptions> = {}): Faces {
  const control = (options.control as FakeControl | undefined) ?? new FakeControl()
  const lines: Record<string, unknown>[] = []
  const destination = new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()))
      done()
    },
  })
  let uuids = 0
  const faces = createHttp({
    control,
    clock: control.clock,
    ids: { uuid: () => `uuid-${++uuids}` },
    log: createLogger({ level: 'trace', destination }),
    version: '0.0.0-test',
    tokens: [],
    ...options,
  })
  return {
    ...faces,
    control,
    lines,
    async ask(path, { method, body, token, headers = {} } = {}) {
      const response = await faces.app.request(`http://127.0.0.1:8060${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = /json/.test(response.headers.get('content-type') ?? '')
      return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers }
    },
  }
}
