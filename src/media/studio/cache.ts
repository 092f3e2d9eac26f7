import type { Clip } from '../engine/clip.ts'

/** Clips by name, the least recently used ones dropped. */
export class ClipCache {
  readonly #limit: number
  readonly #clips = new Map<string, Clip>()
  #bytes = 0

  /** @param limit bytes; a clip larger than that is never kept. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get(name: string): Clip | undefined {
    const clip = this.#clips.get(name)
    if (clip !== undefined) {
      // A map keeps the order of insertion.
      this.#clips.delete(name)
      this.#clips.set(name, clip)
    }
    return clip
  }

  set(name: string, clip: Clip): void {
    const size = sizeOf(clip)
    if (size > this.#limit || this.#clips.has(name)) return
    this.#clips.set(name, clip)
    this.#bytes += size
    for (const [oldest, dropped] of this.#clips) {
      if (this.#bytes <= this.#limit) break
      this.#clips.delete(oldest)
      this.#bytes -= sizeOf(dropped)
    }
  }

  get bytes(): number {
    return this.#bytes
  }
}

/** A name and the bookkeeping cost something as well: empty clips cannot fill the memory. */
const sizeOf = (clip: Clip): number => clip.PCMU.length + clip.PCMA.length + 256
