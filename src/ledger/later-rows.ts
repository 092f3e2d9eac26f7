import type { CallId } from '../call/call.ts'
import type { LiveRow } from '../switchboard/ports.ts'

/** Milliseconds: a row waits for one to two of these. */
const period = 500

export type LaterRow = Readonly<{ row: LiveRow; since: number; waiter: PromiseWithResolvers<void> }>

/**
 * Rows that nobody would miss after a crash before more is written of their calls: most are superseded by that, and never come to the
 * disk. The rest leave after a while.
 */
export class LaterRows {
  readonly #leave: (row: LaterRow) => void
  /** Oldest first. */
  readonly #rows = new Map<CallId, LaterRow>()
  #timer: NodeJS.Timeout | undefined

  /** @param leave stores what has waited long enough. */
  constructor(leave: (row: LaterRow) => void) {
    this.#leave = leave
  }

  /** As old as what was put of the call before: what changes again and again leaves all the same. */
  put(row: LiveRow): Promise<void> {
    const known = this.#rows.get(row.call.id) ?? { since: performance.now(), waiter: Promise.withResolvers<void>() }
    this.#rows.set(row.call.id, { ...known, row })
    this.#timer ??= setTimeout(this.#look, period)
    return known.waiter.promise
  }

  /** More is written of the call: whoever waits for this is to wait for that. */
  take(call: CallId): LaterRow | undefined {
    const row = this.#rows.get(call)
    this.#rows.delete(call)
    return row
  }

  readonly #look = (): void => {
    this.#leaveUntil(performance.now() - period)
    this.#timer = this.#rows.size > 0 ? setTimeout(this.#look, period) : undefined
  }

  /** All leave now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#leaveUntil(Number.POSITIVE_INFINITY)
  }

  #leaveUntil(moment: number): void {
    for (const [call, row] of this.#rows) {
      if (row.since > moment) return
      this.#rows.delete(call)
      this.#leave(row)
    }
  }
}
