import { expect, test } from 'vitest'
import { loudness, toneShare } from '../../../src/media/audio/goertzel.ts'
import { estimatedLength, hum } from '../../../src/media/speech/placeholder.ts'

test('it lasts about as long as the words would', () => {
  const words = 'the quick brown fox jumps over the lazy dog and goes home again '
  expect(estimatedLength(words.repeat(10)) / 1000).toBeCloseTo((13 * 10 * 60) / 190, -1)
  expect(hum(words)).toHaveLength(estimatedLength(words) * 8)
})

test('it is never shorter than a breath nor longer than a minute', () => {
  expect(estimatedLength('')).toBe(300)
  expect(estimatedLength('x'.repeat(100_000))).toBe(60_000)
})

test('words are tones, and between them is silence', () => {
  const sound = hum('abcdefgh abcdefgh')
  expect(toneShare(sound.slice(800, 3200), 330)).toBeGreaterThan(0.95)
  const gap = 8 * 520
  expect(loudness(sound.slice(gap, gap + 400))).toBe(0)
  expect(toneShare(sound.slice(gap + 1200, gap + 3600), 330)).toBeGreaterThan(0.95)
})
