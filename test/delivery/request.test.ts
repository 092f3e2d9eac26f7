import type { IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { signedUrl } from '../../src/delivery/web-client.ts'
import { httpServer, request, webClient } from './servers.ts'

type Seen = { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string }

async function echo(): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const url = await httpServer(async (incoming, response) => {
    const { method, headers } = incoming
    seen.push({ method, url: incoming.url, headers, body: await text(incoming) })
    response.setHeader('x-answer', ['one', 'two'])
    response.end('<Response/>')
  })
  return { url, seen }
}

test('an answer comes whole, with its headers in lower case and the address it came from', async () => {
  const { url, seen } = await echo()
  const result = await webClient().fetch(request(`${url}/answer?a=1#rc=2&ct=100`))
  expect(result).toMatchObject({ ok: true, status: 200, url: `${url}/answer?a=1` })
  expect(result.ok && result.headers['x-answer']).toBe('one, two')
  expect(result.ok && Buffer.from(result.body).toString()).toBe('<Response/>')
  expect(seen).toMatchObject([{ method: 'POST', url: '/answer?a=1', body: 'hello' }])
})

test('a GET carries no body', async () => {
  const { url, seen } = await echo()
  await webClient().fetch(request(url, { method: 'GET', headers: {} }))
  expect(seen).toMatchObject([{ method: 'GET', body: '' }])
  expect(seen[0]?.headers['content-length']).toBeUndefined()
})

test('it says what it is, unless the request says otherwise', async () => {
  const { url, seen } = await echo()
  const client = webClient()
  await client.fetch(request(url))
  await client.fetch(request(url, { headers: { 'User-Agent': 'Vobiz' } }))
  expect(seen.map(({ headers }) => headers['user-agent'])).toEqual(['Onhook/1.2.3', 'Vobiz'])
})

test('credentials in a URL are sent as Basic, and nowhere else', async () => {
  const { url, seen } = await echo()
  const signed: string[] = []
  const withCredentials = url.replace('http://', 'http://us%40er:p%3Ass@')
  const sign = (of: string) => {
    signed.push(of)
    return {}
  }
  const result = await webClient().fetch(request(`${withCredentials}/x`, { sign }))
  expect(seen[0]?.headers.authorization).toBe(`Basic ${btoa('us@er:p:ss')}`)
  expect(signed).toEqual([`${url}/x`])
  expect(result).toMatchObject({ ok: true, url: `${url}/x` })
  expect(JSON.stringify(await webClient().fetch(request('http://user:secret@127.0.0.1:1/')))).not.toContain('secret')
})

test('a header of the connection is not the request’s to set', async () => {
  const { url, seen } = await echo()
  const headers = { Host: 'evil.test', 'Content-Length': '1', 'Transfer-Encoding': 'chunked', Connection: 'upgrade' }
  expect(await webClient().fetch(request(url, { headers }))).toMatchObject({ ok: true })
  expect(seen[0]).toMatchObject({ body: 'hello', headers: { host: new URL(url).host } })
})

test.each([
  '',
  'not a url',
  '/path',
  'ftp://app.test/',
  'file:///etc/passwd',
  'data:text/plain,x',
  'http://',
  'http://a b/',
])('%j is a bad URL', async (url) => {
  expect(await webClient().fetch(request(url))).toMatchObject({ ok: false, error: 'bad-url' })
})

test('a header that would break the request is not sent', async () => {
  const { url, seen } = await echo()
  const result = await webClient().fetch(request(url, { headers: { 'x-a': 'b\r\nx-injected: 1' } }))
  expect(result).toMatchObject({ ok: false, error: 'bad-url' })
  expect(seen).toEqual([])
})

test.each([
  ['https://answer.url', 'https://answer.url'],
  ['https://answer.url#rc=1', 'https://answer.url'],
  ['https://a.test/x?y=%7E z#ct=1#2', 'https://a.test/x?y=%7E z'],
  ['https://u:p@a.test/@b?c@d', 'https://a.test/@b?c@d'],
  ['https://u:p@ss@a.test', 'https://a.test'],
])('%s is signed as %s', (url, signed) => {
  expect(signedUrl(url)).toBe(signed)
})
