import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Listening, listen } from '../../src/http/listen.ts'
import { allTokens, createFaces, tokens } from './faces.ts'

const open: Listening[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close(0)
})

async function serve(options = {}) {
  const faces = createFaces(options)
  const listening = await listen(faces.app, { host: '127.0.0.1', port: 0 })
  open.push(listening)
  return { ...faces, ...listening }
}

/** Until the condition holds; a bounded wait for a real socket. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(holds()).toBe(true)
}

describe('on a real socket', () => {
  it('answers, with a token and without', async () => {
    const { url } = await serve({ tokens: allTokens })
    expect((await fetch(`${url}/livez`)).status).toBe(200)
    expect((await fetch(`${url}/api/calls`)).status).toBe(401)
    const response = await fetch(`${url}/api/calls`, { headers: { authorization: `Bearer ${tokens.read}` } })
    expect([response.status, response.headers.get('x-content-type-options')]).toEqual([200, 'nosniff'])
  })

  it('logs who ended a call, and from where', async () => {
    const { url, control, lines } = await serve()
    const id = control.add()
    await fetch(`${url}/api/calls/${id}/end`, { method: 'POST' })
    expect(lines).toMatchObject([{ audit: true, by: 'local', source: '127.0.0.1', call: id }])
  })

  it('refuses a request whose Host names another machine', async () => {
    const { url } = await serve()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /api/calls HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n')
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('lets go of a reader of events whose connection breaks', async () => {
    const { url, control } = await serve({ events: { readers: 1 } })
    const abort = new AbortController()
    const response = await fetch(`${url}/api/events`, { signal: abort.signal })
    const reader = response.body!.getReader()
    await reader.read()
    await until(() => control.clock.armed === 1)
    abort.abort()
    await reader.read().catch(() => {})
    await until(() => control.clock.armed === 0)
    const again = await fetch(`${url}/api/events`)
    expect(again.status).toBe(200)
    await again.body?.cancel()
  })

  it('stops: feeds end, the port is free', async () => {
    const faces = createFaces()
    const { url, close } = await listen(faces.app, { host: '127.0.0.1', port: 0 })
    const reader = (await fetch(`${url}/api/events`)).body!.getReader()
    await reader.read()
    faces.close()
    await close()
    expect(await reader.read()).toMatchObject({ done: true })
    await expect(fetch(`${url}/livez`)).rejects.toThrow()
  })

  it('a port in use is an error, not a crash', async () => {
    const { url } = await serve()
    const port = Number(new URL(url).port)
    await expect(listen(createFaces().app, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
