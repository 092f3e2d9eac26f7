import type { Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { document, type Page } from './app.ts'
import { freePort } from './places.ts'
import { describeWith } from './programs.ts'
import { type Stage, setStage } from './stage.ts'

const well = '<Hangup reason="busy"/>'
const xml = { 'content-type': 'application/xml' }
const typed =
  (type: string, body: string): Page =>
  (_params, response) => {
    response.writeHead(200, { 'content-type': type }).end(body)
  }
const status =
  (code: number, headers: Record<string, string> = {}): Page =>
  (_params, response) => {
    response.writeHead(code, { ...xml, ...headers }).end(`<Response>${well}</Response>`)
  }

/** 200 MB of spaces. */
const bomb = gzipSync(Buffer.alloc(200_000_000, ' '))

/** A byte every 100 ms, and then from the beginning. */
function drips(to: Writable, text: string): void {
  let at = 0
  const drip = setInterval(() => void to.write(text[at++ % text.length]), 100)
  to.once('close', () => clearInterval(drip))
  to.on('error', () => {})
}

/** Each page is asked once: retries have their own tests, and the fragment is never sent. */
const once = '#rc=0'

type Row = Readonly<{
  page: Page
  fragment?: string
  /** What the caller hears; nothing above it is believed. */
  heard: 'unreachable' | 'invalid' | 'busy'
  /** Of the hangup webhook. */
  code: string
  /** The least that it takes, in milliseconds. */
  after?: number
}>

const rows: Readonly<Record<string, Row>> = {
  'never answers': { page: () => {}, fragment: '#rt=1500&rc=0', heard: 'unreachable', code: '7011', after: 1400 },
  'answers too late': {
    page: (params, response, request) => setTimeout(() => document(well)(params, response, request), 4000),
    fragment: '#rt=1500&rc=0',
    heard: 'unreachable',
    code: '7011',
    after: 1400,
  },
  'answers late, but in time': {
    page: (params, response, request) => setTimeout(() => document(well)(params, response, request), 1500),
    heard: 'busy',
    code: '3010',
    after: 1400,
  },
  'stops in the middle of its document': {
    page: (_params, response) => {
      response.writeHead(200, { ...xml, 'content-length': '500' }).write('<Response><Hang')
      setTimeout(() => response.destroy(), 100)
    },
    heard: 'unreachable',
    code: '7011',
  },
  'closes the socket': { page: (_params, response) => response.destroy(), heard: 'unreachable', code: '7011' },
  'says 401': { page: status(401), heard: 'unreachable', code: '7011' },
  'says 404': { page: status(404), heard: 'unreachable', code: '7011' },
  'says 500': { page: status(500), heard: 'unreachable', code: '7011' },
  'says 500 to every attempt': {
    page: status(500),
    fragment: '#rc=2',
    heard: 'unreachable',
    code: '7011',
    after: 1400,
  },
  'redirects to a document': { page: status(302, { location: '/well' }), heard: 'busy', code: '3010' },
  'redirects in a circle': { page: status(302, { location: '/row-again' }), heard: 'unreachable', code: '7011' },
  'redirects to a page of a forbidden address': {
    page: status(302, { location: 'http://10.1.2.3/answer' }),
    heard: 'unreachable',
    code: '7011',
  },
  'answers with HTML': { page: typed('text/html', '<h1>Hello</h1>'), heard: 'invalid', code: '8011' },
  'answers with JSON': { page: typed('application/json', '{"speak":"hello"}'), heard: 'invalid', code: '8011' },
  'answers with nothing': { page: typed('application/xml', ''), heard: 'invalid', code: '8011' },
  'answers with more than 100 KB': {
    page: typed('application/xml', `<Response><!-- ${'x'.repeat(110_000)} -->${well}</Response>`),
    heard: 'invalid',
    code: '8011',
  },
  'answers without end': {
    page: (_params, response) => {
      response.writeHead(200, xml)
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(20_000), () => setTimeout(more, 5))
      }
      more()
    },
    heard: 'invalid',
    code: '8011',
  },
  'answers with a broken entity': {
    page: document('<Speak>Tom & Jerry</Speak>'),
    heard: 'invalid',
    code: '8011',
  },
  'declares an entity of its own': {
    page: typed('application/xml', `<!DOCTYPE r [<!ENTITY e "busy">]><Response>${well}</Response>`),
    heard: 'invalid',
    code: '8011',
  },
  'answers with a bomb, packed though nobody asked for that': {
    page: (_params, response) => {
      response.writeHead(200, { ...xml, 'content-encoding': 'gzip' }).end(bomb)
    },
    heard: 'invalid',
    code: '8011',
  },
  'drips its document': {
    page: (_params, response) => {
      response.writeHead(200, xml)
      drips(response, '<Response><Hangup reason="busy"/></Response>')
    },
    fragment: '#rt=1500&rc=0',
    heard: 'unreachable',
    code: '7011',
    after: 1400,
  },
  'drips its head': {
    page: (_params, response) => drips(response.socket!, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
    fragment: '#rt=1500&rc=0',
    heard: 'unreachable',
    code: '7011',
    after: 1400,
  },
  'says again and again that it is at it': {
    page: (_params, response) => {
      const again = setInterval(() => response.writeProcessing(), 100)
      response.once('close', () => clearInterval(again))
    },
    fragment: '#rt=1500&rc=0',
    heard: 'unreachable',
    code: '7011',
    after: 1400,
  },
  'speaks another protocol': {
    page: (_params, response) => void response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'),
    heard: 'unreachable',
    code: '7011',
  },
  'has a head without end': {
    page: (_params, response) => {
      const socket = response.socket!
      socket.write('HTTP/1.1 200 OK\r\n')
      const more = () => {
        if (!socket.destroyed) socket.write(`X-More: ${'x'.repeat(10_000)}\r\n`, () => setTimeout(more, 5))
      }
      more()
    },
    heard: 'invalid',
    code: '8011',
  },
  'redirects to a file': { page: status(302, { location: 'file:///etc/passwd' }), heard: 'unreachable', code: '7011' },
  'redirects to nowhere': { page: status(302), heard: 'unreachable', code: '7011' },
  'answers that nothing has changed': {
    page: (_params, response) => void response.writeHead(304).end(),
    heard: 'unreachable',
    code: '7011',
  },
  'answers with 204': {
    page: (_params, response) => void response.writeHead(204).end(),
    heard: 'invalid',
    code: '8011',
  },
  'answers with bytes that are no text': {
    page: (_params, response) => void response.writeHead(200, xml).end(Buffer.alloc(5000, 0xff)),
    heard: 'invalid',
    code: '8011',
  },
  'nests a thousand elements': {
    page: typed('application/xml', `<Response>${'<Speak>'.repeat(5000)}${'</Speak>'.repeat(5000)}</Response>`),
    heard: 'invalid',
    code: '8011',
  },
  'answers with an unknown element': { page: document('<Speek>Hello</Speek>'), heard: 'invalid', code: '8011' },
  'redirects to a document that is broken': {
    page: (params, response, request) =>
      document(`<Redirect>${params.base}/broken</Redirect>`)(params, response, request),
    heard: 'invalid',
    code: '8014',
  },
  'redirects to a page that fails': {
    page: (params, response, request) =>
      document(`<Redirect>${params.base}/failing</Redirect>`)(params, response, request),
    heard: 'unreachable',
    code: '7014',
  },
  'redirects to no address': { page: document('<Redirect>answer.xml</Redirect>'), heard: 'invalid', code: '7024' },
}

const names = Object.keys(rows)
const said = {
  unreachable: { status: 503, reason: 'Q.850;cause=41', cause: 'app-unreachable', source: 'Error' },
  invalid: { status: 503, reason: 'Q.850;cause=41', cause: 'app-invalid', source: 'Error' },
  busy: { status: 486, reason: 'Q.850;cause=17', cause: 'busy', source: 'Answer XML' },
} as const

describeWith(['sipp'], 'an app that fails: the caller is refused, and everybody hears why', () => {
  let stage: Stage
  let closed = 0
  beforeAll(async () => {
    closed = await freePort()
    const pages: Record<string, Page> = {
      '/well': document(well),
      '/broken': document('<Hangup>'),
      '/failing': status(500),
      '/row-again': status(302, { location: '/row-again' }),
      '/fallback': document('<Hangup reason="rejected"/>'),
    }
    for (const [index, name] of names.entries()) pages[`/row-${index}`] = rows[name]!.page
    stage = await setStage((app) => {
      const runs = (answerUrl: string, more: object = {}) => ({
        from: 'anyone',
        app: { platform: 'vobiz', answerUrl, hangupUrl: `${app.url}/hangup`, ...more },
      })
      return {
        routes: [
          ...names.map((name, index) => ({
            to: `row-${index}`,
            ...runs(`${app.url}/row-${index}?base=${app.url}${rows[name]!.fragment ?? once}`),
          })),
          { to: 'nobody', ...runs(`http://127.0.0.1:${closed}/answer${once}`) },
          {
            to: 'answered',
            from: 'anyone',
            app: {
              platform: 'vobiz',
              document: `<Response><Speak>One moment.</Speak><Redirect>${app.url}/failing</Redirect></Response>`,
              hangupUrl: `${app.url}/hangup`,
            },
          },
          { to: 'rescued', ...runs(`${app.url}/failing${once}`, { fallbackUrl: `${app.url}/fallback` }) },
          { to: 'twice', ...runs(`${app.url}/broken${once}`, { fallbackUrl: `${app.url}/failing${once}` }) },
        ],
      }
    }, pages)
  })
  afterAll(() => stage?.close())

  async function refused(to: string, heard: Row['heard'], code: string) {
    const { status, reason, cause, source } = said[heard]
    const began = performance.now()
    const run = await stage.sipp.run({ scenario: 'refused', to, gaps: { status } })
    const took = performance.now() - began
    const final = await stage.wire.until('the refusal', run.port, (all) =>
      all.find(({ head }) => head === String(status)),
    )
    expect(final.headers('reason')).toEqual([reason])
    const records = await stage.server.recordsOf(run.callId)
    expect(records).toHaveLength(1)
    expect(records[0]!.ending).toMatchObject({ cause, phase: expect.stringMatching(/offered|ringing/) })
    expect(records[0]!.answered).toBeNull()
    const { HangupCauseCode, HangupSource, Duration } = await stage.app.hangup(records[0]!.id)
    expect([HangupCauseCode, HangupSource, Duration]).toEqual([code, source, '0'])
    return { run, took, record: records[0]! }
  }

  test.concurrent.for(names)('it %s', async (name) => {
    const { heard, code, after = 0 } = rows[name]!
    const { took, run } = await refused(`row-${names.indexOf(name)}`, heard, code)
    expect(took).toBeGreaterThan(after)
    expect(took).toBeLessThan(after + 10_000)
    // Whoever waits hears that it rings.
    if (after > 0) expect(stage.wire.ladder(run.port)).toContain('< 180 INVITE')
  })

  test.concurrent('nobody listens at its address', async () => {
    await refused('nobody', 'unreachable', '7011')
  })

  test.concurrent('the fallback rescues the call', async () => {
    const run = await stage.sipp.run({ scenario: 'refused', to: 'rescued', gaps: { status: 603 } })
    const [record] = await stage.server.recordsOf(run.callId)
    expect(record!.ending).toMatchObject({ cause: 'declined', actor: 'app' })
  })

  test.concurrent('a fallback that fails as well ends it', async () => {
    const run = await stage.sipp.run({ scenario: 'refused', to: 'twice', gaps: { status: 503 } })
    const [record] = await stage.server.recordsOf(run.callId)
    expect(record!.ending).toMatchObject({ cause: expect.stringMatching(/^app-/), actor: 'platform' })
    expect(stage.app.asked.filter((path) => path === '/failing').length).toBeGreaterThan(0)
  })

  test.concurrent('after the answer it is hung up on', async () => {
    const run = await stage.sipp.run({ scenario: 'hung-up', to: 'answered' })
    const wire = ['> INVITE', '< 200 INVITE', '> ACK', '< BYE SIP;cause=500, Q.850;cause=41', '> 200 BYE']
    expect(await stage.wire.settled(run.port, wire)).toEqual(wire)
    const [record] = await stage.server.recordsOf(run.callId)
    expect(record!.ending).toMatchObject({ cause: 'app-unreachable', actor: 'platform', phase: 'answered' })
    expect((await stage.app.hangup(record!.id)).HangupCauseCode).toBe('7014')
  })

  test('nothing lives on', async () => {
    expect(await stage.server.live()).toEqual([])
  })
})
