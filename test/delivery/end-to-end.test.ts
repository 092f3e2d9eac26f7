import type { IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { createDispatcher } from '../../src/delivery/dispatcher.ts'
import { createWebhookSigner } from '../../src/delivery/standard-webhooks.ts'
import { systemClock } from '../../src/switchboard/clock.ts'
import { opened } from '../ledger/places.ts'
import { callRecord } from '../ledger/values.ts'
import { delivery } from './deliveries.ts'
import { httpServer, webClient } from './servers.ts'

test('a settled call’s webhooks arrive with one identity, are tried again after a failure, and are on the record', async () => {
  const seen: { headers: IncomingHttpHeaders; body: string }[] = []
  const url = await httpServer(async (incoming, response) => {
    seen.push({ headers: incoming.headers, body: await text(incoming) })
    response.writeHead(seen.length === 1 ? 503 : 200).end('thank you')
  })
  const ledger = await opened()
  const clock = systemClock()
  const webhooks = createWebhookSigner([{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }])
  const dispatcher = createDispatcher({
    ledger,
    web: webClient({ clock }),
    clock,
    webhooks,
    sign: (one) => ({ 'X-Vobiz-Signature': `for ${one.url}` }),
    onFault: (fault) => expect.unreachable(String(fault)),
  })
  const made = delivery('d1', {
    url: `${url}/hangup`,
    policy: { ...delivery('').policy, backoff: [20] },
    created: clock.now(),
    next: clock.now(),
  })
  await ledger.settle(callRecord('c1'), [made])
  dispatcher.poke([made])
  await vi.waitFor(async () => expect((await ledger.delivery('d1'))?.state).toBe('delivered'), { timeout: 5000 })

  expect((await ledger.delivery('d1'))?.attempts.map(({ status }) => status)).toEqual([503, 200])
  expect(seen.map(({ body }) => body)).toEqual(['CallUUID=d1', 'CallUUID=d1'])
  for (const { headers } of seen) {
    expect(headers).toMatchObject({
      'webhook-id': 'd1',
      'webhook-signature': expect.stringMatching(/^v1,/),
      'x-vobiz-signature': `for ${url}/hangup`,
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Onhook/1.2.3',
    })
  }
  await dispatcher.stop(1000)
})

test('a dispatcher that stops gives up a server that does not answer', async () => {
  let asked = 0
  const url = await httpServer(() => {
    asked++
  })
  const ledger = await opened()
  const clock = systemClock()
  const dispatcher = createDispatcher({
    ledger,
    web: webClient({ clock }),
    clock,
    webhooks: createWebhookSigner(),
    onFault: (fault) => expect.unreachable(String(fault)),
  })
  await ledger.enqueue([delivery('d1', { url })])
  expect(await dispatcher.start()).toBe(1)
  await vi.waitFor(() => expect(asked).toBe(1), { timeout: 5000 })
  await dispatcher.stop(10)
  expect(await ledger.delivery('d1')).toMatchObject({
    state: 'pending',
    attempts: [{ error: expect.stringMatching(/^aborted/) }],
  })
})
