import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { rawServer, request, webClient } from './servers.ts'

/** A server that takes connections and says what the test has it say. */
async function silent(): Promise<{ url: string; socket: Promise<Socket>; heard: () => string }> {
  const { promise, resolve } = Promise.withResolvers<Socket>()
  let heard = ''
  const url = await rawServer((socket) => {
    socket.on('data', (chunk) => {
      heard += chunk
      resolve(socket)
    })
  })
  return { url, socket: promise, heard: () => heard }
}

const limits = { connectTimeout: 100, readTimeout: 200, totalTimeout: 1000 }

test('no connection within its time: connect, and nothing is sent when it stands after all', async () => {
  const clock = new VirtualClock()
  let connect: () => void = () => {}
  const { url, heard } = await silent()
  const client = webClient({
    clock,
    resolve: (_name, done) => {
      connect = () => done(null, [{ address: '127.0.0.1', family: 4 }])
    },
  })
  const result = client.fetch(request(url.replace('127.0.0.1', 'app.test'), limits))
  await clock.pass(99)
  expect(clock.armed).toBeGreaterThan(0)
  await clock.pass(1)
  expect(await result).toEqual({
    ok: false,
    error: 'connect',
    detail: 'no connection within 100 ms',
    milliseconds: 100,
  })
  expect(clock.armed).toBe(0)
  connect()
  await sleep(50)
  expect(heard()).toBe('')
})

test('a connection, but no answer: timeout', async () => {
  const clock = new VirtualClock()
  const { url, socket } = await silent()
  const result = webClient({ clock }).fetch(request(url, limits))
  await socket
  await clock.pass(200)
  expect(await result).toEqual({ ok: false, error: 'timeout', detail: 'nothing heard for 200 ms', milliseconds: 200 })
  expect(clock.armed).toBe(0)
})

test('each byte extends the reading, the total ends it', async () => {
  const clock = new VirtualClock()
  const { url, socket } = await silent()
  const result = webClient({ clock }).fetch(request(url, limits))
  const server = await socket
  const closed = once(server, 'close')
  server.write('HTTP/1.1 200 OK\r\n\r\n')
  for (let at = 0; at < 900; at += 150) {
    await sleep(20)
    await clock.pass(150)
    server.write('x')
  }
  await sleep(20)
  await clock.pass(100)
  expect(await result).toMatchObject({
    ok: false,
    error: 'timeout',
    detail: 'the whole took too long',
    milliseconds: 1000,
  })
  await closed
})

test('redirects do not extend the total', async () => {
  const clock = new VirtualClock()
  const url = await rawServer((socket) => {
    socket.on('data', () => {
      clock.advance(150)
      socket.write('HTTP/1.1 302 Found\r\nlocation: /next\r\ncontent-length: 0\r\n\r\n')
    })
  })
  const result = await webClient({ clock }).fetch(request(url, { ...limits, totalTimeout: 500, maxRedirects: 100 }))
  expect(result).toMatchObject({ ok: false, detail: 'the whole took too long' })
})

test('an answer in time leaves no alarm armed', async () => {
  const clock = new VirtualClock()
  const { url, socket } = await silent()
  const result = webClient({ clock }).fetch(request(url, limits))
  const server = await socket
  server.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  expect(await result).toMatchObject({ ok: true, status: 200 })
  expect(clock.armed).toBe(0)
})

test('giving up ends a request in every state, at once', async () => {
  const clock = new VirtualClock()
  const client = webClient({ clock })
  expect(await client.fetch(request('http://127.0.0.1:1/', { signal: AbortSignal.abort() }))).toMatchObject({
    ok: false,
    error: 'aborted',
  })

  const stages: readonly ((socket: Socket) => void)[] = [
    () => {},
    (socket) => socket.write('HTTP/1.1 200 OK\r\n'),
    (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nbegun'),
  ]
  for (const stage of stages) {
    const { url, socket } = await silent()
    const controller = new AbortController()
    const result = client.fetch(request(url, { signal: controller.signal }))
    const server = await socket
    stage(server)
    await sleep(20)
    const closed = once(server, 'close')
    controller.abort()
    expect(await result).toMatchObject({ ok: false, error: 'aborted' })
    await closed
    expect(clock.armed).toBe(0)
  }
})

test('closing the client ends what is under way', async () => {
  const { url, socket } = await silent()
  const client = webClient()
  const result = client.fetch(request(url))
  await socket
  await client.close()
  expect(await result).toMatchObject({ ok: false, error: 'aborted' })
  expect(await client.fetch(request(url))).toMatchObject({ ok: false, error: 'aborted' })
})
