type Listener<T> = (value: T) => void

const nobody: readonly never[] = Object.freeze([])

/** Those who want to hear of something. Most sessions have none or one, so a list that is replaced is less than a set that is kept. */
export class Listeners<T> {
  #all: readonly Listener<T>[] = nobody

  /** Returns the unsubscriber. */
  add(listener: Listener<T>): () => void {
    // `concat` makes room for just that; a spread for sixteen more.
    if (!this.has(listener)) this.#all = this.#all.concat(listener)
    return () => {
      this.#all = this.#all.filter((other) => other !== listener)
    }
  }

  has(listener: Listener<T>): boolean {
    return this.#all.includes(listener)
  }

  /** In order. Who subscribes or leaves meanwhile changes the next telling. */
  tell(value: T): void {
    for (const listener of this.#all) listener(value)
  }

  clear(): void {
    this.#all = nobody
  }
}
