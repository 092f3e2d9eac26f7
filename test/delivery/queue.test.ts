import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HostQueue } from '../../src/delivery/queue.ts'
import { answered, delivery, world } from './deliveries.ts'

test('a host gets so many at once, all hosts together so many, in the order they came', async () => {
  const { web, clock, dispatcher, send } = await world({ limits: { perHost: 2, total: 3 } })
  const to = (host: string, count: number) =>
    Array.from({ length: count }, (_, index) => delivery(`${host}${index}`, { url: `http://${host}.test/${index}` }))
  await send(...to('a', 4), ...to('b', 2), ...to('c', 1))
  // a's first, then the hosts in turn; the third slot is the last.
  expect(web.urls).toEqual(['http://a.test/0', 'http://b.test/0', 'http://c.test/0'])
  expect(dispatcher.backlog()).toEqual({ waiting: 4, active: 3, resting: 0 })
  web.requests[0]?.answer(answered(200))
  await clock.pass(0)
  expect(web.urls.at(-1)).toBe('http://a.test/1')
  for (let index = 0; index < 7; index++) {
    web.answerAll(answered(200))
    await clock.pass(0)
  }
  expect(dispatcher.backlog()).toEqual({ waiting: 0, active: 0, resting: 0 })
  expect(web.urls.filter((url) => url.includes('a.test'))).toEqual([0, 1, 2, 3].map((n) => `http://a.test/${n}`))
})

test('a host that does not answer holds up nobody else', async () => {
  const { web, send } = await world({ limits: { perHost: 2, total: 10 } })
  await send(...Array.from({ length: 50 }, (_, index) => delivery(`dead${index}`, { url: 'http://dead.test/' })))
  await send(delivery('d1', { url: 'http://well.test/' }))
  expect(web.urls).toEqual(['http://dead.test/', 'http://dead.test/', 'http://well.test/'])
})

test('no limit is passed, nobody is lost, and each host is first come first served', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.constant(null)), { maxLength: 60 }),
      (perHost, total, steps) => {
        const queue = new HostQueue<{ host: string; number: number }>({ perHost, total })
        const active: { host: string; number: number }[] = []
        const served = new Map<string, number[]>()
        let added = 0
        const takeAll = () => {
          for (let item = queue.take(); item !== undefined; item = queue.take()) {
            active.push(item)
            served.set(item.host, [...(served.get(item.host) ?? []), item.number])
            expect(active.length).toBeLessThanOrEqual(total)
            expect(active.filter(({ host }) => host === item.host).length).toBeLessThanOrEqual(perHost)
          }
        }
        for (const host of [...steps, ...Array.from({ length: 200 }, () => null)]) {
          if (host !== null) queue.add(host, { host, number: added++ })
          else if (active.length > 0) queue.release(active.shift()!.host)
          takeAll()
        }
        expect([queue.active, queue.waiting]).toEqual([0, 0])
        const numbers = [...served.values()]
        expect(numbers.flat().length).toBe(added)
        for (const order of numbers) expect(order).toEqual(order.toSorted((a, b) => a - b))
      },
    ),
    { numRuns: process.env.ONHOOK_LONG ? 100_000 : 1000 },
  )
})
