import { expect, test } from 'vitest'
import { bench, untilOver } from './bench.ts'

const byApi = { cause: 'hangup', actor: 'api' } as const

/** A caller, and somebody who rings for him, in a process that is about to die. */
async function ringing(rule: 'together' | 'caller-survives') {
  let placed = ''
  const before = bench(async (control) => {
    placed = control.dial({ target: { network: 'paper', to: 'b', from: 'x' }, bridge: { to: 'a', rule } })
    await untilOver(control)
  })
  const call = before.arrive()
  await before.disk.commit()
  await before.disk.commit()
  expect(before.network.wire).toEqual(['b offer'])
  before.network.wire = []
  return { before, call, placed }
}

test('P2: what a far end had not confirmed is told again by the next process; nothing else happens again', async () => {
  const before = bench()
  const call = before.arrive()
  await before.disk.commit()
  before.switchboard.end(call, byApi)
  await before.disk.commit()
  expect(before.disk.records.get(call)?.deliveries).toHaveLength(1)

  const after = bench(undefined, { disk: before.disk.left() })
  expect(await after.switchboard.recover(), 'it was not found live').toBe(0)
  expect(after.network.wire).toEqual(['a over:hangup'])
  expect([...after.switchboard.live()]).toEqual([])
  after.told(call, 'a')
  await after.disk.commit()
  expect(after.disk.live.size).toBe(0)
  expect(after.disk.annexed).toEqual([[call, 1_000, { type: 'told', leg: 'a', outcome: 'delivered' }]])
  expect(after.delivered).toEqual([])
  expect(after.disk.log).not.toContain('settle')
  expect(after.switchboard.size).toBe(0)
})

test.for([
  { found: { answering: 1_000, acknowledged: 1_000 }, ack: 'seen' },
  { found: { answering: 1_000 }, ack: 'awaited' },
] as const)('P2: of an answer that ended unconfirmed, the slate says that it is $ack', async ({ found, ack }) => {
  const before = bench()
  const call = before.arrive()
  await before.disk.commit()
  before.switchboard.dispatch(call, { type: 'answered', at: 1_000, leg: 'a' })
  before.switchboard.dispatch(call, { type: 'acknowledged', at: 1_000, leg: 'a' })
  before.switchboard.end(call, byApi)
  await before.disk.commit()
  const after = bench(undefined, { disk: before.disk.left(), found: new Map([['a', found]]) })
  await after.switchboard.recover()
  expect(after.network.revived).toEqual([{ leg: 'a', state: { name: 'answered', at: 1_000, ack } }])
})

test('P2: a process that dies while it tells again leaves that to the next', async () => {
  const before = bench()
  const call = before.arrive()
  await before.disk.commit()
  before.switchboard.end(call, byApi)
  await before.disk.commit()
  const cut = bench(undefined, { disk: before.disk.left() })
  await cut.switchboard.recover()
  await cut.disk.commit()
  const after = bench(undefined, { disk: cut.disk.left() })
  await after.switchboard.recover()
  expect(after.network.wire).toEqual(['a over:hangup'])
  // A far end that never answers is given up, like any other.
  after.clock.advance(80_000)
  await after.disk.commit()
  expect(after.disk.annexed.map(([, , entry]) => entry)).toEqual([{ type: 'told', leg: 'a', outcome: 'unconfirmed' }])
  expect(after.disk.live.size).toBe(0)
  expect(call).not.toBe('')
})

test('P2: what was learnt in the turn that ended the call is known to the next process', async () => {
  const before = bench()
  const call = before.arrive()
  await before.disk.commit()
  before.switchboard.dispatch(call, { type: 'answered', at: 1_000, leg: 'a' })
  before.switchboard.end(call, byApi)
  await before.disk.commit()
  const disk = before.disk.left()
  expect(disk.live.get(call)?.call.legs[0]?.state).toMatchObject({ name: 'ended', told: 'pending' })
  const after = bench(undefined, { disk })
  expect(await after.switchboard.recover()).toBe(0)
  expect(after.network.wire).toEqual(['a over:hangup'])
  after.told(call, 'a')
  await after.disk.commit()
  expect(after.disk.live.size).toBe(0)
})

test('P4: who has confirmed before the record is written leaves no row, and who does later takes it away', async () => {
  const { disk, arrive, switchboard, told } = bench()
  const [soon, late] = [arrive('a'), arrive('b')]
  await disk.commit()
  for (const call of [soon, late]) switchboard.end(call, byApi)
  told(soon, 'a')
  await disk.commit()
  expect([...disk.live.keys()]).toEqual([late])
  told(late, 'b')
  await disk.commit()
  expect(disk.live.size).toBe(0)
  expect(disk.log.filter((what) => what === 'release')).toHaveLength(1)
  const after = bench(undefined, { disk: disk.left() })
  await after.switchboard.recover()
  expect(after.network.wire).toEqual([])
})

test('P2: the party that hung up is not told that it did, the one that rang is', async () => {
  const { before, call } = await ringing('together')
  before.switchboard.dispatch(call, {
    type: 'end',
    at: 1_000,
    leg: 'a',
    reason: { cause: 'cancelled', actor: 'party' },
    heard: 'wire',
  })
  await before.disk.commit()
  expect(before.network.wire).toContain('b over:cancelled')
  const after = bench(undefined, { disk: before.disk.left() })
  await after.switchboard.recover()
  expect(after.network.wire.map((line) => line.replace(/^\S+ /, ''))).toEqual(['over:cancelled'])
})

test('P2: a leg that ended before its call, and had not confirmed it, is told again too', async () => {
  const { before, call, placed } = await ringing('caller-survives')
  before.switchboard.dispatch(call, {
    type: 'end',
    at: 1_000,
    leg: placed,
    reason: { cause: 'no-answer', actor: 'timer' },
  })
  await before.disk.commit()
  const after = bench(undefined, { disk: before.disk.left() })
  expect(await after.switchboard.recover()).toBe(1)
  expect(after.network.wire).toEqual([`${placed} over:no-answer`, 'a quiet', 'a over:restarted'])
  after.told(call, placed)
  after.told(call, 'a')
  await after.disk.commit()
  expect(after.disk.live.size).toBe(0)
  expect(after.switchboard.size).toBe(0)
})

test('a network that keeps its word by itself is not asked to say it again', async () => {
  const before = bench()
  before.network.keepsItsWord = true
  const call = before.arrive()
  await before.disk.commit()
  before.switchboard.end(call, byApi)
  await before.disk.commit()
  expect(before.disk.live.size).toBe(0)
})
