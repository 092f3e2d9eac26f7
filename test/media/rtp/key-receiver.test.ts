import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyReceiver, writeEvent } from '../../../src/media/rtp/telephone-event.ts'

type Packet = { event: number; timestamp: number; duration: number; end?: boolean; ssrc?: number }

function heard(packets: readonly Packet[]): string {
  const receiver = new KeyReceiver()
  return packets
    .map(({ event, timestamp, duration, end = false, ssrc = 1 }) => {
      const payload = new Uint8Array(4)
      writeEvent(event, end, duration, payload)
      return receiver.receive(ssrc, timestamp, payload) ?? ''
    })
    .join('')
}

/** One key as it is sent: updates, then the end three times. */
const press = (event: number, timestamp: number, duration = 800): Packet[] => [
  ...Array.from({ length: duration / 160 - 1 }, (_, n) => ({ event, timestamp, duration: (n + 1) * 160 })),
  ...Array.from({ length: 3 }, () => ({ event, timestamp, duration, end: true })),
]

test('every key, once', () => {
  const all = Array.from({ length: 16 }, (_, event) => press(event, event * 2000)).flat()
  expect(heard(all)).toBe('0123456789*#ABCD')
})

test('the same key again is a key again', () => {
  expect(heard([...press(5, 1000), ...press(5, 2600)])).toBe('55')
})

test('without any end packet the next key is still heard', () => {
  const lost = (packets: Packet[]) => packets.filter(({ end }) => end !== true)
  expect(heard([...lost(press(1, 1000)), ...lost(press(1, 3000)), ...lost(press(2, 5000))])).toBe('112')
})

test('one end packet is enough', () => {
  expect(heard([{ event: 7, timestamp: 1000, duration: 800, end: true }])).toBe('7')
})

test('late packets of an earlier key change nothing', () => {
  const first = press(1, 1000)
  expect(heard([...first, ...press(2, 3000), ...first])).toBe('12')
})

test('a key that is held on in segments is one key', () => {
  const second = press(3, 1000 + 0xffff)
  expect(heard([{ event: 3, timestamp: 1000, duration: 0xffff }, ...second])).toBe('3')
})

test('a sender that moves the timestamp with every packet is understood', () => {
  const moving = press(4, 0).map((packet, n) => ({ ...packet, timestamp: 1000 + n * 160 }))
  expect(heard(moving.slice(0, 5))).toBe('4')
})

test('a new stream begins anew', () => {
  expect(heard([...press(6, 90_000), ...press(6, 90_000).map((packet) => ({ ...packet, ssrc: 2 }))])).toBe('66')
})

test('flash and other signals are no keys', () => {
  expect(heard([...press(16, 1000), ...press(255, 3000)])).toBe('')
})

test('an event that is cut short is nothing', () => {
  expect(new KeyReceiver().receive(1, 1, Uint8Array.of(5, 0, 0))).toBeNull()
})

test('whatever the network doubles, loses or reorders within a key, each is heard once and in order', () => {
  const numRuns = process.env.ONHOOK_LONG === undefined ? 1000 : 100_000
  const keys = fc.array(fc.nat(9), { minLength: 1, maxLength: 8 })
  const harm = fc.array(fc.constantFrom('keep', 'lose', 'double', 'swap'), { minLength: 7, maxLength: 7 })
  fc.assert(
    fc.property(keys, harm, (events, harms) => {
      const packets = events.flatMap((event, index) => {
        const whole = press(event, 1000 + index * 1600)
        const left = whole.flatMap((packet, n) => {
          if (harms[n] === 'lose') return []
          return harms[n] === 'double' ? [packet, packet] : [packet]
        })
        if (harms.includes('swap') && left.length > 1) left.push(left.shift()!)
        // At least one packet of each key arrives.
        return left.length === 0 ? [whole[0]!] : left
      })
      expect(heard(packets)).toBe(events.join(''))
    }),
    { numRuns },
  )
})
