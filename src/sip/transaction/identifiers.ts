import type { FillRandom } from './clock.ts'

/** RFC 3261 §8.1.1.7: marks a branch as unique by construction. */
export const magicCookie = 'z9hG4bK'

const width = 16

/**
 * Branches, tags and Call-IDs: 128 random bits each, as 32 lower-case hex digits (tokens are compared without case by some peers).
 * Randomness is drawn in blocks.
 */
export class Identifiers {
  readonly #fill: FillRandom
  readonly #block = Buffer.alloc(width * 256)
  #at = this.#block.length

  constructor(fill: FillRandom) {
    this.#fill = fill
  }

  branch(): string {
    return magicCookie + this.#hex()
  }

  tag(): string {
    return this.#hex()
  }

  /** Without a host part: it would tell strangers where we live (RFC 3261 §8.1.1.4 makes it optional). */
  callId(): string {
    return this.#hex()
  }

  /** Uniform in 0 ≤ n < `below`, for back-offs. */
  below(below: number): number {
    const at = this.#draw()
    return Math.floor((this.#block.readUInt32BE(at) / 2 ** 32) * below)
  }

  #hex(): string {
    const at = this.#draw()
    return this.#block.toString('hex', at, at + width)
  }

  #draw(): number {
    if (this.#at >= this.#block.length) {
      this.#fill(this.#block)
      this.#at = 0
    }
    const at = this.#at
    this.#at += width
    return at
  }
}
