import { connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { plainTcp, StreamTransport } from '../../../src/sip/transport/stream.ts'
import { sourceOf } from '../../../src/sip/transport/stream-sources.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { eventually, Listener, requestText } from './listener.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

/** A listener whose callers come from the addresses that a test names, in the order in which they connect. */
async function start(options: { maxConnections?: number; maxPerSource?: number }) {
  const user = new Listener()
  const addresses: string[] = []
  const transport = await StreamTransport.listen({
    local: { host: '127.0.0.1', port: 0 },
    user,
    clock: new VirtualClock(),
    maker: {
      ...plainTcp,
      server: (connected) =>
        createServer((socket) =>
          connected(Object.defineProperty(socket, 'remoteAddress', { value: addresses.shift() })),
        ),
    },
    ...options,
  })
  open.push(() => transport.close())

  function knock(address: string): Socket {
    addresses.push(address)
    const socket = connect(transport.local.port, '127.0.0.1')
    socket.on('error', () => {})
    open.push(() => socket.destroy())
    return socket
  }

  /** Undefined: it was turned away. Else it has been heard. */
  async function caller(address: string): Promise<Socket | undefined> {
    const { turnedAway } = transport.counters
    const heard = user.messages.length
    const socket = knock(address)
    socket.write(requestText('OPTIONS', String(heard)))
    await eventually(() => user.messages.length > heard || transport.counters.turnedAway > turnedAway)
    return user.messages.length > heard ? socket : undefined
  }
  return { transport, user, knock, caller }
}

describe('the connections of one source', () => {
  test('are bounded: the newest is turned away and counted, those that stand and other sources are untouched', async () => {
    const { transport, user, caller } = await start({ maxPerSource: 2 })
    const first = await caller('192.0.2.1')
    const second = await caller('192.0.2.1')
    expect(await caller('192.0.2.1')).toBeUndefined()
    expect(await caller('192.0.2.2')).toBeDefined()
    expect([first?.destroyed, second?.destroyed]).toEqual([false, false])
    expect(user.failures).toEqual([])
    expect(transport.connections).toBe(3)
    expect(transport.counters.turnedAway).toBe(1)
  })

  test('leave room for one more when one is gone', async () => {
    const { transport, caller } = await start({ maxPerSource: 1 })
    const first = await caller('192.0.2.1')
    expect(await caller('192.0.2.1')).toBeUndefined()
    first?.destroy()
    await eventually(() => transport.connections === 0)
    expect(await caller('192.0.2.1')).toBeDefined()
    expect(await caller('192.0.2.1')).toBeUndefined()
  })

  test('push nobody out: who is silent gives way to others, and not to one too many of a source', async () => {
    const { transport, user, knock, caller } = await start({ maxPerSource: 1, maxConnections: 2 })
    expect(await caller('192.0.2.1')).toBeDefined()
    knock('192.0.2.2')
    await eventually(() => transport.connections === 2)
    expect(await caller('192.0.2.1')).toBeUndefined()
    expect(transport.connections).toBe(2)
    expect(user.failures).toEqual([])
    expect(await caller('192.0.2.3')).toBeDefined()
    expect(user.failures.map(({ flow }) => flow.remote.host)).toEqual(['192.0.2.2'])
  })

  test('are those that come in: our own to the same address count only in all', async () => {
    const { transport, caller } = await start({ maxPerSource: 1 })
    const far = createServer((socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => far.listen(0, '127.0.0.1', resolve))
    open.push(() => far.close())
    const { port } = far.address() as { port: number }
    const ours = transport.flowTo({ host: '127.0.0.1', port })
    expect(await caller('127.0.0.1')).toBeDefined()
    expect(await caller('127.0.0.1')).toBeUndefined()
    ours.close()
    await eventually(() => transport.connections === 1)
    expect(await caller('127.0.0.1')).toBeUndefined()
    expect(transport.flowTo({ host: '127.0.0.1', port }).open).toBe(true)
  })

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['2001:db8::2:0:0:1', '2001:db8:0:0::/64'],
    ['2001:db8::3:2:0:0:1', '2001:db8:0:3::/64'],
    ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
  ])('%s is of the source %s', (host, source) => {
    expect(sourceOf(host)).toBe(source)
  })
})
