import type { IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { certificate, httpServer, httpsServer, request, webClient } from './servers.ts'

type Seen = { method: string | undefined; url: string | undefined; body: string; headers: IncomingHttpHeaders }

/** A server whose first path redirects to its second, and what reached the second. */
async function redirecting(status: number, location = '/second'): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const url = await httpServer(async (incoming, response) => {
    const body = await text(incoming)
    if (incoming.url === '/first') return response.writeHead(status, { location }).end('moved')
    seen.push({ method: incoming.method, url: incoming.url, body, headers: incoming.headers })
    return response.end('there')
  })
  return { url: `${url}/first`, seen }
}

test.each([
  [301, 'GET', ''],
  [302, 'GET', ''],
  [303, 'GET', ''],
  [307, 'POST', 'hello'],
  [308, 'POST', 'hello'],
])('%i is followed with %s', async (status, method, body) => {
  const { url, seen } = await redirecting(status)
  const result = await webClient().fetch(request(url))
  expect(result).toMatchObject({ ok: true, status: 200, url: url.replace('first', 'second') })
  expect(seen).toMatchObject([{ method, body }])
  expect(seen[0]?.headers['content-type']).toBe(method === 'GET' ? undefined : 'text/plain')
})

test.each([304, 300, 302])('%i without a location is an answer like any other', async (status) => {
  const url = await httpServer((_, response) => response.writeHead(status).end())
  expect(await webClient().fetch(request(url))).toMatchObject({ ok: true, status })
})

test('a loop ends after the allowed number of hops', async () => {
  let requests = 0
  const url = await httpServer((_, response) => {
    requests++
    response.writeHead(302, { location: '/again' }).end()
  })
  const result = await webClient().fetch(request(url, { maxRedirects: 3 }))
  expect(result).toMatchObject({ ok: false, error: 'redirects', detail: 'more than 3 redirects' })
  expect(requests).toBe(4)
})

test('no redirect is followed where none is allowed', async () => {
  const { url, seen } = await redirecting(302)
  expect(await webClient().fetch(request(url, { maxRedirects: 0 }))).toMatchObject({ ok: false, error: 'redirects' })
  expect(seen).toEqual([])
})

test.each(['ftp://app.test/', 'file:///etc/passwd', 'javascript:alert(1)', 'http://', 'http://[::'])(
  'a redirect to %s is refused',
  async (location) => {
    const { url } = await redirecting(302, location)
    expect(await webClient().fetch(request(url))).toMatchObject({ ok: false, error: 'redirects' })
  },
)

test('a redirect never leaves TLS', async () => {
  const plain = await httpServer((_, response) => response.end('in the clear'))
  const secure = await httpsServer((_, response) => response.writeHead(302, { location: plain }).end())
  const client = webClient({ ca: certificate })
  expect(await client.fetch(request(secure))).toMatchObject({ ok: false, error: 'redirects' })
})

test('every hop is signed for its own URL', async () => {
  const { url, seen } = await redirecting(307)
  const signed: string[] = []
  const sign = (of: string) => {
    signed.push(of)
    return { 'x-signature': `${signed.length}` }
  }
  await webClient().fetch(request(`${url}#rc=2`, { headers: { 'X-Signature': 'stale' }, sign }))
  expect(signed).toEqual([url, url.replace('first', 'second')])
  expect(seen[0]?.headers['x-signature']).toBe('2')
})

test('credentials stay with the place they were given for', async () => {
  const elsewhere: Seen[] = []
  const other = await httpServer((incoming, response) => {
    elsewhere.push({ method: incoming.method, url: incoming.url, body: '', headers: incoming.headers })
    response.end()
  })
  const { url } = await redirecting(307, other)
  await webClient().fetch(request(url.replace('http://', 'http://user:pass@'), { headers: { cookie: 'a=b' } }))
  expect(elsewhere[0]?.headers.authorization).toBeUndefined()
  expect(elsewhere[0]?.headers.cookie).toBeUndefined()

  const { url: same, seen } = await redirecting(307)
  await webClient().fetch(request(same.replace('http://', 'http://user:pass@')))
  expect(seen[0]?.headers.authorization).toBe(`Basic ${btoa('user:pass')}`)
})
