import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryNetwork } from '../../../src/sip/transport/memory.ts'
import { StreamTransport } from '../../../src/sip/transport/stream.ts'
import { UdpTransport } from '../../../src/sip/transport/udp.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { eventually, Listener, requestText } from './listener.ts'

const numRuns = process.env.ONHOOK_LONG ? 100_000 : 1_000
const socketRuns = process.env.ONHOOK_LONG ? 5_000 : 200

const folder = new URL('../../fixtures/rfc4475/', import.meta.url)
const seeds = readdirSync(folder)
  .filter((file) => file.endsWith('.dat'))
  .map((file) => readFileSync(new URL(file, folder)))

const rules = { methods: ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER'] }

/** A torture message with some octets changed, or noise. */
const bytes = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        fc.nat(),
      )
      .map(([seed, changes, cut]) => {
        const copy = Buffer.from(seed)
        for (const [at, value] of changes) copy[at % copy.length] = value
        return cut % 5 === 0 ? copy.subarray(0, cut % copy.length) : copy
      }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((noise) => Buffer.from(noise)) },
)

test(`nothing that comes makes a transport throw, or go silent (${numRuns} messages)`, { timeout: 600_000 }, () => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork((ms, run) => void clock.alarm(clock.now() + ms, run))
  const there = { host: '192.0.2.2', port: 5060 }
  const callee = new Listener()
  const left = network.listen({ host: '192.0.2.1', port: 5060 }, new Listener())
  const right = network.listen(there, callee, 'UDP', rules)
  fc.assert(
    fc.property(bytes, (message) => {
      left.flowTo(there).send(message)
      clock.advance(0)
      clock.advance(0)
      network.packets.length = 0
      callee.messages.length = 0
      callee.rejections.length = 0
    }),
    { numRuns },
  )
  left.flowTo(there).send(Buffer.from(requestText('OPTIONS', 'last')))
  clock.advance(0)
  expect(callee.messages).toHaveLength(1)
  expect(callee.faults).toEqual([])
  const { received, delivered, garbage, refused, dropped } = right.counters
  expect(received).toBe(delivered + garbage + refused + dropped)
  expect(clock.armed).toBe(0)
})

test(`the same over real UDP (${socketRuns} datagrams)`, { timeout: 600_000 }, async () => {
  const user = new Listener()
  const transport = await UdpTransport.listen({
    local: { host: '127.0.0.1', port: 0 },
    user,
    clock: new VirtualClock(),
    rules,
  })
  const socket = createSocket('udp4')
  for (const message of fc.sample(bytes, socketRuns)) {
    await new Promise<void>((resolve) => socket.send(message, transport.local.port, '127.0.0.1', () => resolve()))
  }
  socket.send(requestText('OPTIONS', 'last'), transport.local.port, '127.0.0.1')
  await user.until(() => user.messages.some(({ message }) => message.headers.get('call-id') === 'last'))
  expect(user.faults).toEqual([])
  await transport.close()
  socket.close()
})

test(`the same over real TCP, and no connection is left (${socketRuns} connections)`, {
  timeout: 600_000,
}, async () => {
  const user = new Listener()
  const clock = new VirtualClock()
  const transport = await StreamTransport.listen({ local: { host: '127.0.0.1', port: 0 }, user, clock, rules })
  for (const message of fc.sample(bytes, socketRuns)) {
    const socket = connect(transport.local.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.end(message)
    await closed
  }
  const last = connect(transport.local.port, '127.0.0.1')
  last.write(requestText('OPTIONS', 'last'))
  await user.until(() => user.messages.some(({ message }) => message.headers.get('call-id') === 'last'))
  last.destroy()
  await eventually(() => transport.connections === 0)
  clock.advance(1_000)
  expect(clock.armed).toBe(0)
  expect(user.faults).toEqual([])
  expect(user.failures).toHaveLength(socketRuns + 1)
  await transport.close()
})
