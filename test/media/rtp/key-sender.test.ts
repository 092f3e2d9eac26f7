import { expect, test } from 'vitest'
import { KeySender, type KeyStep } from '../../../src/media/rtp/key-sender.ts'

function steps(keys: string, samples = 160): KeyStep[] {
  const sender = new KeySender(keys)
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
