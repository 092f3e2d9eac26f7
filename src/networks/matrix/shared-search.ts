type Search<T> = { readonly found: Promise<T>; readonly nobody: AbortController; waiting: number }

/** Searches that several wait for: one for each key, for as long as anybody waits for it. */
export class SharedSearch<T> {
  readonly #searches = new Map<string, Search<T>>()

  /**
   * @param begin begins the search; its signal says that nobody waits any more.
   * @param signal who asks waits no more. That takes nothing from the others; the last to go ends the search.
   */
  ask(key: string, begin: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const search = this.#searches.get(key) ?? this.#begin(key, begin)
    search.waiting++
    const leave = () => {
      if (--search.waiting > 0) return
      search.nobody.abort()
      this.#over(key, search)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    return search.found.finally(() => signal.removeEventListener('abort', leave))
  }

  #begin(key: string, begin: (signal: AbortSignal) => Promise<T>): Search<T> {
    const nobody = new AbortController()
    const search = { found: begin(nobody.signal), nobody, waiting: 0 }
    this.#searches.set(key, search)
    const done = () => this.#over(key, search)
    void search.found.then(done, done)
    return search
  }

  #over(key: string, search: Search<T>): void {
    if (this.#searches.get(key) === search) this.#searches.delete(key)
  }
}
