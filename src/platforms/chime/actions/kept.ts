import type { Clock, Disarm } from '../../../switchboard/ports.ts'
import type { ObjectStore } from '../means.ts'
import { type Brought, bringLeft } from './scratch.ts'

/** Milliseconds until recordings are tried again; the last one repeats. */
const rests = [10_000, 60_000, 600_000] as const

/**
 * Recordings that their bucket did not take: tried again as long as this process lives, each under the key that it was promised.
 * What is left then is in its folder, and the next process brings it.
 */
export class KeptRecordings {
  readonly #clock: Clock
  readonly #objects: ObjectStore
  readonly #told: (brought: Brought) => void
  readonly #files = new Set<string>()
  #tries = 0
  #disarm: Disarm | undefined
  #bringing: Promise<void> = Promise.resolve()
  #state: 'open' | 'closed' = 'open'

  /** @param told what became of each attempt */
  constructor(clock: Clock, objects: ObjectStore, told: (brought: Brought) => void) {
    this.#clock = clock
    this.#objects = objects
    this.#told = told
  }

  /** Another that was refused just now. */
  add(file: string): void {
    this.#files.add(file)
    this.#tries = 0
    this.#rest()
  }

  /** Brings what an earlier process has left. */
  bring(left: readonly string[]): void {
    for (const file of left) this.#files.add(file)
    this.#try()
  }

  /** Tries no more. Resolves when nothing is under way. */
  close(): Promise<void> {
    this.#state = 'closed'
    this.#disarm?.()
    return this.#bringing
  }

  #rest(): void {
    this.#disarm?.()
    if (this.#state === 'closed') return
    const after = rests[Math.min(this.#tries, rests.length - 1)] ?? 0
    this.#disarm = this.#clock.alarm(this.#clock.now() + after, () => this.#try())
  }

  #try(): void {
    this.#disarm = undefined
    this.#bringing = this.#bringing.then(async () => {
      const files = [...this.#files]
      this.#files.clear()
      const brought = await bringLeft(files, this.#objects)
      this.#told(brought)
      for (const file of brought.kept) this.#files.add(file)
      this.#tries++
      if (this.#files.size > 0) this.#rest()
    })
  }
}
