import { describe, expect, test } from 'vitest'
import { type Paced, Ticker } from '../../../src/media/engine/ticker.ts'

/** Time that passes only when it is told to; a timer may ring late. */
class TestClock {
  time = 1000
  #timer: { at: number; ring: () => void } | null = null
  readonly now = (): number => this.time
  readonly after = (milliseconds: number, ring: () => void): void => {
    this.#timer = { at: this.time + milliseconds, ring }
  }
  get armed(): boolean {
    return this.#timer !== null
  }
  /** @param lateness milliseconds that each timer rings too late. */
  run(milliseconds: number, lateness = 0): void {
    const end = this.time + milliseconds
    while (this.#timer !== null && this.#timer.at + lateness <= end) {
      const { at, ring } = this.#timer
      this.time = Math.max(this.time, at + lateness)
      this.#timer = null
      ring()
    }
    this.time = end
  }
}

class Sender implements Paced {
  readonly beats: { due: number; at: number }[] = []
  readonly #clock: TestClock
  readonly #slots: number
  #left: number
  constructor(clock: TestClock, slots = 4, left = Number.POSITIVE_INFINITY) {
    this.#clock = clock
    this.#slots = slots
    this.#left = left
  }
  beat(due: number): number {
    this.beats.push({ due, at: this.#clock.time })
    return --this.#left <= 0 ? 0 : this.#slots
  }
}

const steps = (sender: Sender) => sender.beats.slice(1).map(({ due }, n) => due - sender.beats[n]!.due)

test('every beat is due exactly 20 ms after the one before', () => {
  const clock = new TestClock()
  const ticker = new Ticker(clock)
  const sender = new Sender(clock)
  ticker.join(sender)
  clock.run(10_000)
  expect(new Set(steps(sender))).toEqual(new Set([20]))
  expect(sender.beats.length).toBeGreaterThanOrEqual(500)
})

test('late timers make late packets, never fewer: 50 a second in the long run', () => {
  const clock = new TestClock()
  const ticker = new Ticker(clock)
  const sender = new Sender(clock)
  ticker.join(sender)
  clock.run(60_000, 3)
  expect(Math.abs(sender.beats.length - 3000)).toBeLessThanOrEqual(1)
  for (const { due, at } of sender.beats) expect(at - due).toBeLessThan(9)
})

test('after a stop of seconds the past is not caught up with in a burst', () => {
  const clock = new TestClock()
  const ticker = new Ticker(clock)
  const sender = new Sender(clock)
  ticker.join(sender)
  clock.run(100)
  const before = sender.beats.length
  clock.time += 5000
  clock.run(1)
  expect(sender.beats.length - before).toBeLessThanOrEqual(2)
  clock.run(1000)
  expect(Math.abs(sender.beats.length - before - 50)).toBeLessThanOrEqual(2)
})

test('a stop of 80 ms is caught up with', () => {
  const clock = new TestClock()
  const ticker = new Ticker(clock)
  const sender = new Sender(clock)
  ticker.join(sender)
  clock.run(100)
  clock.time += 80
  clock.run(120)
  expect(new Set(steps(sender))).toEqual(new Set([20]))
})

test('senders are spread over the slots', () => {
  const clock = new TestClock()
  const ticker = new Ticker(clock)
  const senders = Array.from({ length: 40 }, () => new Sender(clock))
  for (const sender of senders) ticker.join(sender)
  clock.run(40)
  const bySlot = Map.groupBy(senders, ({ beats }) => beats[0]!.due)
  expect([...bySlot.values()].map(({ length }) => length)).toEqual([10, 10, 10, 10])
})

test.each([2, 4, 6, 8, 12])('a packet length of %i slots is kept', (slots) => {
  const clock = new TestClock()
  const ticker = new Ticker(clock)
  const sender = new Sender(clock, slots)
  ticker.join(sender)
  clock.run(2000)
  expect(new Set(steps(sender))).toEqual(new Set([slots * 5]))
})

describe('leaving', () => {
  test('the last one to leave stops the timer, and the next to join starts it', () => {
    const clock = new TestClock()
    const ticker = new Ticker(clock)
    const sender = new Sender(clock, 4, 3)
    ticker.join(sender)
    clock.run(1000)
    expect(sender.beats).toHaveLength(3)
    expect([ticker.size, clock.armed]).toEqual([0, false])
    clock.run(5000)
    const next = new Sender(clock)
    ticker.join(next)
    clock.run(100)
    expect(next.beats[0]!.at - 7000).toBeLessThanOrEqual(20)
  })

  test('joining twice changes nothing', () => {
    const clock = new TestClock()
    const ticker = new Ticker(clock)
    const sender = new Sender(clock)
    ticker.join(sender)
    ticker.join(sender)
    clock.run(200)
    expect(new Set(steps(sender))).toEqual(new Set([20]))
  })
})
