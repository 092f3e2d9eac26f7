import { connect, Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { plainTcp, StreamTransport } from '../../../src/sip/transport/stream.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { eventually, Listener, requestText } from './listener.ts'

const open: (() => unknown)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function start() {
  const user = new Listener()
  const clock = new VirtualClock()
  const transport = await StreamTransport.listen({
    local: { host: '127.0.0.1', port: 0 },
    user,
    clock,
    // A connection attempt that nobody ever answers.
    maker: { ...plainTcp, connect: () => new Socket() },
    times: { connect: 5_000, message: 10_000, firstMessage: 20_000, idle: 100_000 },
  })
  const socket = connect(transport.local.port, '127.0.0.1')
  socket.on('error', () => {})
  open.push(
    () => transport.close(),
    () => socket.destroy(),
  )
  await eventually(() => transport.connections === 1)
  const reasons = async (count: number) => {
    await user.until(() => user.failures.length === count)
    return user.failures.map(({ failure }) => `${failure.code}: ${failure.detail}`)
  }
  return { user, clock, transport, socket, reasons }
}

describe('upkeep of connections', () => {
  test('a connection that does not come about is given up', async () => {
    const { clock, transport, reasons } = await start()
    const flow = transport.flowTo({ host: '192.0.2.1', port: 5060 })
    clock.advance(4_999)
    expect(flow.open).toBe(true)
    clock.advance(1_001)
    expect(flow.open).toBe(false)
    expect(await reasons(1)).toEqual(['sip.transport.timeout: no connection'])
  })

  test('one that never brings a message is closed', async () => {
    const { clock, transport, reasons } = await start()
    clock.advance(19_000)
    expect(transport.connections).toBe(1)
    clock.advance(2_000)
    expect(await reasons(1)).toEqual(['sip.transport.released: it never brought a message'])
    expect(transport.connections).toBe(0)
  })

  test('a message that is begun and not finished ends it, even if bytes keep trickling', async () => {
    const { user, clock, socket, reasons } = await start()
    socket.write(requestText('OPTIONS', '1'))
    await user.until(() => user.messages.length === 1)
    socket.write('INVITE sip:a SIP/2.0\r\n')
    // The bytes arrive in real time; until they do, there is nothing to expire.
    for (let i = 0; i < 200 && user.failures.length === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      socket.write('X')
      clock.advance(1_000)
    }
    expect(await reasons(1)).toEqual(['sip.transport.framing: a message was begun and not finished'])
    expect(user.messages).toHaveLength(1)
  })

  test('an idle one is closed; a keep-alive is life enough', async () => {
    const { user, clock, transport, socket, reasons } = await start()
    socket.write(requestText('OPTIONS', '1'))
    await user.until(() => user.messages.length === 1)
    clock.advance(90_000)
    socket.write('\r\n\r\n')
    await eventually(() => transport.counters.keepAlives === 1)
    clock.advance(90_000)
    expect(transport.connections).toBe(1)
    clock.advance(11_000)
    expect(await reasons(1)).toEqual(['sip.transport.released: idle'])
  })

  test('one alarm serves all connections, and none is left when they are gone', async () => {
    const { clock, transport, socket } = await start()
    const second = connect(transport.local.port, '127.0.0.1')
    await eventually(() => transport.connections === 2)
    expect(clock.armed).toBe(1)
    socket.destroy()
    second.destroy()
    await eventually(() => transport.connections === 0)
    clock.advance(1_000)
    expect(clock.armed).toBe(0)
  })
})
