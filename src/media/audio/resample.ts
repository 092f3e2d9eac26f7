import { sampleRate } from './g711.ts'

/** Zero crossings of the filter on each side: more is steeper. */
const crossings = 16
/** The passband ends here, as a part of the lower Nyquist frequency: 3.6 kHz for telephone sound. */
const rollOff = 0.9

/**
 * Any rate → 8,000 Hz, piece by piece, through a windowed-sinc low-pass (a polyphase filter where the rates have a small
 * common ratio, as all usual ones do).
 */
export class Resampler {
  readonly #up: number
  readonly #down: number
  /** Filter taps for each phase, oldest sample first. */
  readonly #phases: readonly Float32Array[]
  readonly #half: number
  /** Input that later output still needs, after it the new piece. */
  #held: Float32Array
  /** Of the next output sample: its place in `#held` and its phase. */
  #position: number
  #phase = 0

  constructor(rate: number) {
    const divisor = gcd(rate, sampleRate)
    this.#up = sampleRate / divisor
    this.#down = rate / divisor
    const scale = Math.min(1, sampleRate / rate) * rollOff
    this.#half = Math.ceil(crossings / scale)
    this.#phases = Array.from({ length: this.#up }, (_, phase) => taps(phase / this.#up, this.#half, scale))
    this.#held = new Float32Array(this.#half - 1)
    this.#position = this.#half - 1
  }

  push(piece: Float32Array): Float32Array {
    const input = new Float32Array(this.#held.length + piece.length)
    input.set(this.#held)
    input.set(piece, this.#held.length)
    const half = this.#half
    const output: number[] = []
    while (this.#position + half < input.length) {
      const weights = this.#phases[this.#phase]!
      const start = this.#position - half + 1
      let sum = 0
      for (let index = 0; index < weights.length; index++) sum += weights[index]! * input[start + index]!
      output.push(sum)
      this.#phase += this.#down
      this.#position += Math.floor(this.#phase / this.#up)
      this.#phase %= this.#up
    }
    const keep = Math.min(input.length, Math.max(0, this.#position - half + 1))
    this.#held = input.slice(keep)
    this.#position -= keep
    return Float32Array.from(output)
  }

  /** What the end still holds. */
  finish(): Float32Array {
    return this.push(new Float32Array(this.#half))
  }
}

/** Taps around a point `fraction` of a sample after the middle one; they sum to one. */
function taps(fraction: number, half: number, scale: number): Float32Array {
  const weights = Float64Array.from({ length: half * 2 }, (_, index) => {
    const x = index - half + 1 - fraction
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / (half + 1))
    return sinc(x * scale) * window
  })
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return Float32Array.from(weights, (weight) => weight / sum)
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}
