import { expect, test } from 'vitest'
import { Watchdog } from '../../../src/media/rtp/watchdog.ts'

const limit = 5000

/** Looks every quarter of a second, as the worker does; gives the moments of loss. */
function run(until: number, events: readonly (readonly [at: number, does: (dog: Watchdog, at: number) => void])[]) {
  const dog = new Watchdog(limit)
  const losses: [number, string][] = []
  for (let at = 0; at <= until; at += 250) {
    for (const [when, does] of events) if (when >= at && when < at + 250) does(dog, at)
    const loss = dog.check(at)
    if (loss !== null) losses.push([at, loss])
  }
  return losses
}
const expectSound = (dog: Watchdog, at: number) => dog.expect(true, at)
const hold = (dog: Watchdog, at: number) => dog.expect(false, at)
const rtp = (dog: Watchdog, at: number) => dog.heard('rtp', at)
const rtcp = (dog: Watchdog, at: number) => dog.heard('rtcp', at)

test('a far end that never sends is reported once', () => {
  expect(run(20_000, [[0, expectSound]])).toEqual([[5000, 'never-came']])
})

test('a far end that falls silent is reported once, counted from its last packet', () => {
  const events = [[0, expectSound] as const, ...Array.from({ length: 10 }, (_, n) => [n * 1000, rtp] as const)]
  expect(run(30_000, events)).toEqual([[14_000, 'went-silent']])
})

test('RTCP alone keeps a muted far end alive, but is no sound', () => {
  const events = [[0, expectSound] as const, ...Array.from({ length: 4 }, (_, n) => [n * 4000, rtcp] as const)]
  expect(run(30_000, events)).toEqual([[17_000, 'never-came']])
})

test('nothing is due before there is a far end', () => {
  expect(run(60_000, [])).toEqual([])
})

test('hold is no loss however long it lasts, and after it the whole limit counts again', () => {
  expect(
    run(60_000, [
      [0, expectSound],
      [1000, rtp],
      [4000, hold],
      [40_000, expectSound],
    ]),
  ).toEqual([[45_000, 'went-silent']])
})

test('agreeing to the same again does not put the limit off', () => {
  expect(
    run(12_000, [
      [0, expectSound],
      [3000, expectSound],
      [4500, expectSound],
    ]),
  ).toEqual([[5000, 'never-came']])
})

test('sound that came back and goes again is reported again', () => {
  expect(
    run(30_000, [
      [0, expectSound],
      [8000, rtp],
    ]),
  ).toEqual([
    [5000, 'never-came'],
    [13_000, 'went-silent'],
  ])
})

test('a limit of 0 watches nothing', () => {
  const dog = new Watchdog(0)
  dog.expect(true, 0)
  expect(dog.check(1e9)).toBeNull()
})
