import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LedgerFault } from '../../src/ledger/errors.ts'
import { Group } from '../../src/ledger/group.ts'
import { opened } from './places.ts'
import { callRecord, delivery, liveRow } from './values.ts'

/** What became of a promise, without waiting for it. */
async function fate(promise: Promise<unknown>): Promise<'pending' | 'resolved' | string> {
  const settled = promise.then(
    () => 'resolved',
    (error: { code: string }) => error.code,
  )
  return Promise.race([settled, sleep(0, 'pending')])
}

test('a group holds one write for each call: the newest', () => {
  const group = new Group()
  group.store(liveRow('c1'))
  group.store(liveRow('c2'))
  group.store(liveRow('c1', { began: 5 }))
  group.settle(callRecord('c2'), [delivery('d1', 'c2')])
  group.store(liveRow('c2'))
  group.add(['annex', 'c2', 1, '{}'])
  const writes = group.spell()
  expect(writes.map(([type]) => type)).toEqual(['store', 'settle', 'annex'])
  expect(JSON.parse(String(writes[0]?.[2]))).toMatchObject({ call: { id: 'c1', began: 5 } })
})

test('everybody who waits for a group is answered by its commit, and nobody before', async () => {
  const group = new Group()
  const waits = [group.store(liveRow('c1')), group.store(liveRow('c1')), group.settle(callRecord('c2'), [])]
  group.spell()
  expect(await Promise.all(waits.map(fate))).toEqual(['pending', 'pending', 'pending'])
  group.conclude(null)
  expect(await Promise.all(waits.map(fate))).toEqual(['resolved', 'resolved', 'resolved'])
})

test('a write that failed rejects its own waiters only', async () => {
  const group = new Group()
  const fault: LedgerFault = { code: 'ledger.write', detail: 'why' }
  const waits = [group.store(liveRow('c1')), group.store(liveRow('c2'))]
  group.spell()
  expect(group.conclude([null, fault])).toBe(fault)
  expect(await Promise.all(waits.map(fate))).toEqual(['resolved', 'ledger.write'])
})

test('what is written in one turn is all there, in its order, after the last promise', async () => {
  const ledger = await opened()
  const calls = Array.from({ length: 500 }, (_, index) => `c${index}`)
  const stored = calls.map((id) => ledger.store(liveRow(id)))
  const settled = calls.slice(0, 250).map((id) => ledger.settle(callRecord(id), [delivery(`d-${id}`, id)]))
  await Promise.all([...stored, ...settled])
  expect((await ledger.live()).map(({ call }) => call.id)).toEqual(calls.slice(250))
  const { items } = await ledger.deliveries({}, { limit: 1000 })
  expect(items.map(({ call }) => call).reverse()).toEqual(calls.slice(0, 250))
})

test('writes made while a commit runs are committed after it', async () => {
  const ledger = await opened()
  const order: string[] = []
  const first = ledger.store(liveRow('c1')).then(() => order.push('first'))
  await sleep(0)
  const second = ledger.store(liveRow('c1', { began: 2 })).then(() => order.push('second'))
  await Promise.all([first, second])
  expect(order).toEqual(['first', 'second'])
  expect((await ledger.live()).map(({ call }) => call.began)).toEqual([2])
})

test('a commit leaves behind a request that the same turn gives rise to', async () => {
  const ledger = await opened()
  const order: string[] = []
  const row = liveRow('c1')
  const stored = ledger.store({
    ...row,
    get wires() {
      order.push('commit')
      return row.wires
    },
  })
  // A script hears of the end some promises later, and its HTTP client puts the request off to the end of the turn.
  for (let hops = 0; hops < 20; hops++) await undefined
  setImmediate(() => order.push('request'))
  await stored
  expect(order).toEqual(['request', 'commit'])
})
