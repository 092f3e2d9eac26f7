import { expect, test } from 'vitest'
import { certificate, closedPort, httpServer, httpsServer, rawServer, request, saying, webClient } from './servers.ts'

const head = 'HTTP/1.1 200 OK\r\n'

type Row = readonly [what: string, serve: () => Promise<string>, error: string]

const rows: readonly Row[] = [
  ['nobody listens', async () => `http://127.0.0.1:${await closedPort()}`, 'connect'],
  ['the connection is closed at once', () => rawServer((socket) => socket.end()), 'closed'],
  ['it closes without an answer', () => saying(''), 'closed'],
  ['it resets without an answer', () => saying('', 'reset'), 'closed'],
  ['it closes within the head', () => saying(`${head}content-le`), 'closed'],
  ['it closes within the body', () => saying(`${head}content-length: 50\r\n\r\nshort`), 'closed'],
  ['it resets within the body', () => saying(`${head}content-length: 50\r\n\r\nshort`, 'reset'), 'closed'],
  ['it closes within a chunk', () => saying(`${head}transfer-encoding: chunked\r\n\r\nff\r\nshort`), 'closed'],
  ['it does not speak HTTP', () => saying('220 smtp.test ESMTP\r\n'), 'closed'],
  ['its head has no end', () => saying(`${head}x-long: ${'y'.repeat(100_000)}\r\n\r\n`), 'too-large'],
  ['it announces too much', () => saying(`${head}content-length: 1001\r\n\r\n`, 'stay'), 'too-large'],
  ['it sends too much unannounced', () => saying(`${head}\r\n${'x'.repeat(1001)}`, 'stay'), 'too-large'],
  [
    'it sends too much in chunks',
    () => saying(`${head}transfer-encoding: chunked\r\n\r\n${`100\r\n${'x'.repeat(256)}\r\n`.repeat(4)}`, 'stay'),
    'too-large',
  ],
  [
    'it never stops sending',
    () =>
      rawServer((socket) => {
        socket.write(`${head}\r\n`)
        const timer = setInterval(() => socket.write('x'.repeat(100_000)), 1)
        socket.on('close', () => clearInterval(timer))
      }),
    'too-large',
  ],
  ['its certificate signs itself', () => httpsServer((_, response) => response.end()), 'tls'],
  [
    'it speaks no TLS',
    async () => (await rawServer((socket) => socket.write('220 smtp.test\r\n'))).replace('http:', 'https:'),
    'tls',
  ],
  ['it ends the handshake', async () => (await rawServer((socket) => socket.end())).replace('http:', 'https:'), 'tls'],
]

test.each(rows)('%s', async (_, serve, error) => {
  const result = await webClient().fetch(request(await serve()))
  expect(result).toMatchObject({ ok: false, error, detail: expect.stringMatching(/./) })
})

test('a certificate for another name is a TLS failure, the right name is not', async () => {
  const url = await httpsServer((_, response) => response.end('ok'))
  const client = webClient({ ca: certificate })
  expect(await client.fetch(request(url.replace('app.test', 'other.test')))).toMatchObject({ ok: false, error: 'tls' })
  expect(await client.fetch(request(url))).toMatchObject({ ok: true, status: 200 })
})

test('a name that does not resolve is told from a server that does not answer', async () => {
  const client = webClient({
    resolve: (_name, done) => done(Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' }), []),
  })
  expect(await client.fetch(request('http://nowhere.test/'))).toMatchObject({ ok: false, error: 'dns' })
  const empty = webClient({ resolve: (_name, done) => done(null, []) })
  expect(await empty.fetch(request('http://nowhere.test/'))).toMatchObject({ ok: false, error: 'dns' })
})

test('a body of exactly the limit, and a status of any kind, are answers', async () => {
  const client = webClient()
  const full = await httpServer((_, response) => response.end('x'.repeat(1000)))
  expect(await client.fetch(request(full))).toMatchObject({ ok: true, status: 200 })
  for (const status of [204, 400, 401, 404, 429, 500, 503]) {
    const url = await httpServer((_, response) => response.writeHead(status).end())
    expect(await client.fetch(request(url))).toMatchObject({ ok: true, status })
  }
})

test('an interim answer is not the answer', async () => {
  const url = await saying(`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${head}content-length: 2\r\n\r\nok`)
  const result = await webClient().fetch(request(url))
  expect(result).toMatchObject({ ok: true, status: 200 })
  expect(result.ok && Buffer.from(result.body).toString()).toBe('ok')
})

test('after a failure the same server is reached again', async () => {
  let requests = 0
  const url = await httpServer((incoming, response) => {
    if (++requests % 2 === 1) incoming.socket.resetAndDestroy()
    else response.end('ok')
  })
  const client = webClient()
  expect(await client.fetch(request(url))).toMatchObject({ ok: false, error: 'closed' })
  expect(await client.fetch(request(url))).toMatchObject({ ok: true })
  expect(await client.fetch(request(url))).toMatchObject({ ok: false, error: 'closed' })
  expect(await client.fetch(request(url))).toMatchObject({ ok: true })
})

test('bytes beyond the announced length are no part of this answer, nor of the next', async () => {
  const url = await saying(`${head}content-length: 2\r\n\r\nokHTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n`, 'stay')
  const client = webClient()
  for (let time = 0; time < 2; time++) {
    const result = await client.fetch(request(url))
    expect(result).toMatchObject({ ok: true, status: 200 })
    expect(result.ok && Buffer.from(result.body).toString()).toBe('ok')
  }
})
