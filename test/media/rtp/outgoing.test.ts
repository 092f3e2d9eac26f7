import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Outgoing } from '../../../src/media/rtp/outgoing.ts'
import { buildRtp, parseRtp, type RtpPacket, sequenceDelta, timestampDelta } from '../../../src/media/rtp/packet.ts'

const stream = () => new Outgoing(0xdead_beef, 0xfffe, 0xffff_ff00)
const head = (packet: Uint8Array | null) => {
  const { payload: _, ...rest } = parseRtp(packet!)!
  return rest
}
const theirs = (sequence: number, timestamp: number, more: Partial<RtpPacket> = {}): RtpPacket =>
  parseRtp(
    buildRtp({
      payloadType: 0,
      marker: false,
      ssrc: 77,
      payload: new Uint8Array(160),
      ...more,
      sequence: sequence & 0xffff,
      timestamp: timestamp >>> 0,
    }),
  )!

describe('sound of our own', () => {
  test('is one stream: numbers by one, timestamps by samples, a marker on the first', () => {
    const out = stream()
    const heads = [0, 20, 40].map((at) => head(out.audio(0, 160, at)))
    expect(heads).toEqual([
      { ssrc: 0xdead_beef, payloadType: 0, sequence: 0xfffe, timestamp: 0xffff_ff00, marker: true },
      { ssrc: 0xdead_beef, payloadType: 0, sequence: 0xffff, timestamp: 0xffff_ffa0, marker: false },
      { ssrc: 0xdead_beef, payloadType: 0, sequence: 0, timestamp: 0x40, marker: false },
    ])
  })

  test('after a pause goes on by the clock, marked as a new beginning', () => {
    const out = stream()
    const before = head(out.audio(0, 160, 0))
    const after = head(out.audio(0, 160, 1000))
    expect(timestampDelta(before.timestamp, after.timestamp)).toBe(8000)
    expect(sequenceDelta(before.sequence, after.sequence)).toBe(1)
    expect(after.marker).toBe(true)
  })

  test('that is sent a little late is no pause', () => {
    const out = stream()
    const before = head(out.audio(0, 160, 0))
    expect(timestampDelta(before.timestamp, head(out.audio(0, 160, 55)).timestamp)).toBe(160)
  })
})

test('an event keeps its first timestamp, and sound goes on at its end (RFC 4733 §2.5.1.2)', () => {
  const out = stream()
  const before = head(out.audio(0, 160, 0))
  const event = [20, 40, 60, 80].map((at, n) => head(out.event(101, 4, n === 0 ? 'first' : 'later', at)))
  const after = head(out.audio(0, 160, 100))
  expect(event.map(({ timestamp }) => timestampDelta(before.timestamp, timestamp))).toEqual([160, 160, 160, 160])
  expect(event.map(({ marker }) => marker)).toEqual([true, false, false, false])
  expect(event.map(({ sequence }) => sequenceDelta(before.sequence, sequence))).toEqual([1, 2, 3, 4])
  expect(timestampDelta(before.timestamp, after.timestamp)).toBe(800)
})

describe('a relayed stream', () => {
  test('keeps its distances, so that loss and order are still seen', () => {
    const out = stream()
    const heads = [
      [100, 5000],
      [101, 5160],
      [104, 5640],
      [103, 5480],
    ].map(([sequence, timestamp], n) => head(out.relay(theirs(sequence!, timestamp!), 8, 160, n * 20)))
    expect(heads.map(({ sequence }) => sequenceDelta(heads[0]!.sequence, sequence))).toEqual([0, 1, 4, 3])
    expect(heads.map(({ timestamp }) => timestampDelta(heads[0]!.timestamp, timestamp))).toEqual([0, 160, 640, 480])
    expect(heads.map(({ marker }) => marker)).toEqual([true, false, false, false])
    expect(new Set(heads.map(({ ssrc, payloadType }) => `${ssrc} ${payloadType}`))).toEqual(
      new Set([`${0xdead_beef} 8`]),
    )
  })

  test('joins on to a prompt before it, and a prompt joins on to it', () => {
    const out = stream()
    const prompt = head(out.audio(0, 160, 0))
    const relayed = head(out.relay(theirs(9, 123_456), 0, 160, 20))
    const after = head(out.audio(0, 160, 40))
    expect(sequenceDelta(prompt.sequence, relayed.sequence)).toBe(1)
    expect(timestampDelta(prompt.timestamp, relayed.timestamp)).toBe(160)
    expect(sequenceDelta(relayed.sequence, after.sequence)).toBe(1)
    expect(timestampDelta(relayed.timestamp, after.timestamp)).toBe(160)
  })

  test('that changes its name or jumps is a new beginning without a hole', () => {
    const out = stream()
    const first = head(out.relay(theirs(10, 1000), 0, 160, 0))
    const renamed = head(out.relay(theirs(9000, 999_999, { ssrc: 78 }), 0, 160, 20))
    const jumped = head(out.relay(theirs(40_000, 5, { ssrc: 78 }), 0, 160, 40))
    expect(sequenceDelta(first.sequence, renamed.sequence)).toBe(1)
    expect(sequenceDelta(renamed.sequence, jumped.sequence)).toBe(1)
    expect(timestampDelta(first.timestamp, jumped.timestamp)).toBe(320)
    expect(jumped.marker).toBe(true)
  })

  test('does not bring packets from before a new beginning', () => {
    const out = stream()
    out.relay(theirs(10, 1000), 0, 160, 0)
    out.audio(0, 160, 20)
    expect(out.relay(theirs(12, 1320), 0, 160, 40)).not.toBeNull()
    expect(out.relay(theirs(11, 1160), 0, 160, 41)).toBeNull()
  })

  test('runs through many turns of the sequence numbers', () => {
    const out = stream()
    let before = head(out.relay(theirs(0, 0), 0, 160, 0))
    for (let n = 1; n < 200_000; n++) {
      const now = head(out.relay(theirs(n, n * 160), 0, 160, n * 20))
      if (sequenceDelta(before.sequence, now.sequence) !== 1 || now.marker) throw new Error(`a seam at ${n}`)
      before = now
    }
  })
})

test('whatever is mixed, numbers in order never fall back and timestamps never run ahead of the clock', () => {
  const act = fc.record({
    type: fc.constantFrom('audio', 'relay', 'other', 'event'),
    wait: fc.constantFrom(20, 20, 20, 40, 500),
  })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const out = stream()
      let at = 0
      let sequence = 50
      let before: ReturnType<typeof head> | null = null
      let start = 0
      for (const { type, wait } of acts) {
        at += wait
        sequence++
        const packet =
          type === 'audio'
            ? out.audio(0, 160, at)
            : type === 'event'
              ? out.event(101, 4, 'first', at)
              : out.relay(theirs(sequence, at * 8, type === 'other' ? { ssrc: 9 } : {}), 0, 160, at)
        const now = head(packet)
        if (before === null) start = at
        else {
          expect(sequenceDelta(before.sequence, now.sequence)).toBeGreaterThan(0)
          expect(timestampDelta(before.timestamp, now.timestamp)).toBeGreaterThanOrEqual(0)
        }
        // One packet's length is the most that rounding to whole packets may add each time a source begins.
        expect(timestampDelta(0xffff_ff00, now.timestamp)).toBeLessThanOrEqual((at - start) * 8 + 160)
        before = now
      }
    }),
    { numRuns: process.env.ONHOOK_LONG === undefined ? 1000 : 100_000 },
  )
})
