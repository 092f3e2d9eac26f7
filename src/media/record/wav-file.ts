import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, isAbsolute } from 'node:path'
import { sampleRate } from '../audio/g711.ts'
import { wavHeader, wavHeaderLength, writeSamples } from '../audio/wav.ts'

/** Bytes that are written together: 0.4 s. Fewer would cost more calls, more would be lost in a crash. */
const portion = 6400
/** Bytes that may wait for a slow disk: 60 s. */
const longestQueue = 960_000
/** What people said is for nobody else on this machine. */
const ownFile = 0o600
const ownFolder = 0o700
/** Bytes of sound that the sizes in the header can say. */
export const mostBytes = 0xffff_ffff - wavHeaderLength - 1

/**
 * A WAV file that grows. Sound is written before the header that counts it, so that the header is right at all times; and
 * nobody waits for the disk: what comes while it works is kept for the next write.
 */
export class WavFile {
  readonly #path: string
  #state: 'open' | 'closing' | 'over' = 'open'
  #queue: Int16Array[] = []
  /** Bytes in the queue. */
  #queued = 0
  /** Bytes of sound in the file. */
  #written = 0
  readonly #outcome = Promise.withResolvers<number>()

  /** Begins to make the file, and the folders above it. A file that is there is emptied. */
  constructor(path: string) {
    this.#path = path
    this.done.catch(() => {})
    void this.#live()
  }

  /** Resolves with the file's length in bytes once it is closed. Rejects, at once, when it cannot be made or written. */
  get done(): Promise<number> {
    return this.#outcome.promise
  }

  /** The samples belong to the file from now on. */
  append(samples: Int16Array): void {
    if (this.#state !== 'open' || samples.length === 0) return
    this.#queue.push(samples)
    this.#queued += samples.length * 2
    if (this.#queued > longestQueue) this.#fail(new Error('the disk is too slow'))
    else if (this.#queued >= portion) this.#wake()
  }

  /** Writes what is left. */
  close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#wake()
  }

  #fail(error: Error): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#queue = []
    this.#queued = 0
    this.#outcome.reject(error)
    this.#wake()
  }

  /** Set while the file's life waits for something to do. */
  #rouse: (() => void) | undefined

  #wake(): void {
    this.#rouse?.()
    this.#rouse = undefined
  }

  /** From the making of the file to its closing: one step after the other, whatever comes meanwhile. */
  async #live(): Promise<void> {
    let handle: FileHandle | undefined
    try {
      if (!isAbsolute(this.#path)) throw new Error('the path is not absolute')
      await mkdir(dirname(this.#path), { recursive: true, mode: ownFolder })
      handle = await open(this.#path, 'w', ownFile)
      await writeAll(handle, wavHeader(sampleRate, 0), 0)
      await this.#feed(handle)
      await handle.close()
      this.#state = 'over'
      this.#outcome.resolve(wavHeaderLength + this.#written)
    } catch (error) {
      this.#fail(error as Error)
      await handle?.close().catch(() => {})
    }
  }

  async #feed(handle: FileHandle): Promise<void> {
    for (;;) {
      if (this.#state === 'over') throw new Error('it failed')
      if (this.#queued >= portion || (this.#state === 'closing' && this.#queued > 0)) await this.#write(handle)
      else if (this.#state === 'closing') return
      else await new Promise<void>((resolve) => (this.#rouse = resolve))
    }
  }

  async #write(handle: FileHandle): Promise<void> {
    const bytes = new Uint8Array(this.#queued)
    let at = 0
    for (const samples of this.#queue) {
      writeSamples(samples, bytes, at)
      at += samples.length * 2
    }
    this.#queue = []
    this.#queued = 0
    await writeAll(handle, bytes, wavHeaderLength + this.#written)
    this.#written += bytes.length
    await writeAll(handle, wavHeader(sampleRate, this.#written), 0)
  }
}

/** A disk that is nearly full takes a part of what it is given; the next part then says why. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
