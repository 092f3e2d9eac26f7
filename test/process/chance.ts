/** Numbers for a test run: printed with a failure, and given back with ONHOOK_SEED. */
export class Chance {
  readonly seed: number
  #state: number

  constructor(seed = Number(process.env.ONHOOK_SEED ?? Date.now() % 2 ** 31)) {
    this.seed = seed
    this.#state = seed >>> 0
  }

  /** 0 ≤ n < 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** From `least` up to, and not including, `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least))
  }

  oneOf<T>(values: readonly [T, ...T[]]): T {
    return values[this.between(0, values.length)] as T
  }
}
