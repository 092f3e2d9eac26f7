/** Bodies are composed when they are written down. A defect there must not keep a record from the disk (P3). */
import { expect, test } from 'vitest'
import type { Call } from '../../src/call/call.ts'
import { Books } from '../../src/switchboard/books.ts'
import type { DeliverySeed, Platform } from '../../src/switchboard/ports.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const seed: Omit<DeliverySeed, 'body'> = {
  id: 'd1',
  kind: 'hangup',
  url: 'https://app.example/',
  method: 'POST',
  headers: {},
  policy: { connectTimeout: 1, readTimeout: 1, totalTimeout: 1, backoff: [], retryOn: [] },
}

function booksOf(body: () => string) {
  const faults: string[] = []
  const platform = {
    name: 'here',
    deliveries: () => [
      {
        ...seed,
        get body() {
          return body()
        },
      },
    ],
  } as unknown as Platform
  const books = new Books({
    clock: new VirtualClock(),
    ids: { uuid: () => 'u' },
    platforms: new Map([['here', platform]]),
    onFault: (_: unknown, context: string) => void faults.push(context),
  } as unknown as ConstructorParameters<typeof Books>[0])
  const call = { id: 'c1', app: { platform: 'here', data: {} } } as unknown as Call
  return { faults, deliveries: () => books.deliveriesFor({ type: 'call-ended' } as never, call, undefined) }
}

test('a body is not composed before it is written down', () => {
  let composed = 0
  const { deliveries } = booksOf(() => `${++composed}`)
  const [delivery] = deliveries()
  expect(composed).toBe(0)
  expect(JSON.parse(JSON.stringify(delivery))).toMatchObject({ id: 'd1', call: 'c1', body: '1', state: 'pending' })
})

test('one that cannot be composed says nothing, and is reported', () => {
  const { deliveries, faults } = booksOf(() => {
    throw new Error('a defect')
  })
  const [delivery] = deliveries()
  expect(delivery?.body).toBe('null')
  expect(faults).toEqual(['the body of a webhook of platform here'])
})
