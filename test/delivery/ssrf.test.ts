import type { LookupAddress } from 'node:dns'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createWebClient } from '../../src/delivery/web-client.ts'
import { systemClock } from '../../src/switchboard/clock.ts'
import { httpServer, request, webClient } from './servers.ts'

const public4: LookupAddress = { address: '8.8.8.8', family: 4 }
const loopback: LookupAddress = { address: '127.0.0.1', family: 4 }

test.each([
  'http://127.0.0.1:1/',
  'http://[::1]:1/',
  'http://[::ffff:127.0.0.1]:1/',
  'http://0x7f.1:1/',
  'http://2130706433:1/',
  'http://0:1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[fd00:ec2::254]/',
  'http://192.168.0.1/',
  'http://①②⑦.⓪.⓪.①:1/',
])('%s is refused before anything is sent', async (url) => {
  const client = webClient({ addresses: {}, resolve: (_name, done) => done(null, [public4]) })
  expect(await client.fetch(request(url))).toMatchObject({ ok: false, error: 'refused-address' })
})

test.each([
  [[loopback]],
  [[public4, loopback]],
  [[{ address: '::1', family: 6 }]],
  [[{ address: '::ffff:10.0.0.1', family: 6 }]],
  [[{ address: 'what', family: 4 }]],
])('a name that leads to %j is refused', async (addresses) => {
  const client = webClient({ addresses: {}, resolve: (_name, done) => done(null, addresses) })
  const result = await client.fetch(request('http://app.test/'))
  expect(result).toMatchObject({ ok: false, error: 'refused-address', detail: expect.stringContaining('app.test') })
})

test('localhost, as the system resolves it, is refused', async () => {
  const client = createWebClient({ clock: systemClock(), version: '1.2.3' })
  onTestFinished(() => client.close())
  expect(await client.fetch(request('http://localhost:1/'))).toMatchObject({ ok: false, error: 'refused-address' })
})

test('a name is resolved once for each connection, and the checked address is the one connected to', async () => {
  const url = await httpServer((_, response) => response.end('inside'))
  let lookups = 0
  const client = webClient({
    addresses: { allow: ['127.0.0.1/32'] },
    // Rebinding: the second answer would be another address.
    resolve: (_name, done) => done(null, [lookups++ === 0 ? loopback : { address: '127.0.0.2', family: 4 }]),
  })
  const named = url.replace('127.0.0.1', 'app.test')
  expect(await client.fetch(request(named))).toMatchObject({ ok: true, status: 200 })
  expect(lookups).toBe(1)
  // undici rests a connection for a turn of the loop before it uses it again.
  await sleep(10)
  // The connection is kept, so the name is not asked again; nothing is sent anywhere else.
  expect(await client.fetch(request(named))).toMatchObject({ ok: true, status: 200 })
  expect(lookups).toBe(1)
})

test.each(['http://127.0.0.2:1/', 'http://inside.test:1/', 'http://[::1]:1/', 'http://169.254.169.254/'])(
  'a redirect to %s is refused like a first request',
  async (location) => {
    const url = await httpServer((_, response) => response.writeHead(302, { location }).end())
    const client = webClient({
      addresses: { allow: ['127.0.0.1/32'] },
      resolve: (_name, done) => done(null, [{ address: '10.0.0.1', family: 4 }]),
    })
    expect(await client.fetch(request(url))).toMatchObject({ ok: false, error: 'refused-address' })
  },
)
