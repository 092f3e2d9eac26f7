/**
 * Messages to another thread, posted together once in each turn of the event loop. A post costs more than what is in it, and a call
 * that begins or ends says several things at once.
 */
export class Outbox<T> {
  readonly #post: (messages: readonly T[]) => void
  #waiting: T[] = []
  readonly #flush = (): void => {
    const messages = this.#waiting
    this.#waiting = []
    this.#post(messages)
  }

  constructor(post: (messages: readonly T[]) => void) {
    this.#post = post
  }

  send(message: T): void {
    if (this.#waiting.push(message) === 1) setImmediate(this.#flush)
  }
}
