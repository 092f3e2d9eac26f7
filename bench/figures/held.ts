/** Live calls that stand until the subject ends them. */
import type { Bench } from '../bench.ts'
import { type Caller, type Outcome, startCalls } from '../caller/sipp.ts'
import { sleep, until } from '../machine/time.ts'
import { fileLimit, openFilesOf } from '../machine/usage.ts'
import type { Running } from '../subjects/subject.ts'

/** New calls a second, which every subject can answer. */
const rate = 300
/** Nothing has been answered for so long: the rest will not be. */
const stalled = 5_000

export class HeldCalls {
  readonly #bench: Bench
  readonly #caller: Caller
  readonly #answered = new Set<number>()
  readonly #told = new Set<number>()
  #lastTold = 0

  private constructor(bench: Bench, caller: Caller) {
    this.#bench = bench
    this.#caller = caller
  }

  /** Resolves when so many are live, or no more of them are answered. */
  static async begin(bench: Bench, running: Running, calls: number): Promise<HeldCalls> {
    const limit = (calls / rate) * 1000 + 120_000
    const caller = await startCalls(bench, { scenario: 'caller-is-ended', port: running.port, calls, rate, limit })
    const held = new HeldCalls(bench, caller)
    for (let before = -1; held.answered < calls && held.answered > before; ) {
      before = held.answered
      await until(() => held.look().answered >= calls || held.answered > before + 1000, stalled, bench.signal)
    }
    return held
  }

  look(): this {
    for (const { what, call, at } of this.#caller.moments()) {
      if (what === 'answered') this.#answered.add(call)
      else {
        this.#told.add(call)
        this.#lastTold = Math.max(this.#lastTold, at)
      }
    }
    return this
  }

  get answered(): number {
    return this.#answered.size
  }

  /** Far ends that have heard a BYE. */
  get told(): number {
    return this.#told.size
  }

  /** When the last of them heard it. */
  get lastTold(): number {
    return this.#lastTold
  }

  /** Waits until every far end has heard its BYE. */
  allTold(limit: number): Promise<boolean> {
    return until(() => this.look().told >= this.answered, limit, this.#bench.signal)
  }

  /** Resolves when the caller has heard nothing more for a while. @returns what was sent more than once */
  async over(): Promise<Outcome['repeated']> {
    return (await this.#caller.done).repeated
  }

  stop(): Promise<void> {
    return this.#caller.stop()
  }
}

/** How many of the wanted calls the limit of open files leaves room for, found with a few of them. */
export async function roomFor(
  bench: Bench,
  running: Running,
  wanted: number,
): Promise<{ calls: number; note?: string }> {
  const few = 100
  // A busy subject keeps sockets for the next calls (Onhook for 4 s): those are neither these calls' nor missing.
  await sleep(6_000, bench.signal)
  const before = openFilesOf(running.pid)
  const held = await HeldCalls.begin(bench, running, few)
  const each = Math.round((openFilesOf(running.pid) - before) / few)
  await running.endAll()
  await held.allTold(30_000)
  await held.over()
  await sleep(1_000, bench.signal)
  const limit = fileLimit()
  const room = each === 0 ? wanted : Math.floor((limit - before - 300) / each)
  if (room >= wanted) return { calls: wanted }
  return { calls: room, note: `${room} calls: ${each} open files for each, of ${limit} that a process may have here` }
}
