import { expect, test } from 'vitest'
import { KeySender, type KeyStep } from '../../../src/media/rtp/key-sender.ts'
import { Outgoing } from '../../../src/media/rtp/outgoing.ts'
import { parseRtp } from '../../../src/media/rtp/packet.ts'
import { KeyReceiver, writeEvent } from '../../../src/media/rtp/telephone-event.ts'

function steps(keys: string, samples = 160, length?: number): KeyStep[] {
  const sender = new KeySender(keys, length)
  const all: KeyStep[] = []
  for (let step = sender.step(samples); step.type !== 'done'; step = sender.step(samples)) all.push(step)
  return all
}
const events = (all: KeyStep[]) => all.filter((step) => step.type === 'event')

test('one key: growing durations, the end three times, a pause (RFC 4733 §2.5.1.4)', () => {
  const all = steps('5')
  expect(events(all).map(({ duration, end, position }) => [duration, end, position])).toEqual([
    [160, false, 'first'],
    [320, false, 'later'],
    [480, false, 'later'],
    [640, false, 'later'],
    [800, true, 'later'],
    [800, true, 'later'],
    [800, true, 'later'],
  ])
  expect(all.slice(7).map(({ type }) => type)).toEqual(['quiet', 'quiet', 'quiet', 'quiet', 'quiet'])
})

test.each([80, 160, 240, 320, 480])('with %i samples a packet every key lasts at least 100 ms', (samples) => {
  const ends = events(steps('19', samples)).filter(({ end }) => end)
  expect(ends.map(({ event }) => event)).toEqual([1, 1, 1, 9, 9, 9])
  for (const { duration } of ends) expect(duration).toBeGreaterThanOrEqual(800)
})

test('w waits half a second and W a whole one', () => {
  expect(steps('w')).toHaveLength(25)
  expect(steps('W')).toHaveLength(50)
  expect(steps('WwW')).toHaveLength(125)
})

test('letters are keys in both cases, and what is no key is passed over', () => {
  const pressed = events(steps(' 1-a,B(é)*#')).filter(({ position }) => position === 'first')
  expect(pressed.map(({ event }) => event)).toEqual([1, 12, 13, 10, 11])
})

test('nothing to dial is done at once', () => {
  expect(steps('')).toEqual([])
  expect(steps('x-y z')).toEqual([])
})

test('a key that is let go half-way ends, and nothing follows', () => {
  const sender = new KeySender('123')
  sender.step(160)
  sender.step(160)
  expect(sender.release()).toMatchObject({ type: 'event', event: 1, end: true, duration: 320 })
  expect(sender.step(160)).toEqual({ type: 'done' })
  expect(new KeySender('1').release()).toBeNull()
})

test.each([
  [50, 480],
  [250, 2080],
  [8000, 64_000],
  [1, 480],
])('a key of %i ms ends at %i samples, said three times', (length, samples) => {
  const ends = events(steps('7', 160, length)).filter(({ end }) => end)
  expect(ends.map(({ duration }) => duration)).toEqual([samples, samples, samples])
})

test.each([
  [8192, 80],
  [20_000, 160],
  [24_000, 480],
  [60_000, 160],
])('a key of %i ms is said in segments (RFC 4733 §2.5.1.3), with %i samples a packet', (length, samples) => {
  const all = events(steps('7', samples, length))
  const held = Math.min(length, 24_000) * 8
  const starts = all.flatMap(({ position }, n) => (position === 'later' ? [] : [n]))
  const segments = starts.map((start, n) => all.slice(start, starts[n + 1]))
  expect(segments).toHaveLength(Math.ceil(held / 65_535))
  for (const segment of segments.slice(0, -1)) {
    expect(segment.filter(({ duration }) => duration === 65_535)).toHaveLength(3)
    expect(segment.some(({ end }) => end)).toBe(false)
  }
  const last = segments.at(-1)!.at(-1)!
  const whole = (segments.length - 1) * 65_535 + last.duration
  expect(last.end).toBe(true)
  // As long as asked for, to the packet; a last segment that is shorter than three repeats of the one before waits for them.
  expect(whole).toBeGreaterThanOrEqual(held)
  expect(whole - held).toBeLessThanOrEqual(4 * samples)
  expect(Math.max(...all.map(({ duration }) => duration))).toBeLessThanOrEqual(65_535)
})

test('a receiver hears a key of three segments as one key, whichever one packet is lost', () => {
  const out = new Outgoing(7, 1, 1)
  const packets = steps('58', 160, 20_000).flatMap((step, n) => {
    if (step.type !== 'event') return []
    writeEvent(step.event, step.end, step.duration, out.room(4))
    return [parseRtp(Uint8Array.from(out.event(101, 4, step.position, n * 20)))!]
  })
  const heard = (lost: number): string => {
    const receiver = new KeyReceiver()
    let keys = ''
    for (const [n, packet] of packets.entries()) {
      if (n !== lost) keys += receiver.receive(packet.ssrc, packet.timestamp, packet.payload) ?? ''
    }
    return keys
  }
  for (let lost = -1; lost < packets.length; lost++) expect(heard(lost)).toBe('58')
})
