import { createSocket, Socket } from 'node:dgram'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { headersOf, request, serialise } from '../../../src/sip/message/build.ts'
import { parse } from '../../../src/sip/message/parse.ts'
import { UdpTransport } from '../../../src/sip/transport/udp.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { eventually, Listener, requestText } from './listener.ts'

const loopback = { host: '127.0.0.1', port: 0 }
const open: { close(): unknown }[] = []

afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

async function listen(options: Partial<Parameters<typeof UdpTransport.listen>[0]> = {}) {
  const user = new Listener()
  const clock = new VirtualClock()
  const transport = await UdpTransport.listen({ local: loopback, user, clock, ...options })
  open.push(transport)
  return { user, clock, transport }
}

async function peer(): Promise<{ socket: Socket; address: { host: string; port: number }; heard: string[] }> {
  const socket = createSocket('udp4')
  const heard: string[] = []
  socket.on('message', (bytes) => heard.push(bytes.toString('latin1')))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  open.push({ close: () => new Promise<void>((resolve) => socket.close(() => resolve())) })
  return { socket, address: { host: '127.0.0.1', port: socket.address().port }, heard }
}

describe('UDP', () => {
  test('brings a request, and takes the answer back to where it came from', async () => {
    const { user, transport } = await listen()
    const { socket, address, heard } = await peer()
    user.answer = 200
    socket.send(requestText('OPTIONS', '1'), transport.local.port, transport.local.host)
    await user.until(() => user.messages.length === 1)
    expect(user.messages[0]?.flow).toMatchObject({
      transport: 'UDP',
      reliable: false,
      open: true,
      remote: address,
      local: transport.local,
    })
    await eventually(() => heard.length === 1)
    expect(parse(Buffer.from(heard[0] ?? '', 'latin1'))).toMatchObject({ kind: 'response', status: 200 })
    expect(heard[0]).toContain(`received=127.0.0.1;rport=${address.port}`)
  })

  test('what leaves at the end of the turn can be sent at once, and is sent once', async () => {
    const { transport } = await listen({ watchedPeers: 0 })
    const { address, heard } = await peer()
    const left = vi.spyOn(Socket.prototype, 'send')
    onTestFinished(() => left.mockRestore())
    transport.flowTo(address).send(Buffer.from(requestText('OPTIONS', '1'), 'latin1'))
    expect(left).not.toHaveBeenCalled()
    transport.flush()
    expect(left).toHaveBeenCalledTimes(1)
    await eventually(() => heard.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard).toHaveLength(1)
  })

  test('two flows to one address have one id', async () => {
    const { transport } = await listen()
    const remote = { host: '127.0.0.1', port: 9 }
    expect(transport.flowTo(remote).id).toBe(transport.flowTo(remote).id)
    expect(transport.flowTo(remote).id).not.toBe(transport.flowTo({ host: '127.0.0.1', port: 10 }).id)
  })

  test.each([
    ['a broadcast address', '255.255.255.255'],
    ['an address of another family', '::1'],
  ])('P7: where no socket can connect to (%s), the flow fails and nothing else does', async (_what, host) => {
    const { user, transport } = await listen()
    transport.flowTo({ host, port: 5060 }).send(Buffer.from(requestText('OPTIONS', '1'), 'latin1'))
    await user.until(() => user.failures.length > 0)
    expect(user.failures[0]).toMatchObject({ flow: { remote: { host, port: 5060 } } })
    expect(transport).toMatchObject({ open: true, watched: 0 })
  })

  test('sends from the port it listens on, to watched peers and to others', async () => {
    for (const watchedPeers of [0, 1]) {
      const { transport } = await listen({ watchedPeers })
      const { address, socket } = await peer()
      const from: number[] = []
      socket.on('message', (_bytes, source) => from.push(source.port))
      for (const _ of [1, 2]) transport.flowTo(address).send(Buffer.from(requestText('OPTIONS', '1')))
      await eventually(() => from.length === 2)
      expect(from).toEqual([transport.local.port, transport.local.port])
      expect(transport.watched).toBe(watchedPeers)
    }
  })

  test('what was said in the turn that closes it is still sent, in its order', async () => {
    const { transport } = await listen()
    const { address, heard } = await peer()
    const response = transport.flowTo(address, 'response')
    for (const id of ['1', '2', '3']) response.send(Buffer.from(requestText('OPTIONS', id), 'latin1'))
    await transport.close()
    await eventually(() => heard.length === 3)
    expect(heard).toEqual(['1', '2', '3'].map((id) => requestText('OPTIONS', id)))
  })

  test('hears every peer while some have sockets of their own', async () => {
    const { user, transport } = await listen()
    const peers = await Promise.all([peer(), peer(), peer()])
    for (const { address } of peers.slice(0, 2))
      transport.flowTo(address).send(Buffer.from(requestText('OPTIONS', '0')))
    await eventually(() => peers.slice(0, 2).every(({ heard }) => heard.length === 1))
    for (const { socket } of peers) {
      for (let i = 0; i < 20; i++)
        socket.send(requestText('OPTIONS', `${socket.address().port}-${i}`), transport.local.port, '127.0.0.1')
    }
    await user.until(() => user.messages.length === 60)
    expect(new Set(user.messages.map(({ message }) => message.headers.get('call-id'))).size).toBe(60)
  })

  test('drops keep-alives and noise, counts them, and goes on', async () => {
    const { user, transport } = await listen()
    const { socket } = await peer()
    for (const noise of ['\r\n\r\n', '\0', '', 'not a SIP message at all', '\0\x01\0\0!\x12\xa4B'.padEnd(20, '\0')]) {
      socket.send(Buffer.from(noise, 'latin1'), transport.local.port, transport.local.host)
    }
    socket.send(requestText('OPTIONS', '1'), transport.local.port, transport.local.host)
    await user.until(() => user.messages.length === 1)
    expect(transport.counters).toMatchObject({ keepAlives: 3, garbage: 2, delivered: 1, userFaults: 0 })
  })

  test('an exception above does not stop it', async () => {
    const user = new Listener()
    let thrown = 0
    user.message = () => {
      thrown++
      throw new Error('above')
    }
    const { transport } = await listen({ user })
    const { socket } = await peer()
    for (const id of ['1', '2']) socket.send(requestText('OPTIONS', id), transport.local.port, transport.local.host)
    await eventually(() => thrown === 2)
    expect(transport.counters.userFaults).toBe(2)
    expect(user.faults.map(String)).toEqual(['Error: above', 'Error: above'])
  })

  test('refuses to share its port with anybody', async () => {
    const { transport } = await listen()
    await expect(listen({ local: transport.local })).rejects.toMatchObject({ code: 'sip.transport.listen' })
  })

  test('says which address it cannot listen on', async () => {
    await expect(listen({ local: { host: '192.0.2.1', port: 5060 } })).rejects.toThrow(/UDP 192\.0\.2\.1:5060/)
    await expect(listen({ local: { host: '127.0.0.1', port: 70_000 } })).rejects.toMatchObject({
      code: 'sip.transport.listen',
    })
  })
})

describe('what UDP cannot deliver is told, never thrown', () => {
  const gone = async () => {
    const { socket, address } = await peer()
    open.pop()
    await new Promise<void>((resolve) => socket.close(() => resolve()))
    return address
  }

  test('nobody listens there: refused, at once and every time', async () => {
    const { user, transport } = await listen()
    const remote = await gone()
    const flow = transport.flowTo(remote)
    flow.send(Buffer.from(requestText('INVITE', '1')))
    await user.until(() => user.failures.length === 1)
    expect(user.failures[0]).toMatchObject({
      failure: { code: 'sip.transport.refused' },
      flow: { remote, id: flow.id, open: true },
    })
    flow.send(Buffer.from(requestText('INVITE', '2')))
    await user.until(() => user.failures.length >= 2)
    expect(user.failures.at(-1)?.failure.code).toBe('sip.transport.refused')
  })

  test('and a peer that comes back on that port is reached', async () => {
    const { user, transport } = await listen()
    const remote = await gone()
    const flow = transport.flowTo(remote)
    flow.send(Buffer.from(requestText('INVITE', '1')))
    await user.until(() => user.failures.length === 1)
    const socket = createSocket('udp4')
    const heard: Buffer[] = []
    socket.on('message', (bytes) => heard.push(bytes))
    await new Promise<void>((resolve) => socket.bind(remote.port, '127.0.0.1', resolve))
    open.push({ close: () => new Promise<void>((resolve) => socket.close(() => resolve())) })
    flow.send(Buffer.from(requestText('INVITE', '2')))
    await eventually(() => heard.length === 1)
  })

  test('a datagram that is too long, an impossible port, an unreachable address', async () => {
    const { user, transport } = await listen({ watchedPeers: 0 })
    const { address } = await peer()
    transport.flowTo(address).send(Buffer.alloc(65_508))
    transport.flowTo({ host: '127.0.0.1', port: 0 }).send(Buffer.from('x'))
    transport.flowTo({ host: 'not an address', port: 5060 }).send(Buffer.from('x'))
    await user.until(() => user.failures.length === 3)
    expect(user.failures[0]?.failure.code).toBe('sip.transport.too-large')
    expect(transport.counters.failures).toBe(3)
  })

  test('an answer never costs a socket, wherever it is asked for', async () => {
    const { user, transport } = await listen({ rules: { methods: ['OPTIONS'] } })
    const { socket, address, heard } = await peer()
    const victim = await peer()
    const asking = requestText('FOO', '1').replace(';rport', '').replace(':5060', `:${victim.address.port}`)
    socket.send(asking, transport.local.port, transport.local.host)
    await eventually(() => victim.heard.length === 1)
    expect(victim.heard[0]).toMatch(/^SIP\/2\.0 501 /)
    expect(heard).toEqual([])
    expect(address.port).not.toBe(victim.address.port)
    expect(transport.watched).toBe(0)
    expect(user.failures).toEqual([])
  })

  test('sockets for destinations are bounded, and closed when idle', async () => {
    const { clock, transport } = await listen({ watchedPeers: 3 })
    const peers = await Promise.all([peer(), peer(), peer(), peer(), peer()])
    for (const { address } of peers) transport.flowTo(address).send(Buffer.from(requestText('OPTIONS', '1')))
    await eventually(() => peers.every(({ heard }) => heard.length === 1))
    expect(transport.watched).toBe(3)
    clock.advance(50_000)
    transport.flowTo(peers[0]?.address ?? loopback).send(Buffer.from(requestText('OPTIONS', '2')))
    clock.advance(40_000)
    expect(transport.watched).toBe(1)
    clock.advance(100_000)
    expect(transport.watched).toBe(0)
    expect(clock.armed).toBe(0)
  })

  test('after closing it is silent, and holds no alarm', async () => {
    const { user, clock, transport } = await listen()
    const { address } = await peer()
    const flow = transport.flowTo(address)
    flow.send(serialise(request({ method: 'BYE', uri: 'sip:a', headers: headersOf([]) })))
    await transport.close()
    await transport.close()
    expect(flow.open).toBe(false)
    flow.send(Buffer.from('x'))
    expect(clock.armed).toBe(0)
    expect(user.failures).toEqual([])
  })
})
