/** What every figure works with. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Children } from './machine/children.ts'
import type { Subject, SubjectName } from './subjects/subject.ts'

export type BenchOptions = Readonly<{
  /** Fewer and smaller runs: to see that everything works. */
  quick: boolean
  /** How often each measurement is made; the median is what is reported. */
  rounds: number
  /** New calls a second where CPU is measured: what every subject can hold. */
  rate: number
  subjects: Readonly<Record<SubjectName, Subject>>
  /** Tells whoever watches what is being done. */
  say(text: string): void
}>

export class Bench {
  readonly options: BenchOptions
  readonly children = new Children()
  readonly #stopping = new AbortController()
  readonly #folders: string[] = []

  constructor(options: BenchOptions) {
    this.options = options
  }

  /** Fires when the user or a fault ends the benchmark. */
  get signal(): AbortSignal {
    return this.#stopping.signal
  }

  /** Whoever waits for a program or a moment goes on at once, and fails. */
  stop(why: string): void {
    this.#stopping.abort(new Error(why))
    void this.children.endAll()
  }

  /** A temporary folder, deleted at the end. */
  folder(name: string, parent = tmpdir()): string {
    const folder = mkdtempSync(join(parent, `onhook-bench-${name}-`))
    this.#folders.push(folder)
    return folder
  }

  /** Ends every program that was started, and leaves nothing behind. */
  async close(): Promise<void> {
    await this.children.endAll()
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  }
}
