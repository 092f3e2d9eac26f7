import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import plivo from 'plivo'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWebClient } from '../../../src/delivery/web-client.ts'
import { parseForm } from '../../../src/dialects/vobiz/index.ts'
import { systemClock } from '../../../src/switchboard/clock.ts'
import { token, World } from './world.ts'

const busy = '<Response><Hangup reason="busy"/></Response>'
const xml = { 'content-type': 'application/xml' }

type Seen = Readonly<{ method: string; url: string; headers: Readonly<Record<string, string>>; body: string }>

/** An app that behaves in the way that its path names. */
const manners: Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>> = {
  '/busy': (response) => response.writeHead(200, xml).end(busy),
  '/late': (response) => void setTimeout(() => response.writeHead(200, xml).end(busy), 300),
  '/never': () => {},
  '/trickle': (response) => {
    response.writeHead(200, xml).write('<Response>')
    const drip = setInterval(() => response.write(' '), 50)
    response.on('close', () => clearInterval(drip))
  },
  '/html': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Hi</body></html>'),
  '/untyped': (response) => response.writeHead(200).end(busy),
  '/latin1': (response) =>
    response
      .writeHead(200, { 'content-type': 'text/xml; charset=iso-8859-1' })
      .end(Buffer.from('<Response><!-- é --><Hangup reason="busy"/></Response>', 'latin1')),
  '/big': (response) => response.writeHead(200, xml).end(`<Response>${' '.repeat(150_000)}</Response>`),
  '/unsized': (response) => {
    response.writeHead(200, xml)
    for (let piece = 0; piece < 20; piece++) response.write(' '.repeat(10_000))
    response.end()
  },
  '/entity': (response) => response.writeHead(200, xml).end('<Response><Play>http://x/?a=1&b=2</Play></Response>'),
  '/bomb': (response) =>
    response.writeHead(200, xml).end('<!DOCTYPE R [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Response>&b;</Response>'),
  '/302': (response) => response.writeHead(302, { location: '/busy' }).end(),
  '/circle': (response) => response.writeHead(302, { location: '/circle' }).end(),
  '/401': (response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end(),
  '/500': (response) => response.writeHead(500, xml).end(busy),
  '/204': (response) => response.writeHead(204).end(),
  '/close': (_response, request) => void request.socket.destroy(),
  '/cut': (response, request) => {
    response.writeHead(200, { ...xml, 'content-length': '500' }).write('<Response>')
    setTimeout(() => request.socket.destroy(), 20)
  },
}

let server: Server
let base: string
const seen: Seen[] = []
const web = createWebClient({ clock: systemClock(), version: 'test', addresses: { allow: ['127.0.0.0/8'] } })

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { method = '', url = '' } = request
      seen.push({ method, url, headers: request.headers as Record<string, string>, body })
      const path = url.split('?')[0]!
      ;(manners[path] ?? ((missing) => missing.writeHead(404).end()))(response, request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await web.close()
  server.closeAllConnections()
  server.close()
})

/** No retries, half a second of patience. */
const policy = '#rc=0&ct=400&rt=500'

async function call(path: string, app: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const world = await World.of({ web, app: { answerUrl: base + path + policy, ...app } })
  await world.ended()
  return world
}

type Row = readonly [manner: string, path: string, wire: string, code: string]

const rows: readonly Row[] = [
  ['answers', '/busy', 'refuse busy', '3010'],
  ['answers late', '/late', 'refuse busy', '3010'],
  ['never answers', '/never', 'refuse app-unreachable', '7011'],
  ['trickles for ever', '/trickle', 'refuse app-unreachable', '7011'],
  ['answers HTML', '/html', 'refuse app-invalid', '8011'],
  ['names no type', '/untyped', 'refuse busy', '3010'],
  ['answers in another charset', '/latin1', 'refuse busy', '3010'],
  ['answers more than 100 KB', '/big', 'refuse app-invalid', '8011'],
  ['answers more than 100 KB without saying so', '/unsized', 'refuse app-invalid', '8011'],
  ['breaks an entity', '/entity', 'refuse app-invalid', '8011'],
  ['sends an entity bomb', '/bomb', 'refuse app-invalid', '8011'],
  ['redirects', '/302', 'refuse busy', '3010'],
  ['redirects in a circle', '/circle', 'refuse app-unreachable', '7011'],
  ['answers 401', '/401', 'refuse app-unreachable', '7011'],
  ['answers 500', '/500', 'refuse app-unreachable', '7011'],
  ['answers nothing', '/204', 'refuse app-invalid', '8011'],
  ['closes the socket', '/close', 'refuse app-unreachable', '7011'],
  ['closes it in the middle', '/cut', 'refuse app-unreachable', '7011'],
  ['is not there', '/missing', 'refuse app-unreachable', '7011'],
]

describe('an app that', () => {
  it.each(rows)('%s: %s leaves nobody ringing', async (_manner, path, wire, code) => {
    const world = await call(path)
    expect(world.wire).toEqual([wire])
    expect(world.webhook).toMatchObject({ HangupCauseCode: code, Duration: '0', AnswerTime: '' })
    expect(world.faults).toEqual([])
  })

  it('listens to nobody has a caller who is told so', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    const world = await World.of({ web, app: { answerUrl: `http://127.0.0.1:${port}/${policy}` } })
    await world.ended()
    expect(world.wire).toEqual(['refuse app-unreachable'])
  })

  it('is in a network that webhooks may not reach has one too', async () => {
    const guarded = createWebClient({ clock: systemClock(), version: 'test' })
    const world = await World.of({ web: guarded, app: { answerUrl: `${base}/busy${policy}` } })
    await world.ended()
    expect(world.record.ending).toMatchObject({ cause: 'app-unreachable', codes: { platform: 7011 } })
    expect(world.record.ending.detail).toContain('refused-address')
    await guarded.close()
  })

  it('is broken is helped by its fallback', async () => {
    for (const path of ['/500', '/entity']) {
      const world = await call(path, { fallbackUrl: `${base}/busy` })
      expect(world.wire).toEqual(['refuse busy'])
    }
  })

  it('checks signatures finds them right on the wire, by GET and by POST', async () => {
    for (const answerMethod of ['GET', 'POST'] as const) {
      seen.length = 0
      await call('/busy?tenant=a', { answerMethod, answerUrl: `${base}/busy?tenant=a${policy}` })
      const { method, url, headers, body } = seen[0]!
      const whole = base + url
      const params = method === 'POST' ? Object.fromEntries(parseForm(body)) : {}
      const { 'x-plivo-signature-v3': signature = '', 'x-plivo-signature-v3-nonce': nonce = '' } = headers
      expect(method).toBe(answerMethod)
      expect(plivo.validateV3Signature(method, whole, nonce, token, signature, params)).toBe(true)
      expect(headers['x-vobiz-signature-v2']).toBe(headers['x-plivo-signature-v2'])
      expect(plivo.validateSignature(whole, nonce, headers['x-vobiz-signature-v2'] ?? '', token)).toBe(true)
    }
  })
})
