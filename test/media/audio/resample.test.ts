import { expect, test } from 'vitest'
import { loudness, toneShare } from '../../../src/media/audio/goertzel.ts'
import { toInt16 } from '../../../src/media/audio/linear.ts'
import { Resampler } from '../../../src/media/audio/resample.ts'

const sine = (rate: number, frequency: number, seconds = 0.5) =>
  Float32Array.from({ length: rate * seconds }, (_, n) => 0.5 * Math.sin((2 * Math.PI * frequency * n) / rate))

/** In pieces of odd lengths, as decoders deliver. */
function resample(rate: number, sound: Float32Array): Int16Array {
  const resampler = new Resampler(rate)
  const pieces: Float32Array[] = []
  for (let at = 0, length = 1; at < sound.length; at += length, length = (length * 7) % 1009 || 1) {
    pieces.push(resampler.push(sound.subarray(at, at + length)))
  }
  pieces.push(resampler.finish())
  return toInt16(Float32Array.from(pieces.flatMap((piece) => [...piece])))
}

/** The middle, without the filter's beginning and end. */
const middle = (samples: Int16Array) => samples.slice(400, -400)

const rates = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]

test.each(rates)('%i Hz: a tone keeps its pitch, its loudness and its length', (rate) => {
  const result = resample(rate, sine(rate, 1000))
  expect(Math.abs(result.length - 4000)).toBeLessThanOrEqual(2)
  expect(toneShare(middle(result), 1000)).toBeGreaterThan(0.999)
  expect(loudness(middle(result)) / (0.5 * 32_768 * Math.SQRT1_2)).toBeCloseTo(1, 1)
})

test.each(rates.filter((rate) => rate > 11_025))('%i Hz: what telephones cannot carry does not fold back', (rate) => {
  const result = resample(rate, sine(rate, 5000))
  // 5,000 Hz would come back as 3,000 Hz.
  expect(loudness(middle(result))).toBeLessThan(0.5 * 32_768 * 0.01)
})

test('pieces make no seam: the result does not depend on how the sound is cut', () => {
  const sound = sine(22_050, 700, 0.3)
  const whole = new Resampler(22_050)
  const once = Float32Array.from([...whole.push(sound), ...whole.finish()])
  expect(resample(22_050, sound)).toEqual(toInt16(once))
})
