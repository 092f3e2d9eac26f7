import { expect, test } from 'vitest'
import { bench, untilOver } from './bench.ts'

test('P8: the wire hears at once, whatever the disk does', async () => {
  const { disk, arrive, switchboard, network } = bench()
  const call = arrive()
  await disk.commit()
  await switchboard.end(call, { cause: 'hangup', actor: 'api' })
  expect(network.wire).toEqual(['a quiet', 'a over:hangup'])
  expect(disk.records.size).toBe(0)
})

test('P3: record and webhook are one write, and nothing is attempted before it is durable', async () => {
  const { disk, arrive, switchboard, delivered } = bench()
  const call = arrive()
  await disk.commit()
  await switchboard.end(call, { cause: 'hangup', actor: 'api' })
  expect(delivered).toEqual([])
  await disk.commit()
  expect(disk.records.get(call)?.deliveries.map(({ id }) => id)).toEqual(['hook'])
  expect(delivered.map(({ id, call: of }) => [id, of])).toEqual([['hook', call]])
})

test('P1: a second end returns the first result and sends nothing, while far ends are told and after', async () => {
  const { disk, arrive, switchboard, network, told } = bench()
  const call = arrive()
  await disk.commit()
  const first = await switchboard.end(call, { cause: 'hangup', actor: 'api' })
  const second = await switchboard.end(call, { cause: 'busy', actor: 'api' })
  await disk.commit()
  told(call, 'a')
  await disk.commit()
  expect(switchboard.find(call)).toBeUndefined()
  const third = await switchboard.end(call, { cause: 'busy', actor: 'api' })
  expect(first).toMatchObject({ result: 'ended', sent: [{ leg: 'a', message: 'OVER', reason: 'because' }] })
  expect(second).toEqual(first)
  expect(third).toEqual(first)
  expect(network.wire.filter((line) => line.includes('over'))).toHaveLength(1)
  expect((await switchboard.end('none', { cause: 'hangup', actor: 'api' })).result).toBe('unknown')
})

test('P4: a call is forgotten once its record stands and every far end answered; the record names what was sent', async () => {
  const { disk, arrive, switchboard, network, told, clock } = bench()
  const call = arrive()
  await disk.commit()
  await switchboard.end(call, { cause: 'hangup', actor: 'api' })
  told(call, 'a')
  expect(switchboard.size).toBe(1)
  await disk.commit()
  expect(switchboard.size).toBe(0)
  expect(network.released).toEqual(['a'])
  expect(disk.records.get(call)?.record.legs[0]?.sent).toBe('OVER')
  clock.advance(200_000)
  expect(clock.armed).toBe(0)
})

test('P4: a far end that never answers is given up, and that is known', async () => {
  const { disk, arrive, switchboard, clock } = bench()
  const call = arrive()
  await disk.commit()
  await switchboard.end(call, { cause: 'hangup', actor: 'api' })
  await disk.commit()
  clock.advance(90_000)
  await disk.commit()
  expect(switchboard.size).toBe(0)
  expect(disk.annexed).toContainEqual([call, expect.any(Number), { type: 'told', leg: 'a', outcome: 'unconfirmed' }])
  expect(clock.armed).toBe(0)
})

test('P3: a record that the disk refuses is tried again until it stands', async () => {
  const { disk, arrive, switchboard, clock } = bench()
  const call = arrive()
  await disk.commit()
  disk.failing = 'settle'
  await switchboard.end(call, { cause: 'hangup', actor: 'api' })
  await disk.commit()
  expect(disk.records.size).toBe(0)
  disk.failing = 'no'
  clock.advance(1_000)
  await disk.commit()
  expect(disk.records.has(call)).toBe(true)
})

test('P4: an unanswered call ends when it has rung for too long', async () => {
  const { disk, arrive, clock } = bench()
  const call = arrive()
  await disk.commit()
  clock.advance(60_000)
  await disk.commit()
  expect(disk.records.get(call)?.record.ending).toMatchObject({ cause: 'no-answer', actor: 'timer' })
})

test('a script that leaves its call, or throws, ends it', async () => {
  const left = bench(async () => {})
  const one = left.arrive()
  await left.disk.commit()
  await left.disk.commit()
  expect(left.disk.records.get(one)?.record.ending).toMatchObject({ cause: 'error', actor: 'platform' })

  const threw = bench(async () => {
    throw new Error('bug')
  })
  const two = threw.arrive()
  await threw.disk.commit()
  await threw.disk.commit()
  expect(threw.disk.records.get(two)?.record.ending.detail).toBe('the script failed')
  expect(threw.faults).toEqual([expect.stringContaining('bug')])
})

test('a watcher that throws breaks nothing', async () => {
  const { disk, arrive, switchboard, faults } = bench(untilOver)
  switchboard.subscribe(() => {
    throw new Error('watcher')
  })
  const call = arrive()
  await switchboard.end(call, { cause: 'hangup', actor: 'api' })
  await disk.commit()
  expect(disk.records.has(call)).toBe(true)
  expect(faults[0]).toContain('watcher')
})
