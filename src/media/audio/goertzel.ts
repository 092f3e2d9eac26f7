import { sampleRate } from './g711.ts'

/** Squared amplitude of one frequency in a block (Goertzel's filter); a full-scale sine of 16 bits gives about 10⁹. */
export function tonePower(samples: Int16Array, frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / sampleRate)
  let before = 0
  let beforeThat = 0
  for (let index = 0; index < samples.length; index++) {
    const now = samples[index]! + coefficient * before - beforeThat
    beforeThat = before
    before = now
  }
  const energy = before * before + beforeThat * beforeThat - coefficient * before * beforeThat
  return samples.length === 0 ? 0 : (energy * 4) / (samples.length * samples.length)
}

/** The part of a block's energy that is in one frequency: 1 for a pure tone, about 0 for others, for noise and for silence. */
export function toneShare(samples: Int16Array, frequency: number): number {
  let energy = 0
  for (const sample of samples) energy += sample * sample
  return energy === 0 ? 0 : tonePower(samples, frequency) / 2 / (energy / samples.length)
}

/** Root of the mean square, 0 to 32,768. */
export function loudness(samples: Int16Array): number {
  let energy = 0
  for (const sample of samples) energy += sample * sample
  return samples.length === 0 ? 0 : Math.sqrt(energy / samples.length)
}
