import { expect, test } from 'vitest'
import { pressed, type Watched, watchDigits } from '../../../src/platforms/digits/index.ts'
import { PaperLeg } from './paper-leg.ts'

const rules = { pattern: /^[\d#]{2}$/, interDigit: 1000, flush: 10_000 }

function watch(signal?: AbortSignal) {
  const leg = new PaperLeg()
  const told: Watched[] = []
  const stop = watchDigits(leg.means, rules, (watched) => told.push(watched), signal)
  return { leg, told, stop, clock: leg.clock }
}

test('a match is told when the caller has paused, again and again', () => {
  const { leg, told, clock } = watch()
  leg.press('1')
  clock.advance(900)
  leg.press('1')
  clock.advance(999)
  expect(told).toEqual([])
  clock.advance(1)
  leg.press('2#')
  clock.advance(1000)
  expect(told).toEqual([
    { type: 'matched', digits: '11' },
    { type: 'matched', digits: '2#' },
  ])
  expect(clock.armed).toBe(0)
})

test('what fits nothing is kept for more keys, and flushed after the last of them', () => {
  const { leg, told, clock } = watch()
  leg.press('1')
  clock.advance(9999)
  leg.press('23')
  clock.advance(9999)
  expect(told).toEqual([])
  clock.advance(1)
  expect(told).toEqual([{ type: 'flushed', digits: '123' }])
  leg.press('4')
  clock.advance(5000)
  leg.press('5')
  clock.advance(1000)
  expect(told.at(-1)).toEqual({ type: 'matched', digits: '45' })
})

test('a caller who never pauses is flushed every 128 keys', () => {
  const { leg, told, clock } = watch()
  leg.press('1'.repeat(300))
  expect(told.map(({ type, digits }) => [type, digits.length])).toEqual([
    ['flushed', 128],
    ['flushed', 128],
  ])
  clock.advance(10_000)
  expect(told.at(-1)).toMatchObject({ type: 'flushed', digits: '1'.repeat(44) })
})

test.each([
  ['stop', ({ stop }: ReturnType<typeof watch>) => stop()],
  ['the end of the leg', ({ leg }: ReturnType<typeof watch>) => leg.endLeg()],
  ['the end of the call', ({ leg }: ReturnType<typeof watch>) => leg.endCall()],
])('nothing is told after %s, and nothing is left', (_, end) => {
  const watching = watch()
  watching.leg.press('11')
  end(watching)
  watching.clock.advance(60_000)
  expect([watching.told, watching.leg.listeners, watching.clock.armed]).toEqual([[], 0, 0])
})

test('a signal that has fired already: nothing is watched', () => {
  expect(watch(AbortSignal.abort()).leg.listeners).toBe(0)
})

test('one key of several is waited for; the end of the leg is the end of the waiting', async () => {
  const leg = new PaperLeg()
  const first = pressed(leg.means, '#*')
  leg.press('123*#')
  expect(await first).toBe('*')
  const second = pressed(leg.means, '#')
  leg.endLeg()
  expect(await second).toBeNull()
  expect(await pressed(leg.means, '#')).toBeNull()
  expect(leg.listeners).toBe(0)
})
