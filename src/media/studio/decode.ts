import { setImmediate } from 'node:timers/promises'
import { encodeG711, sampleRate } from '../audio/g711.ts'
import { rates, toInt16 } from '../audio/linear.ts'
import { isMp3, readMp3 } from '../audio/mp3.ts'
import { Resampler } from '../audio/resample.ts'
import { isWav, readWav } from '../audio/wav.ts'
import type { Clip } from '../engine/clip.ts'
import { MediaError } from '../error.ts'

/** Seconds of sound that one prompt may last. */
const longestClip = 3600

/**
 * WAV or MP3 → clip.
 * @param signal stops it; it then rejects with the signal's reason.
 * @throws MediaError `media.unsupported`
 */
export async function decodeAudio(bytes: Uint8Array, signal?: AbortSignal): Promise<Clip> {
  const recorder = new Recorder()
  if (isWav(bytes)) {
    const { rate, pieces } = readWav(bytes)
    for (const piece of pieces) {
      recorder.hear(rate, piece)
      await setImmediate()
      signal?.throwIfAborted()
    }
  } else if (isMp3(bytes)) {
    await readMp3(bytes, (rate, piece) => {
      signal?.throwIfAborted()
      recorder.hear(rate, piece)
    })
  } else throw new MediaError('media.unsupported', 'Neither WAV nor MP3')
  return recorder.finish()
}

/** Collects sound of any rate. */
export class Recorder {
  #rate = 0
  #resampler: Resampler | null = null
  #pieces: Int16Array[] = []
  #length = 0

  hear(rate: number, piece: Float32Array): void {
    if (rate < rates.lowest || rate > rates.highest) {
      throw new MediaError('media.unsupported', `${rate} samples a second`)
    }
    if (rate !== this.#rate) {
      if (this.#resampler !== null) this.#keep(this.#resampler.finish())
      this.#rate = rate
      this.#resampler = rate === sampleRate ? null : new Resampler(rate)
    }
    this.#keep(this.#resampler === null ? piece : this.#resampler.push(piece))
  }

  #keep(piece: Float32Array): void {
    this.#length += piece.length
    if (this.#length > longestClip * sampleRate) {
      throw new MediaError('media.unsupported', `Longer than ${longestClip} s`)
    }
    this.#pieces.push(toInt16(piece))
  }

  finish(): Clip {
    if (this.#resampler !== null) this.#keep(this.#resampler.finish())
    return makeClip(this.#pieces, this.#length)
  }
}

/** @param length samples in all the pieces. */
export function makeClip(pieces: readonly Int16Array[], length: number): Clip {
  const clip = {
    PCMU: new Uint8Array(new SharedArrayBuffer(length)),
    PCMA: new Uint8Array(new SharedArrayBuffer(length)),
  }
  let at = 0
  for (const piece of pieces) {
    encodeG711('PCMU', piece, clip.PCMU.subarray(at))
    encodeG711('PCMA', piece, clip.PCMA.subarray(at))
    at += piece.length
  }
  return clip
}
