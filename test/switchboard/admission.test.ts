import { expect, test } from 'vitest'
import { bench, untilOver } from './bench.ts'

test('P3: the script does not run, and nothing is offered, before the call is durable', async () => {
  const ran: string[] = []
  const { disk, arrive, network } = bench(async (control) => {
    ran.push(control.id)
    control.dial({ target: { network: 'paper', to: 'b', from: 'x' }, bridge: { to: 'a', rule: 'together' } })
    await untilOver(control)
  })
  const call = arrive()
  await new Promise((resolve) => setImmediate(resolve))
  expect(ran).toEqual([])
  await disk.commit()
  expect(ran).toEqual([call])
  expect(network.wire).toEqual([])
  await disk.commit()
  expect(network.wire).toEqual(['b offer'])
})

test('a call that cannot be stored is ended, not half begun', async () => {
  const { disk, arrive, network, faults } = bench()
  disk.failing = 'store'
  const call = arrive()
  await disk.commit()
  expect(network.wire).toEqual(['a quiet', 'a over:error'])
  expect(faults).toEqual(expect.arrayContaining([expect.stringContaining('disk full')]))
  disk.failing = 'no'
  await disk.commit()
  expect(disk.records.get(call)?.record.ending).toMatchObject({ cause: 'error', actor: 'platform' })
})

test('a leg that ended before its offer left is never offered', async () => {
  const { disk, arrive, network } = bench(async (control) => {
    const leg = control.dial({ target: { network: 'paper', to: 'b', from: 'x' } })
    control.end({ cause: 'hangup', actor: 'app' }, leg)
    await untilOver(control)
  })
  arrive()
  await disk.commit()
  await disk.commit()
  expect(network.wire).toEqual(['b quiet', 'b over:cancelled'])
})

test('a refused route gives a final record without an app', async () => {
  const { disk, arrive, network } = bench(untilOver, {
    routing: { type: 'refuse', reason: { cause: 'not-found', actor: 'platform' } },
  })
  const call = arrive()
  expect(network.wire).toEqual(['a quiet', 'a over:not-found'])
  await disk.commit()
  expect(disk.records.get(call)?.record).toMatchObject({ platform: 'none', answered: null, talk: 0 })
})

test('calls over the limit are shed, those that live go on', async () => {
  const { arrive, network, switchboard } = bench(untilOver, { calls: 1 })
  const first = arrive('a')
  arrive('b')
  expect(network.wire).toEqual(['b quiet', 'b over:congestion'])
  expect(switchboard.find(first)?.state.name).toBe('live')
})

test('calls faster than the limit are shed; a second later there is room again', () => {
  const { arrive, network, clock } = bench(untilOver, { rate: 2 })
  for (const leg of ['a', 'b', 'c']) arrive(leg)
  expect(network.wire).toEqual(['c quiet', 'c over:congestion'])
  clock.advance(500)
  arrive('d')
  expect(network.wire).toHaveLength(2)
})
