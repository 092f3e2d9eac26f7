/** Milliseconds. Half of what a packet of sound stands for. */
const gathering = 10

/**
 * Messages to another thread, posted together. A post costs more than what is in it, above all when the other thread sleeps and
 * must be woken; and a call that begins or ends says several things at once. What is said first leaves when the turn of the event
 * loop is over, and all that the turn gives rise to is under way; what is said within `gathering` after that leaves with what else is said then.
 */
export class Outbox<T> {
  readonly #post: (messages: readonly T[]) => void
  #waiting: T[] = []
  #posted = Number.NEGATIVE_INFINITY
  readonly #due = (): void => this.flush()

  constructor(post: (messages: readonly T[]) => void) {
    this.#post = post
  }

  send(message: T): void {
    if (this.#waiting.push(message) > 1) return
    const wait = this.#posted + gathering - performance.now()
    if (wait <= 0) afterTurn(this.#due)
    else setTimeout(this.#due, Math.ceil(wait))
  }

  /** Posts what waits, now. */
  flush(): void {
    if (this.#waiting.length === 0) return
    const messages = this.#waiting
    this.#waiting = []
    this.#posted = performance.now()
    this.#post(messages)
  }
}

/** Behind all promises that can be kept now, and behind what those who kept them put off to the end of the turn, as HTTP clients do with requests. */
function afterTurn(then: () => void): void {
  queueMicrotask(() => process.nextTick(() => setImmediate(then)))
}
