import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RetryPolicy, WebResult } from '../../src/switchboard/ports.ts'
import { answered, delivery, failed, world } from './deliveries.ts'

type Row = readonly [result: WebResult, retryOn: RetryPolicy['retryOn'], becomes: 'delivered' | 'again' | 'failed']

const all: RetryPolicy['retryOn'] = ['connect', 'read', '4xx', '5xx']

const rows: readonly Row[] = [
  [answered(200), all, 'delivered'],
  [answered(204), [], 'delivered'],
  [answered(299), all, 'delivered'],
  [answered(304), all, 'failed'],
  [answered(400), all, 'again'],
  [answered(404), ['connect', 'read', '5xx'], 'failed'],
  [answered(500), ['5xx'], 'again'],
  [answered(503), ['connect', 'read', '4xx'], 'failed'],
  [failed('connect'), ['connect'], 'again'],
  [failed('connect'), ['read', '4xx', '5xx'], 'failed'],
  [failed('dns'), ['connect'], 'again'],
  [failed('tls'), ['connect'], 'again'],
  [failed('timeout'), ['read'], 'again'],
  [failed('timeout'), ['connect', '4xx', '5xx'], 'failed'],
  [failed('closed'), ['read'], 'again'],
  [failed('too-large'), all, 'failed'],
  [failed('redirects'), all, 'failed'],
  [failed('refused-address'), all, 'failed'],
  [failed('bad-url'), all, 'failed'],
]

test.each(rows)('%j, retried on %j, is %s', async (result, retryOn, becomes) => {
  const { web, clock, ledger, send } = await world()
  web.reply = () => result
  await send(delivery('d1', { policy: { ...delivery('').policy, retryOn, backoff: [1000] } }))
  const first = await ledger.delivery('d1')
  expect(first?.attempts).toHaveLength(1)
  expect(first?.attempts[0]).toMatchObject({ at: 0, milliseconds: 1, status: result.ok ? result.status : null })
  expect(first?.state).toBe(becomes === 'again' ? 'pending' : becomes)
  expect(first?.next).toBe(becomes === 'again' ? 1000 : null)
  await clock.pass(10_000)
  expect(web.requests).toHaveLength(becomes === 'again' ? 2 : 1)
})

test('it is tried again after each wait of its policy, and fails when none is left', async () => {
  const { web, clock, ledger, dispatcher, send } = await world()
  const times: number[] = []
  web.reply = () => {
    times.push(clock.now())
    return failed('connect')
  }
  await send(delivery('d1'))
  await clock.pass(999)
  expect(times).toEqual([0])
  await clock.pass(100_000)
  expect(times).toEqual([0, 1000, 3000, 7000])
  const after = await ledger.delivery('d1')
  expect(after).toMatchObject({ state: 'failed', next: null })
  expect(after?.attempts.map(({ at, error }) => [at, error])).toEqual(
    times.map((at) => [at, 'connect: as the test says']),
  )
  expect(dispatcher.backlog()).toEqual({ waiting: 0, active: 0, resting: 0 })
  expect(clock.armed).toBe(0)
})

test('the same words under the same id go out each time, and headers made anew', async () => {
  let nonce = 0
  const { web, clock, send } = await world({ sign: ({ id }) => ({ 'x-signature': `${id}-${++nonce}` }) })
  web.reply = () => answered(503)
  await send(delivery('d1'))
  await clock.pass(100_000)
  const sent = web.requests.map(({ request }) => {
    const { url, method, headers, body, connectTimeout, readTimeout, totalTimeout } = request
    return { url, method, headers, body, connectTimeout, readTimeout, totalTimeout }
  })
  expect(sent).toHaveLength(4)
  expect(new Set(sent.map((one) => JSON.stringify(one))).size).toBe(1)
  expect(sent[0]).toMatchObject({ body: 'CallUUID=d1', connectTimeout: 2000, readTimeout: 5000, totalTimeout: 6000 })
  const signed = web.requests.map(({ request }) => request.sign?.(request.url))
  expect(signed.map((headers) => headers?.['webhook-id'])).toEqual(['d1', 'd1', 'd1', 'd1'])
  expect(new Set(signed.map((headers) => headers?.['x-signature'])).size).toBe(4)
})

test('a redirect is signed for where it leads', async () => {
  const { web, send } = await world({ sign: ({ url }) => ({ 'x-url': url }) })
  await send(delivery('d1'))
  expect(web.requests[0]?.request.sign?.('http://app.test/next')).toMatchObject({ 'x-url': 'http://app.test/next' })
})

test('a delivery replayed by hand goes out at once, once, even while it rests', async () => {
  const { web, clock, ledger, dispatcher, send } = await world()
  web.reply = () => answered(500)
  await send(delivery('d1'))
  const again = await ledger.replay('d1', clock.now())
  web.reply = () => answered(200)
  dispatcher.poke([again!])
  await clock.pass(100_000)
  expect(web.requests).toHaveLength(2)
  expect(await ledger.delivery('d1')).toMatchObject({ state: 'delivered' })

  const finished = await ledger.replay('d1', clock.now())
  web.reply = () => answered(500)
  dispatcher.poke([finished!, finished!])
  await clock.pass(100_000)
  const attempts = (await ledger.delivery('d1'))?.attempts.map(({ status }) => status)
  expect(attempts?.slice(0, 3)).toEqual([500, 200, 500])
})

test('whatever the far ends do, every delivery ends as its policy says, and nothing is left', async () => {
  const results = fc.constantFrom<WebResult>(
    answered(200),
    answered(500),
    answered(404),
    failed('connect'),
    failed('timeout'),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(results, { maxLength: 6 }), fc.nat(3), fc.nat(5000)), { maxLength: 8 }),
      async (scripts) => {
        const { web, clock, ledger, dispatcher, send } = await world({ limits: { perHost: 2, total: 3 } })
        const left = new Map(scripts.map(([script], index) => [`CallUUID=d${index}`, [...script]]))
        web.reply = ({ body }) => left.get(body ?? '')?.shift() ?? answered(200)
        const deliveries = scripts.map(([, host, next], index) =>
          delivery(`d${index}`, { url: `http://h${host}.test/`, next }),
        )
        await send(...deliveries)
        await clock.pass(100_000)
        expect(dispatcher.backlog()).toEqual({ waiting: 0, active: 0, resting: 0 })
        expect(clock.armed).toBe(0)
        for (const [index, [script]] of scripts.entries()) {
          const after = await ledger.delivery(`d${index}`)
          const ends = script.findIndex((result) => result.ok && result.status < 500)
          const expected = ends === -1 ? script.length + 1 : ends + 1
          expect(after?.attempts).toHaveLength(Math.min(expected, 4))
          const last = after?.attempts.at(-1)
          expect(after?.state).toBe(last?.status === 200 ? 'delivered' : 'failed')
        }
      },
    ),
    { numRuns: process.env.ONHOOK_LONG ? 5000 : 100 },
  )
})
