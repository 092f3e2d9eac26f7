import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeG711 } from '../../../src/media/audio/g711.ts'
import { tonePower, toneShare } from '../../../src/media/audio/goertzel.ts'
import { Tape, type TapeOptions } from '../../../src/media/record/tape.ts'
import type { Piece } from '../../../src/media/record/track.ts'

/** The n-th packet of 20 ms of a tone. */
function piece(n: number, frequency = 500, amplitude = 8000, more: Partial<Piece> = {}): Piece {
  const samples = Int16Array.from({ length: 160 }, (_, index) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequency * (n * 160 + index)) / 8000)),
  )
  return { codec: 'PCMU', ssrc: 1, timestamp: n * 160, payload: encodeG711('PCMU', samples), ...more }
}

const whole = (tape: Tape, at: number) => Int16Array.from(tape.take(at, true).flatMap((part) => [...part]))

/** Hears `count` packets of a tone from `at` on, one every 20 ms. @returns when the last one has gone by. */
function talk(tape: Tape, direction: 'in' | 'out', at: number, first: number, count: number, frequency = 500): number {
  for (let n = 0; n < count; n++) tape.hear(direction, piece(first + n, frequency), at + 20 * (n + 1))
  return at + 20 * count
}

describe('tracks', () => {
  const tapeOf = (track: TapeOptions['track']) => {
    const tape = new Tape({ track }, 0)
    talk(tape, 'in', 0, 0, 25, 500)
    talk(tape, 'out', 0, 700, 25, 1300)
    return whole(tape, 500)
  }

  test.each([
    ['in', [0.98, 0]],
    ['out', [0, 0.98]],
    ['both', [0.45, 0.45]],
  ] as const)('%s', (track, [low, high]) => {
    const sound = tapeOf(track)
    expect(sound).toHaveLength(4000)
    expect(toneShare(sound, 500)).toBeGreaterThanOrEqual(low)
    expect(toneShare(sound, 1300)).toBeGreaterThanOrEqual(high)
    if (track !== 'both') expect(toneShare(sound, track === 'in' ? 1300 : 500)).toBeLessThan(0.01)
  })

  test('two loud voices are clipped, not wrapped round', () => {
    const tape = new Tape({ track: 'both' }, 0)
    for (const direction of ['in', 'out'] as const) {
      for (let n = 0; n < 10; n++) tape.hear(direction, piece(n, 500, 32_000), 20 * (n + 1))
    }
    const sound = whole(tape, 200)
    expect(Math.max(...sound)).toBe(32_767)
    expect(toneShare(sound, 500)).toBeGreaterThan(0.85)
  })
})

describe('time', () => {
  test('what nobody says is silence of the same length', () => {
    const tape = new Tape({ track: 'both' }, 0)
    const sound = whole(tape, 1234)
    expect(sound).toEqual(new Int16Array(1234 * 8))
  })

  test('jitter, loss, doubles and disorder within 200 ms change nothing but what is lost', () => {
    const straight = new Tape({ track: 'in' }, 0)
    const end = talk(straight, 'in', 0, 0, 50)
    const expected = whole(straight, end)
    fc.assert(
      fc.property(
        fc.array(fc.record({ delay: fc.integer({ min: 0, max: 90 }), twice: fc.boolean() }), {
          minLength: 49,
          maxLength: 49,
        }),
        (fates) => {
          const tape = new Tape({ track: 'in' }, 0)
          const arrivals = fates.flatMap(({ delay, twice }, index) => {
            const n = index + 1
            const at = 20 * (n + 1) + delay
            return twice
              ? [
                  { n, at },
                  { n, at: at + 10 },
                ]
              : [{ n, at }]
          })
          tape.hear('in', piece(0), 20)
          const parts: Int16Array[] = []
          let swept = 0
          for (const { n, at } of arrivals.sort((one, other) => one.at - other.at)) {
            if (at - swept > 100) {
              parts.push(...tape.take(at))
              swept = at
            }
            tape.hear('in', piece(n), at)
          }
          parts.push(...tape.take(end, true))
          const sound = Int16Array.from(parts.flatMap((part) => [...part]))
          // The last packets may be late beyond the end.
          expect(sound.slice(0, 6400)).toEqual(expected.slice(0, 6400))
          expect(sound).toHaveLength(expected.length)
        },
      ),
    )
  })

  test('a stream that begins anew, or jumps, goes on at its moment', () => {
    const tape = new Tape({ track: 'in' }, 0)
    talk(tape, 'in', 0, 0, 25, 500)
    for (let n = 0; n < 25; n++) {
      const jumped = { timestamp: 3_000_000_000 + n * 160, ssrc: n < 12 ? 1 : 2 }
      tape.hear('in', piece(n, 900, 8000, jumped), 1000 + 20 * (n + 1))
    }
    const sound = whole(tape, 1500)
    expect(toneShare(sound.slice(0, 4000), 500)).toBeGreaterThan(0.98)
    expect(Math.max(...sound.slice(4000, 8000))).toBe(0)
    expect(toneShare(sound.slice(8000), 900)).toBeGreaterThan(0.95)
  })

  test('a way that has become longer than the patience is followed', () => {
    const tape = new Tape({ track: 'in' }, 0)
    talk(tape, 'in', 0, 0, 25)
    tape.take(500)
    for (let at = 750; at <= 1000; at += 250) tape.take(at)
    talk(tape, 'in', 1000, 25, 50)
    const sound = whole(tape, 2000)
    expect(tonePower(sound.slice(-4000), 500)).toBeGreaterThan(0.01)
  })

  test('nobody looks for a minute: the time is kept, and what is newest', () => {
    const tape = new Tape({ track: 'in' }, 0)
    talk(tape, 'in', 0, 0, 3000)
    const sound = whole(tape, 60_000)
    expect(sound).toHaveLength(480_000)
    expect(toneShare(sound.slice(-8000), 500)).toBeGreaterThan(0.98)
    expect(toneShare(sound.slice(0, 8000), 500)).toBeGreaterThan(0.98)
  })
})

test('whatever arrives, the length is the time that has passed, without the pauses', () => {
  const step = fc.record({
    wait: fc.integer({ min: 0, max: 400 }),
    what: fc.constantFrom('in', 'out', 'take', 'pause', 'resume'),
    timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
    ssrc: fc.constantFrom(1, 2),
    length: fc.constantFrom(0, 1, 160, 161, 1460),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const tape = new Tape({ track: 'both' }, 0)
      let [at, length, running] = [0, 0, true]
      let taken = 0
      const take = (last: boolean) => {
        for (const part of tape.take(at, last)) taken += part.length
      }
      for (const { wait, what, ssrc, timestamp, length: bytes } of steps) {
        at += wait
        if (running) length += wait * 8
        if (what === 'take') take(false)
        else if (what === 'pause' || what === 'resume') {
          tape[what](at)
          running = what === 'resume'
        } else {
          tape.hear(what, { codec: 'PCMA', ssrc, timestamp, payload: new Uint8Array(bytes).fill(0x2a) }, at)
        }
        expect(taken).toBeLessThanOrEqual(length)
      }
      take(true)
      expect(taken).toBe(length)
    }),
  )
})

describe('a pause', () => {
  test('leaves no gap, and nothing that was said in it', () => {
    const tape = new Tape({ track: 'in' }, 0)
    talk(tape, 'in', 0, 0, 25, 500)
    tape.pause(500)
    talk(tape, 'in', 500, 25, 100, 2100)
    tape.resume(2500)
    talk(tape, 'in', 2500, 125, 25, 900)
    const sound = whole(tape, 3000)
    expect(sound).toHaveLength(8000)
    expect(toneShare(sound.slice(0, 4000), 500)).toBeGreaterThan(0.98)
    expect(toneShare(sound.slice(4000), 900)).toBeGreaterThan(0.98)
  })

  test('twice is once; a resume without one is nothing; the end in one is the end', () => {
    const tape = new Tape({ track: 'in' }, 0)
    tape.resume(10)
    tape.pause(100)
    tape.pause(200)
    expect(whole(tape, 5000)).toHaveLength(800)
  })
})

describe('it ends by itself', () => {
  test('at its limit of sound, to the sample, without the pauses', () => {
    const tape = new Tape({ track: 'in', limit: 1003 }, 0)
    tape.pause(500)
    tape.resume(10_000)
    tape.take(10_000)
    expect(tape.end).toBeNull()
    whole(tape, 11_000)
    expect([tape.end, tape.length]).toEqual(['limit', 8024])
    tape.hear('in', piece(0), 11_000)
    expect(whole(tape, 20_000)).toHaveLength(0)
  })

  test.each(['in', 'out', 'both'] as const)('when the far end is silent, whatever track is kept (%s)', (track) => {
    const tape = new Tape({ track, silence: { milliseconds: 1000, threshold: 200 } }, 0)
    const end = talk(tape, 'in', 0, 0, 100)
    talk(tape, 'out', 0, 0, 300)
    for (let at = 250; at <= 3500; at += 250) tape.take(at)
    expect([tape.end, tape.length]).toEqual(['silence', (end + 1000) * 8])
  })

  test('a voice below the threshold is silence, one above it is not', () => {
    for (const [amplitude, end] of [
      [200, 'silence'],
      [500, null],
    ] as const) {
      const tape = new Tape({ track: 'in', silence: { milliseconds: 500, threshold: 200 } }, 0)
      for (let n = 0; n < 50; n++) tape.hear('in', piece(n, 500, amplitude), 20 * (n + 1))
      tape.take(1000, true)
      expect(tape.end).toBe(end)
    }
  })
})
