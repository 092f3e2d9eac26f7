import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { StreamTransport } from '../../../src/sip/transport/stream.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { eventually, Listener, requestText } from './listener.ts'

const loopback = { host: '127.0.0.1', port: 0 }
const open: (() => unknown)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function listen(options: Partial<Parameters<typeof StreamTransport.listen>[0]> = {}) {
  const user = new Listener()
  const clock = new VirtualClock()
  const transport = await StreamTransport.listen({ local: loopback, user, clock, ...options })
  open.push(() => transport.close())
  return { user, clock, transport }
}

async function client(
  transport: StreamTransport,
): Promise<{ socket: Socket; heard: () => string; ended: () => boolean }> {
  const socket = connect(transport.local.port, transport.local.host)
  let text = ''
  let ended = false
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    ended = true
  })
  open.push(() => socket.destroy())
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  return { socket, heard: () => text, ended: () => ended }
}

/** A peer that takes connections. */
async function server(
  taken: (socket: Socket) => void = () => {},
): Promise<{ server: Server; sockets: Socket[]; address: { host: string; port: number } }> {
  const sockets: Socket[] = []
  const made = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    taken(socket)
  })
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    for (const socket of sockets) socket.destroy()
    made.close()
  })
  return { server: made, sockets, address: { host: '127.0.0.1', port: (made.address() as { port: number }).port } }
}

const bytes = (id: string) => Buffer.from(requestText('OPTIONS', id))
const ids = (user: Listener) => user.messages.map(({ message }) => message.headers.get('call-id'))

describe('TCP', () => {
  test('brings messages that share a segment or come in pieces, and answers on the connection', async () => {
    const { user, transport } = await listen()
    user.answer = 200
    const { socket, heard } = await client(transport)
    const third = requestText('MESSAGE', '3', ['Content-Type: text/plain'], 'héllo')
    socket.write(`${requestText('OPTIONS', '1')}${requestText('OPTIONS', '2')}${third.slice(0, 50)}`)
    await user.until(() => user.messages.length === 2)
    for (const byte of Buffer.from(third).subarray(50)) {
      socket.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await user.until(() => user.messages.length === 3)
    expect(ids(user)).toEqual(['1', '2', '3'])
    expect(Buffer.from(user.messages[2]?.message.body ?? []).toString()).toBe('héllo')
    await eventually(() => heard().split('SIP/2.0 200 OK').length === 4)
    expect(new Set(user.messages.map(({ flow }) => flow)).size).toBe(1)
    expect(user.messages[0]?.flow).toMatchObject({
      transport: 'TCP',
      reliable: true,
      open: true,
      local: transport.local,
    })
  })

  test('one connection serves both ways: a request to the peer’s address reuses it', async () => {
    const { user, transport } = await listen()
    const { socket, heard } = await client(transport)
    socket.write(bytes('1'))
    await user.until(() => user.messages.length === 1)
    const flow = user.messages[0]?.flow
    expect(transport.flowTo({ host: '127.0.0.1', port: socket.localPort ?? 0 })).toBe(flow)
    flow?.send(Buffer.from('BYE sip:a SIP/2.0\r\n\r\n'))
    await eventually(() => heard().startsWith('BYE sip:a'))
    expect(transport.connections).toBe(1)
  })

  test('connects where nothing is open, keeps what is sent meanwhile, and uses the connection again', async () => {
    const { user, transport } = await listen()
    let heard = ''
    const { address, sockets } = await server((socket) => {
      socket.on('data', (chunk) => {
        heard += chunk.toString()
      })
      socket.write(requestText('OPTIONS', 'from-there'))
    })
    const flow = transport.flowTo(address)
    flow.send(Buffer.from('one,'))
    expect(transport.flowTo(address)).toBe(flow)
    flow.send(Buffer.from('two'))
    await eventually(() => heard === 'one,two')
    await user.until(() => user.messages.length === 1)
    expect(user.messages[0]?.flow).toBe(flow)
    expect(sockets).toHaveLength(1)
  })

  test('answers a keep-alive with a line end', async () => {
    const { user, transport } = await listen()
    const { socket, heard } = await client(transport)
    socket.write('\r\n\r\n')
    await eventually(() => heard() === '\r\n')
    socket.write(`${requestText('OPTIONS', '1')}\r\n\r\n`)
    await eventually(() => heard() === '\r\n\r\n')
    expect(ids(user)).toEqual(['1'])
    expect(transport.counters.keepAlives).toBe(2)
  })
})

describe('a connection that ends is told once', () => {
  test('closed by the peer', async () => {
    const { user, transport } = await listen()
    const { socket } = await client(transport)
    socket.write(bytes('1'))
    await user.until(() => user.messages.length === 1)
    socket.end()
    await user.until(() => user.failures.length === 1)
    expect(user.failures[0]).toMatchObject({ failure: { code: 'sip.transport.closed' }, flow: { open: false } })
    await eventually(() => transport.connections === 0)
    expect(user.failures).toHaveLength(1)
  })

  test('reset by the peer', async () => {
    const { user, transport } = await listen()
    const { socket } = await client(transport)
    socket.write(bytes('1'))
    await user.until(() => user.messages.length === 1)
    socket.resetAndDestroy()
    await user.until(() => user.failures.length === 1)
    expect(user.failures[0]?.failure.code).toBe('sip.transport.reset')
    expect(user.messages[0]?.flow.open).toBe(false)
  })

  test('refused', async () => {
    const { user, transport } = await listen()
    const { server: gone, address } = await server()
    await new Promise((resolve) => gone.close(resolve))
    const flow = transport.flowTo(address)
    flow.send(bytes('1'))
    await user.until(() => user.failures.length === 1)
    expect(user.failures[0]).toMatchObject({ failure: { code: 'sip.transport.refused' } })
    expect(user.failures[0]?.flow).toBe(flow)
    expect(transport.connections).toBe(0)
  })

  test('and what is sent on it afterwards is lost, which is told as well', async () => {
    const { user, transport } = await listen()
    const { socket } = await client(transport)
    socket.write(bytes('1'))
    await user.until(() => user.messages.length === 1)
    socket.destroy()
    await user.until(() => user.failures.length === 1)
    user.messages[0]?.flow.send(Buffer.from('BYE'))
    await user.until(() => user.failures.length === 2)
    expect(user.failures[1]?.failure.code).toBe('sip.transport.closed')
  })

  test('released by us', async () => {
    const { user, transport } = await listen()
    const { socket, ended } = await client(transport)
    socket.write(bytes('1'))
    await user.until(() => user.messages.length === 1)
    user.messages[0]?.flow.close()
    await eventually(ended)
    expect(user.failures.map(({ failure }) => failure.code)).toEqual(['sip.transport.released'])
  })
})

describe('a stream that cannot be trusted is answered and closed', () => {
  test.each([
    ['two lengths', ['Content-Length: 3']],
    ['a negative length', []],
    ['a length past the cap', []],
  ])('%s', async (what, more) => {
    const { user, transport } = await listen({ limits: { head: 4_096, body: 4_096 } })
    const { socket, heard, ended } = await client(transport)
    let text = requestText('INVITE', '1', more)
    if (what === 'a negative length') text = text.replace('Content-Length: 0', 'Content-Length: -999')
    if (what === 'a length past the cap') text = text.replace('Content-Length: 0', 'Content-Length: 4097')
    socket.write(`${text}rest`)
    await eventually(ended)
    expect(heard()).toMatch(what === 'a length past the cap' ? /^SIP\/2\.0 413 / : /^SIP\/2\.0 400 Bad Content-Length/)
    expect(user.messages).toEqual([])
    expect(user.failures.map(({ failure }) => failure.code)).toEqual(['sip.transport.framing'])
    expect(transport.counters).toMatchObject({ refused: 1, delivered: 0 })
    await eventually(() => transport.connections === 0)
  })

  test('a head without an end, and noise', async () => {
    const { user, transport } = await listen({ limits: { head: 4_096, body: 4_096 } })
    const first = await client(transport)
    first.socket.write('x'.repeat(5_000))
    await eventually(first.ended)
    const second = await client(transport)
    second.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(second.ended)
    expect(second.heard()).toBe('')
    expect(user.messages).toEqual([])
    expect(user.failures.map(({ failure }) => failure.code)).toEqual(['sip.transport.framing', 'sip.transport.framing'])
  })

  test('but one bad message that leaves the framing whole does not end the others', async () => {
    const { user, transport } = await listen({ rules: { methods: ['OPTIONS'] } })
    const { socket, heard } = await client(transport)
    socket.write(requestText('FOO', '1') + requestText('OPTIONS', '2'))
    await user.until(() => user.messages.length === 1)
    await eventually(() => heard().startsWith('SIP/2.0 501 '))
    expect(ids(user)).toEqual(['2'])
  })
})

describe('limits', () => {
  test('more connections than allowed are turned away; room that is freed is used', async () => {
    const { user, transport } = await listen({ maxConnections: 2 })
    const first = await client(transport)
    const second = await client(transport)
    for (const { socket } of [first, second]) socket.write(bytes('1'))
    await user.until(() => user.messages.length === 2)
    const third = await client(transport)
    await eventually(third.ended)
    expect(transport.connections).toBe(2)
    expect(transport.counters.turnedAway).toBe(1)
    const { address } = await server()
    const refused = transport.flowTo(address)
    refused.send(bytes('1'))
    await user.until(() => user.failures.length === 1)
    expect(user.failures[0]?.failure.code).toBe('sip.transport.limit')
    first.socket.destroy()
    await eventually(() => transport.connections === 1)
    expect(transport.flowTo(address).open).toBe(true)
  })

  test('who only occupies a place makes room for who comes later: the longest first', async () => {
    const { user, transport } = await listen({ maxConnections: 3 })
    const speaks = await client(transport)
    speaks.socket.write(bytes('1'))
    await user.until(() => user.messages.length === 1)
    const silent = [await client(transport), await client(transport)]
    const later = await client(transport)
    await eventually(silent[0]!.ended)
    later.socket.write(bytes('2'))
    await user.until(() => user.messages.length === 2)
    expect([speaks, silent[1]!, later].map(({ ended }) => ended())).toEqual([false, false, false])
    expect(transport.connections).toBe(3)
  })

  test('messages that are begun and not finished fill no more than the memory of all connections', async () => {
    const { user, transport } = await listen({ memory: { begun: 100_000 } })
    const half = async () => {
      const one = await client(transport)
      one.socket.write(`INVITE sip:a SIP/2.0\r\nSubject: ${'x'.repeat(30_000)}`)
      return one
    }
    const all = await Promise.all([half(), half(), half(), half()])
    await user.until(() => user.failures.length === 1)
    expect(user.failures[0]?.failure.code).toBe('sip.transport.limit')
    // Which one, is decided in stream-memory.
    await eventually(() => all.filter(({ ended }) => ended()).length === 1)
    expect(transport.connections).toBe(3)
    const quick = await client(transport)
    quick.socket.write(bytes('1'))
    await user.until(() => user.messages.length === 1)
  })

  test('a peer that does not read is let go before it fills our memory', async () => {
    const { user, transport } = await listen({ maxQueued: 64 * 1024 })
    const { address } = await server((socket) => socket.pause())
    const flow = transport.flowTo(address)
    const block = Buffer.alloc(256 * 1024)
    for (let sent = 0; sent < 200 && flow.open; sent++) {
      flow.send(block)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await user.until(() => user.failures.length >= 1)
    expect(user.failures[0]?.failure.code).toBe('sip.transport.congested')
    expect(transport.connections).toBe(0)
  })

  test('an address that is taken, or impossible, is said so', async () => {
    await expect(listen({ local: { host: '127.0.0.1', port: 70_000 } })).rejects.toMatchObject({
      code: 'sip.transport.listen',
    })
    const { transport } = await listen()
    await expect(listen({ local: transport.local })).rejects.toMatchObject({
      code: 'sip.transport.listen',
      transport: 'TCP',
    })
  })

  test('closing ends every connection and leaves no alarm', async () => {
    const { user, clock, transport } = await listen()
    const one = await client(transport)
    const { address } = await server()
    transport.flowTo(address).send(bytes('1'))
    await eventually(() => transport.connections === 2)
    await transport.close()
    await transport.close()
    await eventually(one.ended)
    expect(transport.connections).toBe(0)
    expect(clock.armed).toBe(0)
    expect(transport.flowTo(address).open).toBe(false)
    expect(user.failures.every(({ failure }) => failure.code === 'sip.transport.released')).toBe(true)
  })
})
