import { expect, test } from 'vitest'
import type { Outcome } from '../../src/delivery/dispatcher.ts'
import { createLedger } from '../../src/ledger/ledger.ts'
import { answered, delivery, world } from './deliveries.ts'

/** A ledger whose disk the test can break. */
async function fragile() {
  const ledger = createLedger({ memory: true })
  await ledger.open()
  const disk = { broken: false }
  const guarded =
    <Args extends unknown[], Result>(act: (...args: Args) => Promise<Result>) =>
    async (...args: Args) => {
      if (disk.broken) throw new Error('the disk failed')
      return act(...args)
    }
  const seen = {
    attempted: guarded(ledger.attempted),
    delivery: guarded(ledger.delivery),
    deliveries: guarded(ledger.deliveries),
  }
  return { ledger, disk, seen }
}

test('an attempt that cannot be written down is written down when the disk is back, and not made again', async () => {
  const { ledger, disk, seen } = await fragile()
  const outcomes: Outcome[] = []
  const { web, clock, dispatcher, faults } = await world({
    ledger: seen,
    onOutcome: (outcome) => outcomes.push(outcome),
  })
  await ledger.enqueue([delivery('d1')])
  web.reply = () => answered(200)
  disk.broken = true
  dispatcher.poke([delivery('d1')])
  await clock.pass(3000)
  expect(faults.length).toBeGreaterThan(1)
  expect(outcomes).toEqual([])
  disk.broken = false
  await clock.pass(2000)
  expect(await ledger.delivery('d1')).toMatchObject({ state: 'delivered', attempts: [{ at: 0, status: 200 }] })
  expect(web.requests).toHaveLength(1)
  expect(outcomes).toMatchObject([{ state: 'delivered', next: null, attempt: { status: 200 } }])
})

test('a delivery that cannot be read is read later', async () => {
  const { ledger, disk, seen } = await fragile()
  const { web, clock, dispatcher, faults } = await world({ ledger: seen })
  await ledger.enqueue([delivery('d1')])
  web.reply = () => answered(500)
  dispatcher.poke([delivery('d1')])
  await clock.pass(0)
  disk.broken = true
  await clock.pass(3000)
  expect(faults.length).toBeGreaterThan(0)
  disk.broken = false
  web.reply = () => answered(200)
  await clock.pass(2000)
  expect(await ledger.delivery('d1')).toMatchObject({ state: 'delivered' })
  expect(web.requests).toHaveLength(2)
  expect(dispatcher.backlog()).toEqual({ waiting: 0, active: 0, resting: 0 })
})

test('stopping does not wait for a disk that is gone', async () => {
  const { disk, seen } = await fragile()
  const { web, clock, dispatcher } = await world({ ledger: seen })
  disk.broken = true
  web.reply = () => answered(200)
  dispatcher.poke([delivery('d1')])
  await clock.pass(0)
  const stopped = dispatcher.stop(100)
  await clock.pass(2000)
  await stopped
  expect(clock.armed).toBe(0)
})

test('a platform that cannot sign fails its own delivery, and says so', async () => {
  const { web, clock, ledger, dispatcher, faults, send } = await world({
    web: {
      fetch: async (request) => {
        request.sign?.(request.url)
        return answered(200)
      },
    },
    sign: ({ id }) => {
      if (id === 'bad') throw new Error('no key')
      return {}
    },
  })
  await send(delivery('bad'), delivery('good'))
  await clock.pass(0)
  expect(await ledger.delivery('bad')).toMatchObject({
    state: 'failed',
    attempts: [{ status: null, error: 'internal' }],
  })
  expect(await ledger.delivery('good')).toMatchObject({ state: 'delivered' })
  expect(faults).toHaveLength(1)
  expect(dispatcher.backlog()).toEqual({ waiting: 0, active: 0, resting: 0 })
  expect(web.requests).toHaveLength(0)
})
