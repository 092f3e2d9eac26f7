import type { Counter } from 'prom-client'

/**
 * Counts on the path of every call, and tells a counter only when it is scraped: finding a counter's labels costs more than what is
 * counted.
 */
export class Tally {
  readonly #labels: readonly string[]
  readonly #counts = new Map<string, number>()

  constructor(labels: readonly string[]) {
    this.#labels = labels
  }

  /** One more, for these values of the labels, in their order. None holds a `|`. */
  add(...values: readonly string[]): void {
    const key = values.join('|')
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** For a counter's `collect`. */
  tell(counter: Counter): void {
    counter.reset()
    for (const [key, count] of this.#counts) {
      const values = key.split('|')
      counter.inc(Object.fromEntries(this.#labels.map((label, index) => [label, values[index] ?? ''])), count)
    }
  }
}
