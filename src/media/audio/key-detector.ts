import { tonePower } from './goertzel.ts'
import { highTones, keyTones, lowTones } from './keys.ts'

/** Samples that are judged together: 12.75 ms, which keeps neighbouring tones apart. */
const blockLength = 102
/** Mean power below which nothing is a key: about −35 dBm0. */
const faintest = 40_000
/** Both tones together hold at least this part of the energy, and each outweighs the others of its group this many times. */
const share = 0.7
const dominance = 6
/** The stronger tone over the weaker one, as a ratio of powers: 8 dB. */
const twist = 6.3
/** Blocks in a row that make a key (a key lasts 40 ms at least, ITU-T Q.24), and blocks that end one. */
const pressBlocks = 2
const releaseBlocks = 2

/** Keys in the audio itself, each once, when they are pressed. For far ends that know no telephone events. */
export class KeyDetector {
  readonly #block = new Int16Array(blockLength)
  #filled = 0
  /** The key down now, the one that the last blocks looked like, and how many did. */
  #down: string | null = null
  #candidate: string | null = null
  #seen = 0

  /** @returns the keys that began within these samples. */
  hear(samples: Int16Array): string {
    let keys = ''
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + blockLength - this.#filled)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (this.#filled === blockLength) {
        this.#filled = 0
        keys += this.#judge(keyIn(this.#block)) ?? ''
      }
    }
    return keys
  }

  #judge(key: string | null): string | null {
    this.#seen = key === this.#candidate ? this.#seen + 1 : 1
    this.#candidate = key
    if (key === this.#down) return null
    if (key === null) {
      if (this.#seen >= releaseBlocks) this.#down = null
      return null
    }
    if (this.#seen < pressBlocks) return null
    this.#down = key
    return key
  }
}

const keyOf = new Map(Object.entries(keyTones).map(([key, [low, high]]) => [low * 10_000 + high, key]))

function keyIn(block: Int16Array): string | null {
  let energy = 0
  for (const sample of block) energy += sample * sample
  const mean = energy / block.length
  if (mean < faintest) return null
  const low = strongest(block, lowTones)
  const high = low === null ? null : strongest(block, highTones)
  if (low === null || high === null) return null
  if (low.power > high.power * twist || high.power > low.power * twist) return null
  if ((low.power + high.power) / 2 < mean * share) return null
  return keyOf.get(low.tone * 10_000 + high.tone) ?? null
}

function strongest(block: Int16Array, tones: readonly number[]): { tone: number; power: number } | null {
  let best = { tone: 0, power: 0 }
  let second = 0
  for (const tone of tones) {
    const power = tonePower(block, tone)
    if (power > best.power) {
      second = best.power
      best = { tone, power }
    } else if (power > second) second = power
  }
  return best.power > second * dominance ? best : null
}
