import type { Counter } from 'prom-client'

/** What was counted of one value of a label: how often it was the last one, and what came with it. */
type Branch = { count: number; readonly next: Map<string, Branch> }

/**
 * Counts on the path of every call, and tells a counter only when it is scraped: finding a counter's labels costs more than what is
 * counted.
 */
export class Tally {
  readonly #labels: readonly string[]
  readonly #root: Branch = { count: 0, next: new Map() }

  constructor(labels: readonly string[]) {
    this.#labels = labels
  }

  /** One more, for these values of the labels, in their order. */
  add(...values: readonly string[]): void {
    let branch = this.#root
    for (const value of values) {
      let next = branch.next.get(value)
      if (next === undefined) {
        next = { count: 0, next: new Map() }
        branch.next.set(value, next)
      }
      branch = next
    }
    branch.count++
  }

  /** For a counter's `collect`. */
  tell(counter: Counter): void {
    counter.reset()
    this.#tell(counter, this.#root, {}, 0)
  }

  #tell(counter: Counter, branch: Branch, above: Readonly<Record<string, string>>, depth: number): void {
    if (branch.count > 0) counter.inc(above, branch.count)
    const label = this.#labels[depth]
    if (label === undefined) return
    for (const [value, below] of branch.next) this.#tell(counter, below, { ...above, [label]: value }, depth + 1)
  }
}
