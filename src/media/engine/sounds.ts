import { encodeG711, sampleRate, silenceByte } from '../audio/g711.ts'
import { keyTones } from '../audio/keys.ts'
import type { Codec } from '../sdp/negotiated.ts'
import type { Clip } from './clip.ts'
import type { SoundSeed } from './messages.ts'

/** Something that is read frame by frame. The law may change between two frames. */
export interface Sound {
  /** Fills the frame as far as it goes. @returns samples written; fewer than asked for means the end. */
  read(codec: Codec, frame: Uint8Array): number
  rewind(): void
}

export function makeSound(seed: SoundSeed): Sound {
  switch (seed.type) {
    case 'clip':
      return new ClipSound(seed.clip)
    case 'tone':
      return new ToneSound([seed.frequency], seed.milliseconds, 0.3)
    case 'silence':
      return new SilenceSound(seed.milliseconds)
    default:
      return seed satisfies never
  }
}

/** A key as tones in the audio. */
export const keySound = (key: string, milliseconds: number): Sound =>
  new ToneSound(keyTones[key] ?? [], milliseconds, 0.22)

class ClipSound implements Sound {
  readonly #clip: Clip
  #position = 0
  constructor(clip: Clip) {
    this.#clip = clip
  }
  read(codec: Codec, frame: Uint8Array): number {
    const part = this.#clip[codec].subarray(this.#position, this.#position + frame.length)
    frame.set(part)
    this.#position += part.length
    return part.length
  }
  rewind(): void {
    this.#position = 0
  }
}

const samplesIn = (milliseconds: number): number => Math.max(0, Math.round((milliseconds * sampleRate) / 1000))

class SilenceSound implements Sound {
  readonly #length: number
  #position = 0
  constructor(milliseconds: number) {
    this.#length = samplesIn(milliseconds)
  }
  read(codec: Codec, frame: Uint8Array): number {
    const count = Math.min(frame.length, this.#length - this.#position)
    frame.fill(silenceByte[codec], 0, count)
    this.#position += count
    return count
  }
  rewind(): void {
    this.#position = 0
  }
}

class ToneSound implements Sound {
  readonly #steps: readonly number[]
  readonly #length: number
  readonly #amplitude: number
  #position = 0
  #samples = new Int16Array(0)
  /** @param amplitude of each tone, 1 is full scale. */
  constructor(frequencies: readonly number[], milliseconds: number, amplitude: number) {
    this.#steps = frequencies.map((frequency) => (2 * Math.PI * frequency) / sampleRate)
    this.#length = samplesIn(milliseconds)
    this.#amplitude = amplitude * 32_767
  }
  read(codec: Codec, frame: Uint8Array): number {
    const count = Math.min(frame.length, this.#length - this.#position)
    if (this.#samples.length !== count) this.#samples = new Int16Array(count)
    for (let index = 0; index < count; index++) {
      let sum = 0
      for (const step of this.#steps) sum += Math.sin(step * (this.#position + index))
      this.#samples[index] = this.#amplitude * sum
    }
    encodeG711(codec, this.#samples, frame)
    this.#position += count
    return count
  }
  rewind(): void {
    this.#position = 0
  }
}
