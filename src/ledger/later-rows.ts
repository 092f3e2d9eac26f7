import type { CallId } from '../call/call.ts'
import type { LiveRow } from '../switchboard/ports.ts'

/** Milliseconds: a row waits for one to two of these. */
const period = 500

export type LaterRow = Readonly<{ row: LiveRow; waiter: PromiseWithResolvers<void> }>

/**
 * Rows that nobody would miss after a crash before more is written of their calls: most are superseded by that, and never come to the
 * disk. The rest leave after a while.
 */
export class LaterRows {
  readonly #leave: (rows: Iterable<LaterRow>) => void
  #young = new Map<CallId, LaterRow>()
  #old = new Map<CallId, LaterRow>()
  #timer: NodeJS.Timeout | undefined

  /** @param leave stores what has waited long enough. */
  constructor(leave: (rows: Iterable<LaterRow>) => void) {
    this.#leave = leave
  }

  put(row: LiveRow): Promise<void> {
    const call = row.call.id
    const known = this.#old.get(call) ?? this.#young.get(call)
    if (known !== undefined) {
      // As old as it was: what changes again and again leaves all the same.
      const of = this.#old.has(call) ? this.#old : this.#young
      of.set(call, { row, waiter: known.waiter })
      return known.waiter.promise
    }
    const waiter = Promise.withResolvers<void>()
    this.#young.set(call, { row, waiter })
    this.#timer ??= setTimeout(this.#grow, period)
    return waiter.promise
  }

  /** More is written of the call: whoever waits for this is to wait for that. */
  take(call: CallId): LaterRow | undefined {
    const row = this.#young.get(call) ?? this.#old.get(call)
    if (row !== undefined && !this.#young.delete(call)) this.#old.delete(call)
    return row
  }

  readonly #grow = (): void => {
    const leaving = this.#old
    this.#old = this.#young
    this.#young = new Map()
    this.#timer = this.#old.size > 0 ? setTimeout(this.#grow, period) : undefined
    this.#leave(leaving.values())
  }

  /** All leave now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const leaving = [...this.#old.values(), ...this.#young.values()]
    this.#old.clear()
    this.#young.clear()
    this.#leave(leaving)
  }
}
