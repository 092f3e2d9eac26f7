/** Datagrams a second from which on it pays to wait for the next ones. */
const rush = 400
/** Milliseconds over which they are counted. */
const counting = 200
/** Milliseconds. Far less than what a commit waits for others (13), so that hardly any answer leaves later for it. */
const pause = 3

type Turns = Readonly<{
  /** Milliseconds that never step back. */
  now(): number
  /** When this turn of the event loop is over, and what was put off to its end has been done. */
  afterTurn(then: () => void): void
  /** Puts the thread to sleep. */
  sleep(milliseconds: number): void
}>

/**
 * Interrupt moderation, as network cards do it. In a rush, datagrams come one by one, each wakes the thread, and waking costs as much as
 * the work. So then the thread sleeps for a moment after each turn, and finds several in the next. At an everyday pace it never sleeps.
 */
export class Moderation {
  readonly #turns: Turns
  #since = Number.NEGATIVE_INFINITY
  #count = 0
  #pace: 'calm' | 'rush' = 'calm'
  #turn: 'going on' | 'will pause' = 'going on'

  constructor(turns: Turns = ofThisThread()) {
    this.#turns = turns
  }

  /** A datagram was handled. */
  readonly heard = (): void => {
    const now = this.#turns.now()
    const passed = now - this.#since
    this.#count++
    if (passed >= counting) {
      // Counted over all the time since, so that one datagram after a long rest is no rush.
      this.#pace = this.#count * 1000 >= rush * passed ? 'rush' : 'calm'
      this.#since = now
      this.#count = 0
    }
    if (this.#pace === 'calm' || this.#turn === 'will pause') return
    this.#turn = 'will pause'
    this.#turns.afterTurn(() => {
      this.#turn = 'going on'
      this.#turns.sleep(pause)
    })
  }
}

function ofThisThread(): Turns {
  const never = new Int32Array(new SharedArrayBuffer(4))
  return {
    now: () => performance.now(),
    // Once more round the loop: what leaves at the end of a turn wakes others, who work while this thread sleeps.
    afterTurn: (then) => setImmediate(() => setImmediate(then)),
    sleep: (milliseconds) => void Atomics.wait(never, 0, 0, milliseconds),
  }
}
