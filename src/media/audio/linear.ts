/** Decoded sound on its way to 8,000 Hz: pieces of one channel, full scale ±1. */
export type Linear = Readonly<{ rate: number; pieces: Iterable<Float32Array> }>

/** Samples per second that are understood. */
export const rates = { lowest: 4000, highest: 96_000 } as const

/** Float → 16 bits, clipped. */
export function toInt16(samples: Float32Array, into = new Int16Array(samples.length)): Int16Array {
  for (let index = 0; index < samples.length; index++) {
    const value = Math.round(samples[index]! * 32_768)
    into[index] = value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value
  }
  return into
}
