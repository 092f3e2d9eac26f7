import { expect, test } from 'vitest'
import { bench } from './bench.ts'

test('P3, P4: calls found live are told, recorded and notified once, even if recovery is cut short', async () => {
  const before = bench()
  const call = before.arrive()
  await before.disk.commit()

  const cut = bench()
  cut.disk.live = new Map(before.disk.live)
  expect(await cut.switchboard.recover()).toBe(1)
  expect(cut.network.wire).toEqual(['a quiet', 'a over:restarted'])
  // It dies before its disk commits; the next process finds the same row.
  const again = bench()
  again.disk.live = new Map(before.disk.live)
  await again.switchboard.recover()
  again.told(call, 'a')
  await again.disk.commit()
  const settled = again.disk.records.get(call)
  expect(settled?.record.ending).toMatchObject({ cause: 'restarted', actor: 'platform' })
  expect(settled?.deliveries).toHaveLength(1)
  expect(again.disk.annexed).toHaveLength(1)
  expect(again.disk.live.size).toBe(0)
  expect(again.switchboard.size).toBe(0)
})

test('P2: a call that is recovered stays live on disk until its far end has answered, so that a second crash finds it', async () => {
  const before = bench()
  const call = before.arrive()
  await before.disk.commit()
  const after = bench()
  after.disk.live = new Map(before.disk.live)
  await after.switchboard.recover()
  await after.disk.commit()
  expect([...after.disk.live.keys()]).toEqual([call])
  expect(after.disk.records.size).toBe(0)
  // A far end that is gone itself does not keep the record from being written.
  after.clock.advance(2_000)
  await after.disk.commit()
  expect(after.disk.records.get(call)?.deliveries).toHaveLength(1)
  expect([...after.disk.live.keys()], 'nor the next process from telling it').toEqual([call])
  after.told(call, 'a')
  await after.disk.commit()
  expect(after.disk.live.size).toBe(0)
  expect(after.switchboard.size).toBe(0)
})

test('draining refuses what is new and waits for what lives, up to the limit', async () => {
  const { arrive, switchboard, network, clock, disk } = bench()
  const living = arrive('a')
  await disk.commit()
  switchboard.drain()
  arrive('b')
  expect(network.draining).toBe(true)
  expect(network.wire).toEqual(['b quiet', 'b over:shutdown'])
  const waited = switchboard.emptied(5_000)
  clock.advance(5_000)
  await waited
  switchboard.endAll({ cause: 'shutdown', actor: 'platform' })
  expect(switchboard.find(living)?.state).toMatchObject({ name: 'ended', ending: { cause: 'shutdown' } })
})

test('P1: a call that came, and was stored, while the rows were read is none of an earlier life', async () => {
  const { arrive, switchboard, network, disk } = bench()
  const call = arrive()
  await disk.commit()
  expect(await switchboard.recover()).toBe(0)
  expect(network.wire).toEqual([])
  expect(switchboard.find(call)?.state).toEqual({ name: 'live' })
})

test('a row that cannot be understood is reported, and the others are ended all the same', async () => {
  const before = bench()
  const call = before.arrive()
  await before.disk.commit()
  const { switchboard, disk, network, faults } = bench()
  disk.live = new Map([['odd', { call: { id: 'odd' } } as never], ...before.disk.live])
  await switchboard.recover()
  switchboard.dispatch(call, { type: 'told', at: 0, leg: 'a', outcome: 'delivered' })
  await disk.commit()
  expect(network.wire).toEqual(['a quiet', 'a over:restarted'])
  expect(disk.records.get(call)?.record.ending.cause).toBe('restarted')
  expect(faults).toEqual([expect.stringContaining('ending call odd, found live')])
  expect(switchboard.size).toBe(0)
})

test('P5: a caller that was answered before the disk was told of it is found answered, and ends as one', async () => {
  const before = bench()
  const call = before.arrive()
  await before.disk.commit()
  before.switchboard.dispatch(call, { type: 'ringing', at: 1_500, leg: 'a' })
  const row = structuredClone(JSON.parse(JSON.stringify(before.disk.live.get(call))))
  expect(row.call.legs[0].state.name).toBe('ringing')

  const after = bench(undefined, { found: new Map([['a', { answering: 2_000 }]]) })
  after.disk.live = new Map([[call, row]])
  after.clock.advance(1_000)
  await after.switchboard.recover()
  after.told(call, 'a')
  await after.disk.commit()
  const { record } = after.disk.records.get(call)!
  expect(record).toMatchObject({ answered: 2_000, ending: { cause: 'restarted', phase: 'answered' } })
  expect(record.legs[0]).toMatchObject({ answered: 2_000, ending: { phase: 'answered' } })
  expect(after.disk.live.size).toBe(0)
})

test('P5: what was answered and is stored so keeps the time that is stored', async () => {
  const before = bench()
  const call = before.arrive()
  before.switchboard.dispatch(call, { type: 'answered', at: 1_700, leg: 'a' })
  await before.disk.commit()
  const after = bench(undefined, { found: new Map([['a', { answering: 9_000 }]]) })
  after.disk.live = new Map(before.disk.live)
  await after.switchboard.recover()
  after.told(call, 'a')
  await after.disk.commit()
  expect(after.disk.records.get(call)?.record.answered).toBe(1_700)
})

test('P2: that a far end has the answer is marked, and known after the crash', async () => {
  const marks: string[] = []
  const before = bench(undefined, { marks })
  const call = before.arrive()
  await before.disk.commit()
  const row = before.disk.live.get(call)!
  before.switchboard.dispatch(call, { type: 'answered', at: 1_700, leg: 'a' })
  before.switchboard.dispatch(call, { type: 'acknowledged', at: 1_750, leg: 'a' })
  expect(marks).toEqual(['a acknowledged at 1750'])
  const after = bench(undefined, { found: new Map([['a', { answering: 1_700, acknowledged: 1_750 }]]) })
  after.disk.live = new Map([[call, row]])
  await after.switchboard.recover()
  expect(after.network.revived).toEqual([{ leg: 'a', state: { name: 'answered', at: 1_700, ack: 'seen' } }])
})

test('P5: an outgoing leg that the disk held had been offered', async () => {
  const before = bench()
  const placed = before.switchboard.place(
    { platform: 'script', data: {} },
    { network: 'paper', from: '1', to: '2' },
    {},
  )
  await before.disk.commit()
  const { call, leg } = await placed
  const row = before.disk.live.get(call)!
  expect(row.call.legs[0]?.state.name).toBe('queued')

  const after = bench()
  after.disk.live = new Map([[call, row]])
  await after.switchboard.recover()
  after.told(call, leg)
  await after.disk.commit()
  expect(after.disk.records.get(call)?.record.ending).toMatchObject({ cause: 'restarted', phase: 'offered' })
})
