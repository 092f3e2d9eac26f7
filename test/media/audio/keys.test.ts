import { expect, test } from 'vitest'
import { decodeG711, encodeG711 } from '../../../src/media/audio/g711.ts'
import { KeyDetector } from '../../../src/media/audio/key-detector.ts'
import { keyTones } from '../../../src/media/audio/keys.ts'

const tones = (frequencies: readonly number[], milliseconds: number, amplitudes = [7000, 7000]) =>
  Int16Array.from({ length: milliseconds * 8 }, (_, n) =>
    frequencies.reduce((sum, hertz, index) => sum + amplitudes[index]! * Math.sin((2 * Math.PI * hertz * n) / 8000), 0),
  )
const silence = (milliseconds: number) => new Int16Array(milliseconds * 8)

/** Through µ-law and in packets of 20 ms, as it arrives. */
function heard(...parts: Int16Array[]): string {
  const detector = new KeyDetector()
  const sound = Int16Array.from(parts.flatMap((part) => [...part]))
  const line = decodeG711('PCMU', encodeG711('PCMU', sound))
  let keys = ''
  for (let at = 0; at < line.length; at += 160) keys += detector.hear(line.subarray(at, at + 160))
  return keys
}

test.each(Object.entries(keyTones))('key %s is heard once', (key, pair) => {
  expect(heard(silence(37), tones(pair, 100), silence(100))).toBe(key)
})

test('the same key twice is two keys', () => {
  const five = tones(keyTones['5']!, 80)
  expect(heard(five, silence(60), five, silence(60))).toBe('55')
})

test('a key held for long is one key', () => {
  expect(heard(tones(keyTones['9']!, 2000))).toBe('9')
})

test('a faint, slanted pair is still a key', () => {
  expect(heard(tones(keyTones['3']!, 80, [700, 1500]))).toBe('3')
})

const nothing: Record<string, Int16Array> = {
  'one tone alone': tones([770], 300),
  'a dial tone': tones([350, 440], 300),
  'a ringback tone': tones([440, 480], 300),
  'three tones': tones([697, 1209, 2000], 300, [6000, 6000, 6000]),
  'a very faint key': tones([697, 1209], 300, [40, 40]),
  'a click of 15 ms': tones(keyTones['1']!, 15),
  silence: silence(300),
  noise: Int16Array.from({ length: 8000 }, (_, n) => ((n * 7919 * (n % 127)) % 20_000) - 10_000),
}

test.each(Object.entries(nothing))('%s is no key', (_, sound) => {
  expect(heard(sound)).toBe('')
})
