/** Milliseconds between two visits of one stream, and the parts that a round is cut into. */
const roundLength = 250
const parts = 10

/** Something that wants a look now and then. */
export interface Visited {
  readonly id: number
  /** @param now monotonic milliseconds. */
  sweep(now: number): void
}

/** Visits everybody four times a second, a tenth of them at a time: thousands at once would make the senders late. */
export class Rounds {
  readonly #members: readonly Set<Visited>[] = Array.from({ length: parts }, () => new Set())
  #part = 0
  #timer: NodeJS.Timeout | undefined

  join(member: Visited): void {
    this.#members[member.id % parts]!.add(member)
    this.#timer ??= setInterval(() => this.#visit(), roundLength / parts)
  }

  leave(member: Visited): void {
    this.#members[member.id % parts]!.delete(member)
    if (this.#members.some(({ size }) => size > 0)) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #visit(): void {
    const now = performance.now()
    this.#part = (this.#part + 1) % parts
    for (const member of this.#members[this.#part]!) member.sweep(now)
  }
}
