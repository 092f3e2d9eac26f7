import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test } from 'vitest'
import { PortBinder, type PortPair } from '../../../src/media/engine/ports.ts'

function release(...pairs: PortPair[]): void {
  for (const { rtp, rtcp } of pairs) {
    rtp.close()
    rtcp?.close()
  }
}

/** A stretch of ports that is free now: 2 × `pairs` of them, the first even. */
async function freeRange(pairs: number) {
  for (;;) {
    const probe = await new PortBinder('127.0.0.1', null, 0).bind()
    release(probe)
    const range = { first: probe.port, last: probe.port + 2 * pairs - 1 }
    if (range.last > 65_000) continue
    const bound: PortPair[] = []
    try {
      for (let n = 0; n < pairs; n++) bound.push(await new PortBinder('127.0.0.1', range, n / pairs).bind())
      if (new Set(bound.map(({ port }) => port)).size === pairs) return range
    } catch {
      // Somebody holds one of them.
    } finally {
      release(...bound)
    }
  }
}

test('any free pair is an even port and the next one', async () => {
  const binder = new PortBinder('127.0.0.1', null, 0)
  for (let n = 0; n < 10; n++) {
    const pair = await binder.bind()
    onTestFinished(() => release(pair))
    expect(pair.port % 2).toBe(0)
    expect([pair.rtp.address().port, pair.rtcp?.address().port]).toEqual([pair.port, pair.port + 1])
  }
})

test('a range is used to its last pair, then there is no port', async () => {
  const range = await freeRange(3)
  const binder = new PortBinder('127.0.0.1', range, 0.9)
  const pairs = [await binder.bind(), await binder.bind(), await binder.bind()]
  onTestFinished(() => release(...pairs.slice(1)))
  expect(pairs.map(({ port }) => port - range.first).toSorted()).toEqual([0, 2, 4])
  await expect(binder.bind()).rejects.toMatchObject({ code: 'media.no-port' })
  release(pairs[0]!)
  // Free is what has closed.
  await new Promise((resolve) => setImmediate(resolve))
  const again = await binder.bind()
  expect(again.port).toBe(pairs[0]!.port)
  release(again)
})

test('a port just freed is the last to be used again', async () => {
  const range = await freeRange(3)
  const binder = new PortBinder('127.0.0.1', range, 0)
  const ports: number[] = []
  for (let n = 0; n < 3; n++) {
    const pair = await binder.bind()
    ports.push(pair.port)
    release(pair)
  }
  expect(new Set(ports).size).toBe(3)
})

test('a pair whose second port is taken is passed over', async () => {
  const range = await freeRange(2)
  const taken = createSocket('udp4')
  await new Promise<void>((resolve) => taken.bind(range.first + 1, '127.0.0.1', resolve))
  onTestFinished(() => void taken.close())
  const pair = await new PortBinder('127.0.0.1', range, 0).bind()
  expect(pair.port).toBe(range.first + 2)
  release(pair)
})

test('an odd first port is rounded up, and a range without a pair has none', async () => {
  const { first } = await freeRange(2)
  const pair = await new PortBinder('127.0.0.1', { first: first + 1, last: first + 3 }, 0).bind()
  expect(pair.port).toBe(first + 2)
  release(pair)
  const none = new PortBinder('127.0.0.1', { first: first + 1, last: first + 2 }, 0)
  await expect(none.bind()).rejects.toMatchObject({ code: 'media.no-port' })
})

test('an address that is not ours has no port', async () => {
  await expect(new PortBinder('192.0.2.1', null, 0).bind()).rejects.toMatchObject({ code: 'media.no-port' })
})

test('without control, the second port of a pair stays free', async () => {
  const pair = await new PortBinder('127.0.0.1', null, 0, 'none').bind()
  onTestFinished(() => release(pair))
  expect(pair.rtcp).toBeNull()
  const neighbour = createSocket('udp4')
  onTestFinished(() => void neighbour.close())
  await new Promise<void>((resolve) => neighbour.bind(pair.port + 1, '127.0.0.1', resolve))
})
