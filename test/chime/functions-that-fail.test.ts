/** Functions as endpoints really fail them: on a call from the network, each failure is told apart, tried once more, and then 480. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { action, answer, type Event, hangup } from './handler.ts'
import { stage, until } from './stage.ts'

/** A Lambda endpoint that replies in raw bytes. */
async function endpoint(reply: (event: Event, response: ServerResponse, asked: number) => void) {
  const events: Event[] = []
  let working = 0
  const peak = { atOnce: 0 }
  const server = createServer(async (request, response) => {
    peak.atOnce = Math.max(peak.atOnce, ++working)
    response.on('close', () => working--)
    let body = ''
    for await (const chunk of request) body += chunk
    events.push(JSON.parse(body))
    reply(events.at(-1), response, events.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { events, peak, base, url: `${base}/2015-03-31/functions/app/invocations` }
}

const busy = JSON.stringify(answer(hangup(undefined, '486')))
const isNew = ({ InvocationEventType: type }: Event) => type === 'NEW_INBOUND_CALL'

/** What the log says, as codes. */
function logbook() {
  const lines: { level: number; code?: string; cause?: string; msg: string }[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { log, lines }
}

const faults: readonly (readonly [what: string, reply: (response: ServerResponse) => void])[] = [
  ['a status of 500', (response) => response.writeHead(500).end('{"message":"broken"}')],
  ['throttling', (response) => response.writeHead(429, { 'x-amzn-ErrorType': 'TooManyRequestsException' }).end('{}')],
  [
    'an error by its header',
    (response) => response.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' }).end('{"errorMessage":"x"}'),
  ],
  ['an error by its shape alone', (response) => response.end('{"errorType":"KeyError","errorMessage":"Status"}')],
  [
    'a time limit in plain words',
    (response) => response.end('2026-11-27T01:00:00Z 7 Task timed out after 3.00 seconds'),
  ],
  ['an empty answer of a process that ended', (response) => response.end()],
  ['a connection that breaks', (response) => response.destroy()],
  [
    'half an answer',
    (response) => void response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()),
  ],
]

describe.each(faults)('%s', (_, fail) => {
  it('is tried once more with the same event, and the second answer counts', async () => {
    const app = await endpoint((event, response, asked) =>
      isNew(event) && asked === 1 ? fail(response) : response.end(isNew(event) ? busy : 'null'),
    )
    const { phone } = await stage({ function: { url: app.url } })
    const call = await (await phone()).call('+15550100')
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'refusal', status: 486 })
    await until(() => app.events.length === 3)
    expect(app.events[1]).toEqual(app.events[0])
    expect(app.events.map(({ Sequence }) => Sequence)).toEqual([1, 1, 2])
  })

  it('twice: 480, one record, the log says why; the HANGUP comes too, if it can be told', async () => {
    const app = await endpoint((event, response) => (isNew(event) ? fail(response) : response.end('null')))
    const { log, lines } = logbook()
    const { phone, record, server } = await stage({ function: { url: app.url }, log })
    const call = await (await phone()).call('+15550100')
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'refusal', status: 480 })
    expect((await record(call)).ending).toMatchObject({ cause: 'app-unreachable', actor: 'platform' })
    await until(() => app.events.length === 3)
    expect(app.events.map(({ InvocationEventType: type }) => type)).toEqual([
      'NEW_INBOUND_CALL',
      'NEW_INBOUND_CALL',
      'HANGUP',
    ])
    expect(app.events[2].ActionData.Parameters.SipResponseCode).toBe(480)
    expect(lines.some(({ cause }) => cause === 'app-unreachable')).toBe(true)
    await until(() => [...server.control.live()].length === 0)
  })

  it('twice at NEW_INBOUND_CALL: the next application of the rule has the call, from its first event on', async () => {
    const bad = await endpoint((_, response) => fail(response))
    const good = await endpoint((event, response) => response.end(isNew(event) ? busy : 'null'))
    const { phone, record } = await stage({
      config: {
        functions: { first: { url: bad.url }, second: { url: good.url } },
        routes: [],
      },
      chime: {
        applications: ['first', 'second'].map((name) => ({ name, function: name })),
        rules: [{ name: 'main', number: '+15550100', applications: ['first', 'second'] }],
      },
    })
    const call = await (await phone()).call('+15550100')
    expect(await call.ended()).toMatchObject({ by: 'them', how: 'refusal', status: 486 })
    expect((await record(call)).ending).toMatchObject({ cause: 'busy', actor: 'app' })
    await until(() => good.events.length === 2)
    expect(bad.events.map(({ Sequence }) => Sequence)).toEqual([1, 1])
    expect(good.events.map(({ Sequence }) => Sequence)).toEqual([1, 2])
    expect(good.events[0].CallDetails.SipMediaApplicationId).not.toBe(bad.events[0].CallDetails.SipMediaApplicationId)
  })
})

const mega = 'x'.repeat(1 << 20)
const hostile: readonly (readonly [what: string, body: string, status: number, cause: string])[] = [
  ['no JSON', '{"SchemaVersion":"1.0","Actions":[', 480, 'app-invalid'],
  ['HTML', '<html>It works!</html>', 480, 'app-invalid'],
  ['bytes that are no text', '\u0000\ufffd\ud800', 480, 'app-invalid'],
  [
    'lists a hundred thousand deep',
    `{"SchemaVersion":"1.0","Actions":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    480,
    'app-invalid',
  ],
  [
    'attributes a million deep',
    `{"SchemaVersion":"1.0","TransactionAttributes":${'{"a":'.repeat(1e6)}1${'}'.repeat(1e6)}}`,
    480,
    'app-invalid',
  ],
  ['a megabyte of attributes', JSON.stringify({ ...answer(), TransactionAttributes: { mega } }), 480, 'app-invalid'],
  ['a megabyte of action name', JSON.stringify(answer(action(mega))), 480, 'app-invalid'],
  ['a megabyte of version', JSON.stringify({ SchemaVersion: mega }), 480, 'app-invalid'],
  ['a megabyte beside what counts', JSON.stringify({ ...answer(hangup(undefined, '486')), mega }), 486, 'busy'],
  ['seven megabytes', JSON.stringify({ ...answer(hangup()), mega: mega.repeat(7) }), 480, 'app-unreachable'],
  [
    'a key twice',
    '{"SchemaVersion":"1.0","Actions":[{"Type":"Hangup","Parameters":{"SipResponseCode":480,"SipResponseCode":"486"}}]}',
    486,
    'busy',
  ],
  [
    'what every object has',
    '{"SchemaVersion":"1.0","__proto__":{"Actions":[]},"Actions":[{"Type":"__proto__"}]}',
    480,
    'app-invalid',
  ],
]

it.each(hostile)('an answer of %s', async (_, body, status, cause) => {
  const app = await endpoint((_event, response) => response.end(body))
  const { log, lines } = logbook()
  const { phone, record, server } = await stage({ function: { url: app.url }, log })
  const call = await (await phone()).call('+15550100')
  expect(await call.ended()).toMatchObject({ by: 'them', how: 'refusal', status })
  expect((await record(call)).ending).toMatchObject({ cause })
  await until(() => app.events.some(({ InvocationEventType: type }) => type === 'HANGUP'))
  const told = app.events.filter(({ InvocationEventType: type }) => type === 'INVALID_LAMBDA_RESPONSE')
  expect(told).toHaveLength(cause === 'app-invalid' ? 1 : 0)
  if (cause === 'app-invalid') expect(lines.some(({ code }) => code === 'chime.response')).toBe(true)
  // Nothing that it said fills the record, the log, or its next event.
  expect(JSON.stringify(told).length).toBeLessThan(3_000)
  expect(JSON.stringify(lines).length).toBeLessThan(20_000)
  await until(() => [...server.control.live()].length === 0)
})

it('an answer that takes longer than 5 s: the same event again beside, and the first usable answer counts', async () => {
  let late = (): void => {}
  const app = await endpoint((event, response, asked) => {
    if (!isNew(event)) return response.end('null')
    if (asked === 1) late = () => void response.end(JSON.stringify(answer(hangup(undefined, '480'))))
    else response.end(busy)
  })
  const { phone, record } = await stage({ function: { url: app.url } })
  const call = await (await phone()).call('+15550100')
  expect(await call.ended(15_000)).toMatchObject({ by: 'them', how: 'refusal', status: 486 })
  late()
  expect((await record(call)).ending.cause).toBe('busy')
  await until(() => app.events.length === 3)
  expect(app.events[1]).toEqual(app.events[0])
  expect(app.events[2]).toMatchObject({ Sequence: 2, InvocationEventType: 'HANGUP' })
})

describe('at a time', () => {
  /** Each caller is told three things after one another, by a function that takes its time. */
  async function calls(count: number, function_: (base: string) => Readonly<Record<string, unknown>>) {
    const working = new Map<string, number>()
    const most = { ofOne: 0 }
    const app = await endpoint((event, response) => {
      const { TransactionId: id } = event.CallDetails
      const now = (working.get(id) ?? 0) + 1
      working.set(id, now)
      most.ofOne = Math.max(most.ofOne, now)
      const pause = action('Pause', { DurationInMilliseconds: 1 })
      setTimeout(() => {
        working.set(id, working.get(id)! - 1)
        response.end(JSON.stringify(answer(...(event.Sequence < 3 ? [pause] : [hangup(undefined, '486')]))))
      }, 30)
    })
    const { phone } = await stage({ function: function_(app.base) })
    const caller = await phone({ sound: 'none' })
    const placed = await Promise.all(Array.from({ length: count }, () => caller.call('+15550100')))
    for (const call of placed) expect(await call.ended()).toMatchObject({ how: 'refusal', status: 486 })
    await until(() => app.events.length === count * 4)
    return { most, atOnce: app.peak.atOnce, events: app.events }
  }

  it('one event of a call, and several calls', async () => {
    const { most, atOnce } = await calls(8, (base) => ({ url: `${base}/2015-03-31/functions/app/invocations` }))
    expect(most.ofOne).toBe(1)
    expect(atOnce).toBeGreaterThan(2)
  })

  it('one event of all calls, where the function is an emulator', async () => {
    const { atOnce } = await calls(8, (base) => ({ url: base }))
    expect(atOnce).toBe(1)
  })

  it('as many as `concurrency` says', async () => {
    const { atOnce, most } = await calls(8, (base) => ({
      url: `${base}/2015-03-31/functions/app/invocations`,
      concurrency: 3,
    }))
    expect(most.ofOne).toBe(1)
    expect(atOnce).toBeLessThanOrEqual(3)
    expect(atOnce).toBeGreaterThan(1)
  })
})
