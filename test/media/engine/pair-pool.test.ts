import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { PairPool } from '../../../src/media/engine/pair-pool.ts'
import type { PortPair } from '../../../src/media/engine/ports.ts'

class FakeSocket extends EventEmitter {
  closed = false
  close(done?: () => void): void {
    this.closed = true
    queueMicrotask(() => done?.())
  }
}

/** A pool on a clock of its own, whose binder has `ports` pairs to give. */
function poolForTest(ports = 1000) {
  let now = 50_000
  let bound = 0
  let quieted = 0
  const looks: (() => void)[] = []
  const pool = new PairPool(2, {
    async bind() {
      if (bound === ports) throw new Error('no port')
      return { port: 2 * ++bound, rtp: new FakeSocket(), rtcp: new FakeSocket() } as unknown as PortPair
    },
    now: () => now,
    every(_milliseconds, look) {
      looks.push(look)
      return () => looks.splice(looks.indexOf(look), 1)
    },
    quieted: () => void quieted++,
  })
  async function begin(): Promise<PortPair> {
    const pair = await pool.give()
    pool.use()
    return pair
  }
  return {
    pool,
    looking: () => looks.length > 0,
    quieted: () => quieted,
    pass(milliseconds: number) {
      for (const end = now + milliseconds; now < end; ) {
        now = Math.min(end, now + 1000)
        for (const look of looks) look()
      }
    },
    begin,
    async beginMany(count: number) {
      const pairs: PortPair[] = []
      for (let n = 0; n < count; n++) pairs.push(await begin())
      return pairs
    },
    end: (pair: PortPair) => new Promise<void>((resolve) => pool.takeBack(pair, resolve)),
  }
}

const isClosed = ({ rtp, rtcp }: PortPair) =>
  [rtp, rtcp].map((socket) => (socket as unknown as FakeSocket).closed).join()
const hear = ({ rtp }: PortPair) => (rtp as unknown as EventEmitter).emit('message')
const listeners = ({ rtp, rtcp }: PortPair) =>
  [rtp, rtcp].map((socket) => (socket as unknown as EventEmitter).listenerCount('message')).join()

test('an engine with little to do keeps no pair: the ports of a call are free when it is over', async () => {
  const { begin, end, looking } = poolForTest()
  for (let n = 0; n < 2; n++) {
    const pair = await begin()
    await end(pair)
    expect(isClosed(pair)).toBe('true,true')
  }
  expect(looking()).toBe(false)
})

test('a busy engine uses a pair again, but only after its rest', async () => {
  const { beginMany, begin, end, pass } = poolForTest()
  const pairs = await beginMany(10)
  await end(pairs[0]!)
  expect(isClosed(pairs[0]!)).toBe('false,false')
  pass(999)
  expect((await begin()).port).toBe(22)
  pass(1)
  expect((await begin()).port).toBe(pairs[0]!.port)
  expect(listeners(pairs[0]!)).toBe('0,0')
})

test('packets that are late by less than the rest change nothing', async () => {
  const { beginMany, begin, end, pass } = poolForTest()
  const [pair] = await beginMany(10)
  await end(pair!)
  pass(300)
  hear(pair!)
  pass(700)
  expect(await begin()).toBe(pair)
})

test('a pair that the last call is still sending to is never used again', async () => {
  const { beginMany, begin, end, pass } = poolForTest()
  const [pair] = await beginMany(10)
  await end(pair!)
  for (let n = 0; n < 10; n++) {
    pass(100)
    hear(pair!)
  }
  expect(await begin()).not.toBe(pair)
  expect(isClosed(pair!)).toBe('true,true')
})

test('it keeps little more than a second of calls needs, and none soon after the last', async () => {
  const { beginMany, end, pass, looking } = poolForTest()
  const pairs = await beginMany(20)
  pass(1000)
  pairs.push(...(await beginMany(20)))
  for (const pair of pairs) await end(pair)
  expect(pairs.filter((pair) => isClosed(pair) === 'false,false')).toHaveLength(27)
  pass(4000)
  expect(pairs.map(isClosed)).toEqual(pairs.map(() => 'true,true'))
  expect(looking()).toBe(false)
})

test('where nothing else is free, a pair does without its rest', async () => {
  const { beginMany, begin, end } = poolForTest(10)
  const pairs = await beginMany(10)
  await expect(begin()).rejects.toThrow('no port')
  await end(pairs[3]!)
  await end(pairs[4]!)
  expect(await begin()).toBe(pairs[3])
})

test('closed, it closes what it keeps and what comes back', async () => {
  const { pool, beginMany, end, looking } = poolForTest()
  const pairs = await beginMany(10)
  await end(pairs[0]!)
  pool.close()
  await end(pairs[1]!)
  expect(pairs.slice(0, 2).map(isClosed)).toEqual(['true,true', 'true,true'])
  expect(looking()).toBe(false)
})

test('a busy time that is over is said once, when the last pair is closed', async () => {
  const { beginMany, end, pass, quieted } = poolForTest()
  const pairs = await beginMany(20)
  for (const pair of pairs) await end(pair)
  expect(quieted()).toBe(0)
  pass(5000)
  expect(quieted()).toBe(1)
  pass(60_000)
  expect(quieted()).toBe(1)
})
