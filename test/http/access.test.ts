import { describe, expect, it } from 'vitest'
import { problems } from '../../src/http/problem.ts'
import { allTokens, createFaces, tokens } from './faces.ts'

type Row = [method: string, path: string, scope: 'read' | 'end' | 'admin', body?: unknown]
const rows: Row[] = [
  ['GET', '/api/calls', 'read'],
  ['GET', '/api/calls/x', 'read'],
  ['POST', '/api/calls/x/end', 'end', {}],
  ['POST', '/api/calls/end', 'end', { all: true, dryRun: true }],
  ['POST', '/api/calls', 'admin', { to: 'alice' }],
  ['GET', '/api/records', 'read'],
  ['GET', '/api/records/x', 'read'],
  ['GET', '/api/deliveries', 'read'],
  ['GET', '/api/deliveries/x', 'read'],
  ['POST', '/api/deliveries/x/replay', 'admin'],
  ['GET', '/metrics', 'read'],
]
const rank = { read: 0, end: 1, admin: 2 }

describe('with tokens', () => {
  it.each(rows)('%s %s asks for one, and for the scope %s', async (method, path, scope, body) => {
    const { ask } = createFaces({ tokens: allTokens })
    expect(await ask(path, { method, body })).toMatchObject({ status: 401, body: { code: 'auth.missing' } })
    expect(await ask(path, { method, body, token: 'nobody-knows-this-one' })).toMatchObject({
      status: 401,
      body: { code: 'auth.invalid' },
    })
    for (const granted of ['read', 'end', 'admin'] as const) {
      const { status, body: answer } = await ask(path, { method, body, token: tokens[granted] })
      if (rank[granted] < rank[scope]) expect([status, answer.code]).toEqual([403, 'auth.scope'])
      else expect([401, 403]).not.toContain(status)
    }
  })

  it('every API route is in the table above', () => {
    const { app } = createFaces({ tokens: allTokens })
    const served = app.routes.filter(
      ({ path, method }) => (path.startsWith('/api/') || path === '/metrics') && method !== 'ALL',
    )
    const tested = new Set(rows.map(([method, path]) => `${method} ${path.replace('/x', '/:id')}`))
    const missing = [...new Set(served.map(({ method, path }) => `${method} ${path}`))].filter(
      (one) => !tested.has(one),
    )
    expect(missing.sort()).toEqual(['GET /api/events', 'GET /api/openapi.json'])
  })

  it.each(['/api/events', '/api/openapi.json'])('%s asks too', async (path) => {
    const { ask, app } = createFaces({ tokens: allTokens })
    expect((await ask(path)).status).toBe(401)
    const response = await app.request(path, { headers: { authorization: `Bearer ${tokens.read}` } })
    expect(response.status).toBe(200)
    await response.body?.cancel()
  })

  it('says how to come in', async () => {
    const { headers } = await createFaces({ tokens: allTokens }).ask('/api/calls')
    expect(headers.get('www-authenticate')).toBe('Bearer realm="onhook"')
  })

  it.each(['/livez', '/readyz'])('%s asks nobody', async (path) => {
    expect((await createFaces({ tokens: allTokens }).ask(path)).status).toBe(200)
  })

  it.each(['Basic abc', 'Bearer', `Bearer ${tokens.read} ${tokens.read}`, `bearer  ${tokens.read}x`, tokens.read])(
    'the header "%s" is none',
    async (authorization) => {
      expect((await createFaces({ tokens: allTokens }).ask('/api/calls', { headers: { authorization } })).status).toBe(
        401,
      )
    },
  )

  it('a token in the address is none', async () => {
    expect((await createFaces({ tokens: allTokens }).ask(`/api/calls?token=${tokens.admin}`)).status).toBe(401)
  })
})

describe('without tokens, on loopback', () => {
  it('this machine may do everything', async () => {
    const { ask } = createFaces()
    expect((await ask('/api/calls')).status).toBe(200)
    expect((await ask('/api/calls', { body: { to: 'alice' } })).status).toBe(201)
  })

  it.each(['http://onhook.example/api/calls', 'http://127.0.0.1.evil.example/api/calls', 'http://192.0.2.1/api/calls'])(
    'a page that turned its own name to this machine may not: %s',
    async (url) => {
      const response = await createFaces().app.request(url)
      expect(response.status).toBe(403)
    },
  )
})

describe('pages of other origins', () => {
  it.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://127.0.0.1:3000' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ origin: 'http://127.0.0.1:8060' }, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
  ] as [Record<string, string>, number][])('%j: %d, with tokens and without', async (headers, status) => {
    for (const given of [[], allTokens]) {
      const answer = await createFaces({ tokens: given }).ask('/api/calls', { headers, token: tokens.read })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  it('are told nothing by a preflight', async () => {
    const { headers } = await createFaces().ask('/api/calls', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('errors', () => {
  it('are problem+json with a stable code', async () => {
    const { status, body, headers } = await createFaces().ask('/api/records/none')
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body).toEqual({
      type: 'urn:onhook:problem:record.unknown',
      title: problems['record.unknown'].title,
      status,
      code: 'record.unknown',
    })
  })

  it.each([
    ['/nowhere', {}, 404, 'http.not-found'],
    ['/api/nowhere', {}, 404, 'http.not-found'],
    ['/api/calls?limit=0', {}, 400, 'http.bad-request'],
    ['/api/calls?phase=dancing', {}, 400, 'http.bad-request'],
    ['/api/records?since=yesterday', {}, 400, 'http.bad-request'],
    ['/api/calls?cursor=elsewhere', {}, 400, 'http.bad-request'],
    ['/api/records?casue=busy', {}, 400, 'http.bad-request'],
    ['/api/deliveries?limit=1&limit=2', {}, 400, 'http.bad-request'],
    ['/api/events?calls=x', {}, 400, 'http.bad-request'],
    ['/api/calls', { body: { to: '+1', headers: { Via: 'z' } } }, 400, 'http.bad-request'],
    ['/api/calls', { body: { to: '+1', headers: { 'X-A': 'b\r\nVia: z' } } }, 400, 'http.bad-request'],
    ['/api/calls/end', { body: '{"all":' }, 400, 'http.bad-request'],
    ['/api/calls/end', { body: { all: true, cuase: 'hangup' } }, 400, 'http.bad-request'],
    ['/api/calls/end', { body: { all: true }, headers: { 'content-type': 'text/plain' } }, 415, 'http.media-type'],
    ['/api/calls/end', { body: { detail: 'x'.repeat(1_100_000), all: true } }, 413, 'http.too-large'],
  ] as const)('%s %#: %d %s', async (path, init, status, code) => {
    expect(await createFaces().ask(path, init)).toMatchObject({ status, body: { code } })
  })

  it.each([
    ['DELETE', '/api/calls', 'GET, HEAD, POST'],
    ['OPTIONS', '/api/records/some', 'GET, HEAD'],
    ['GET', '/api/calls/some/end', 'POST'],
    ['POST', '/livez', 'GET, HEAD'],
    ['PROPFIND', '/api/events', 'GET, HEAD'],
  ])('%s %s says what is allowed there', async (method, path, allow) => {
    const { status, body, headers } = await createFaces().ask(path, { method })
    expect([status, body.code, headers.get('allow')]).toEqual([405, 'http.method', allow])
  })

  it('name every fault of a request with its place', async () => {
    const { body } = await createFaces().ask('/api/calls', { body: { to: '', ringSeconds: 0, extra: 1 } })
    expect(body.faults.map(({ place }: { place: string }) => place).sort()).toEqual([
      'json',
      'json.ringSeconds',
      'json.to',
    ])
  })

  it('of ours tell nothing, and are logged', async () => {
    const { ask, control, lines } = createFaces()
    control.ledger.record = async () => {
      throw new Error('/var/lib/onhook: disk full')
    }
    const { status, body } = await ask('/api/records/x')
    expect([status, body.code]).toEqual([500, 'http.failed'])
    expect(JSON.stringify(body)).not.toContain('disk')
    expect(JSON.stringify(lines)).toContain('disk full')
  })
})
