import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeG711, encodeG711 } from '../../../src/media/audio/g711.ts'
import { toneShare } from '../../../src/media/audio/goertzel.ts'
import { Ticker } from '../../../src/media/engine/ticker.ts'
import { Room, type Seat } from '../../../src/media/room/room.ts'

/** A room whose time the test moves: a beat every 20 ms. */
class World {
  now = 0
  #ring: { at: number; ring: () => void }[] = []
  readonly ticker = new Ticker({
    now: () => this.now,
    after: (milliseconds, ring) => void this.#ring.push({ at: this.now + milliseconds, ring }),
  })
  readonly room = new Room(this.ticker)

  pass(milliseconds: number): void {
    const end = this.now + milliseconds
    for (;;) {
      this.#ring.sort((one, other) => one.at - other.at)
      const next = this.#ring[0]
      if (next === undefined || next.at > end) break
      this.#ring.shift()
      this.now = Math.max(this.now, next.at)
      next.ring()
    }
    this.now = end
  }
}

/** Somebody who says one tone, and keeps what is heard. */
class Voice {
  readonly frames: Int16Array[] = []
  readonly seat: Seat
  #packets = 0
  readonly #world: World
  readonly #frequency: number
  readonly #amplitude: number

  constructor(world: World, frequency: number, amplitude = 6000) {
    this.#world = world
    this.#frequency = frequency
    this.#amplitude = amplitude
    this.seat = world.room.enter({ mixed: (frame) => void this.frames.push(decodeG711('PCMU', frame)) })
  }

  say(codec: 'PCMU' | 'PCMA' = 'PCMU'): void {
    const n = this.#packets++
    const samples = Int16Array.from({ length: 160 }, (_, index) =>
      Math.round(this.#amplitude * Math.sin((2 * Math.PI * this.#frequency * (n * 160 + index)) / 8000)),
    )
    const piece = { codec, ssrc: this.#frequency, timestamp: n * 160, payload: encodeG711(codec, samples) }
    this.seat.hear(piece, this.#world.now)
  }

  /** What was heard in the last frames. */
  heard(frames = 25): Int16Array {
    return Int16Array.from(this.frames.slice(-frames).flatMap((frame) => [...frame]))
  }
}

/** All of them speak for so many packets, at times of their own within each 20 ms. */
function talk(world: World, voices: readonly Voice[], count: number, codec: 'PCMU' | 'PCMA' = 'PCMU'): void {
  for (let n = 0; n < count; n++) {
    for (const voice of voices) {
      world.pass(20 / voices.length)
      voice.say(codec)
    }
    if (voices.length === 0) world.pass(20)
  }
}

const tones = [500, 900, 1300, 1700]

describe('everybody hears everybody else, and not themselves', () => {
  test.each([2, 3, 4])('%i of them', (count) => {
    const world = new World()
    const voices = tones.slice(0, count).map((frequency) => new Voice(world, frequency))
    talk(world, voices, 60)
    for (const [n, voice] of voices.entries()) {
      const sound = voice.heard()
      for (const [other, frequency] of tones.slice(0, count).entries()) {
        if (other === n) expect(toneShare(sound, frequency)).toBeLessThan(0.01)
        else expect(toneShare(sound, frequency)).toBeGreaterThan(0.9 / (count - 1))
      }
    }
  })

  test('in both laws', () => {
    const world = new World()
    const [one, other] = [new Voice(world, 500), new Voice(world, 900)]
    talk(world, [one, other], 60, 'PCMA')
    expect(toneShare(other.heard(), 500)).toBeGreaterThan(0.95)
  })

  test('one alone hears silence', () => {
    const world = new World()
    const voice = new Voice(world, 500)
    talk(world, [voice], 60)
    expect(Math.max(...voice.heard().map(Math.abs))).toBeLessThan(10)
  })
})

test('many loud voices are clipped, and nobody hears a sum that has run over', () => {
  const world = new World()
  const loud = Array.from({ length: 5 }, () => new Voice(world, 500, 30_000))
  const listener = new Voice(world, 900)
  talk(world, loud, 60)
  const sound = listener.heard()
  expect(Math.max(...sound)).toBeGreaterThan(31_000)
  expect(toneShare(sound, 500)).toBeGreaterThan(0.8)
  // In phase, the fifth of them hears four others: as loud as can be, but not louder.
  expect(Math.max(...loud[4]!.heard().map(Math.abs))).toBeLessThanOrEqual(32_767)
})

test('somebody on hold neither stops nor disturbs the others', () => {
  const world = new World()
  const [one, other, held] = [new Voice(world, 500), new Voice(world, 900), new Voice(world, 1300)]
  talk(world, [one, other, held], 30)
  talk(world, [one, other], 60)
  expect(toneShare(one.heard(), 900)).toBeGreaterThan(0.98)
  expect(toneShare(held.heard(), 500)).toBeGreaterThan(0.45)
  talk(world, [one, other, held], 60)
  expect(toneShare(one.heard(), 1300)).toBeGreaterThan(0.45)
})

describe('joining and leaving', () => {
  test('whoever leaves is heard no more, and hears no more', () => {
    const world = new World()
    const [one, other, third] = [new Voice(world, 500), new Voice(world, 900), new Voice(world, 1300)]
    talk(world, [one, other, third], 50)
    third.seat.leave()
    const heard = third.frames.length
    talk(world, [one, other, third], 50)
    expect(third.frames).toHaveLength(heard)
    expect(toneShare(one.heard(), 1300)).toBeLessThan(0.001)
    expect(toneShare(one.heard(), 900)).toBeGreaterThan(0.98)
  })

  test('whoever comes later is heard as well', () => {
    const world = new World()
    const one = new Voice(world, 500)
    talk(world, [one], 50)
    const late = new Voice(world, 900)
    talk(world, [one, late], 50)
    expect(toneShare(one.heard(), 900)).toBeGreaterThan(0.98)
    expect(toneShare(late.heard(), 500)).toBeGreaterThan(0.98)
  })

  test('an empty room leaves the ticker, and one that fills again beats again', () => {
    const world = new World()
    const one = new Voice(world, 500)
    world.pass(100)
    one.seat.leave()
    world.pass(100)
    expect([world.ticker.size, world.room.empty]).toEqual([0, true])
    const next = new Voice(world, 500)
    world.pass(100)
    expect(next.frames.length).toBeGreaterThanOrEqual(4)
  })
})

test('a steady voice is heard without a gap, whatever jitter its packets have within 40 ms', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 39 }), { minLength: 60, maxLength: 60 }), (delays) => {
      const world = new World()
      const listener = new Voice(world, 900)
      const voice = new Voice(world, 500)
      const arrivals = delays.map((delay, n) => 20 * n + delay).sort((one, other) => one - other)
      for (const at of arrivals) {
        world.pass(Math.max(0, at - world.now))
        voice.say()
      }
      world.pass(20)
      // Until the first packets have found their place it may stumble.
      expect(toneShare(listener.heard(30), 500)).toBeGreaterThan(0.97)
    }),
    { numRuns: 50 },
  )
})

test('whatever one seat sends, the others hear each other as before', () => {
  const packet = fc.record({
    timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
    ssrc: fc.constantFrom(1, 2),
    length: fc.constantFrom(0, 1, 160, 1460),
  })
  fc.assert(
    fc.property(fc.array(packet, { minLength: 30, maxLength: 60 }), (packets) => {
      const world = new World()
      const [one, other, wild] = [new Voice(world, 500), new Voice(world, 900), new Voice(world, 1300)]
      for (const { timestamp, ssrc, length } of packets) {
        talk(world, [one, other], 1)
        // Silence of any shape.
        wild.seat.hear({ codec: 'PCMU', ssrc, timestamp, payload: new Uint8Array(length).fill(0xff) }, world.now)
      }
      expect(toneShare(one.heard(15), 900)).toBeGreaterThan(0.95)
      expect(wild.frames).toHaveLength(one.frames.length)
    }),
    { numRuns: 50 },
  )
})

test('the work grows with the seats: each speaks once and hears once in a frame', () => {
  const world = new World()
  let spoken = 0
  const voices = Array.from({ length: 200 }, (_, n) => new Voice(world, 300 + n))
  for (const { seat } of voices) {
    const speak = seat.speak.bind(seat)
    seat.speak = (from, sum) => {
      spoken++
      speak(from, sum)
    }
  }
  world.pass(1000)
  const frames = voices[0]!.frames.length
  expect(frames).toBeGreaterThanOrEqual(50)
  expect(spoken).toBe(200 * frames)
  expect(new Set(voices.map((voice) => voice.frames.length)).size).toBe(1)
})
