import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HandshakeOrder } from '../../../src/media/webrtc/handshake.ts'

type Message = { type: number; sequence: number; body: Buffer }

/** A part of a message in a record of its own. */
function record({ type, sequence, body }: Message, from: number, to: number): Buffer {
  const part = body.subarray(from, to)
  const head = Buffer.alloc(25)
  head.set([22, 0xfe, 0xfd])
  head.writeUInt16BE(12 + part.length, 11)
  head[13] = type
  head.writeUIntBE(body.length, 14, 3)
  head.writeUInt16BE(sequence, 17)
  head.writeUIntBE(from, 19, 3)
  head.writeUIntBE(part.length, 22, 3)
  return Buffer.concat([head, part])
}

const messages = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 10 })
  .map((bodies) => bodies.map((body, sequence): Message => ({ type: 11, sequence, body: Buffer.from(body) })))

test('cut into parts, mixed up and said twice: each message comes out once, whole, in its order', () => {
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 40 }), fc.infiniteStream(fc.nat(1000)), (all, size, dice) => {
      const parts = all.flatMap((message) =>
        Array.from({ length: Math.ceil(message.body.length / size) }, (_, n) =>
          record(message, n * size, (n + 1) * size),
        ),
      )
      const mixed = [...parts, ...parts]
        .map((part) => ({ part, rank: dice.next().value as number }))
        .sort((a, b) => a.rank - b.rank)
      const order = new HandshakeOrder(null)
      const out: Buffer[] = []
      // Several to a datagram, as it comes.
      for (let at = 0; at < mixed.length; ) {
        const count = 1 + ((dice.next().value as number) % 3)
        out.push(...order.hear(Buffer.concat(mixed.slice(at, at + count).map(({ part }) => part))).records)
        at += count
      }
      // What is too far ahead is dropped, and comes again.
      for (const part of parts) out.push(...order.hear(part).records)
      expect(out.map((one) => one.subarray(13, 14).toString('hex') + one.subarray(25).toString('hex'))).toEqual(
        all.map(({ type, body }) => Buffer.of(type).toString('hex') + body.toString('hex')),
      )
    }),
  )
})

test('what comes again is told, and is not passed on', () => {
  const order = new HandshakeOrder(null)
  const hello = record({ type: 1, sequence: 0, body: Buffer.from('hello') }, 0, 5)
  expect(order.hear(hello)).toMatchObject({ repeated: false, records: [expect.anything()] })
  expect(order.hear(hello)).toEqual({ repeated: true, records: [] })
})

test('what is said under keys waits for what they are made of', () => {
  const order = new HandshakeOrder(15)
  const finished = Buffer.concat([Buffer.of(22, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4), Buffer.from('seal')])
  expect(order.hear(finished).records).toEqual([])
  const { records } = order.hear(record({ type: 15, sequence: 0, body: Buffer.from('proof') }, 0, 5))
  expect(records[1]).toEqual(finished)
})

test('a server that counts anew after its HelloVerifyRequest is understood', () => {
  const order = new HandshakeOrder(null)
  order.hear(record({ type: 3, sequence: 0, body: Buffer.from('cookie') }, 0, 6))
  expect(order.hear(record({ type: 2, sequence: 0, body: Buffer.from('hello') }, 0, 5)).records).toHaveLength(1)
})

test('anything at all is taken', () => {
  const start = fc.constantFrom([22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0], [22, 0xfe, 0xfd, 0, 1], [20], [])
  fc.assert(
    fc.property(fc.array(fc.tuple(start, fc.uint8Array({ maxLength: 100 }))), (all) => {
      const order = new HandshakeOrder(15)
      for (const [head, rest] of all) order.hear(Buffer.from([...head, ...rest]))
    }),
  )
})
