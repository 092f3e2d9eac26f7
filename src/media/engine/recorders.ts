import type { RecordOptions } from '../face.ts'
import { Recorder, type RecordOutcome } from '../record/recorder.ts'
import type { Piece } from '../record/track.ts'

/** The recordings of one session. Nearly always there are none, and then this costs nothing. */
export class Recorders {
  #running: Map<number, Recorder> | undefined
  readonly #done: (job: number, outcome: RecordOutcome) => void
  /** Settles when every file that was begun is closed; undefined before the first. */
  closed: Promise<unknown> | undefined

  constructor(done: (job: number, outcome: RecordOutcome) => void) {
    this.#done = done
  }

  get some(): boolean {
    return this.#running !== undefined && this.#running.size > 0
  }

  start(job: number, options: RecordOptions): void {
    let recorder: Recorder
    try {
      recorder = new Recorder(options, performance.now())
    } catch (error) {
      return this.#done(job, { ok: false, detail: (error as Error).message })
    }
    this.#running ??= new Map()
    this.#running.set(job, recorder)
    const reported = recorder.done.then((outcome) => {
      this.#running?.delete(job)
      this.#done(job, outcome)
    })
    const before = this.closed
    this.closed = reported.then(() => before)
  }

  obey(job: number, verb: 'pause' | 'resume' | 'stop'): void {
    const recorder = this.#running?.get(job)
    const now = performance.now()
    switch (verb) {
      case 'pause':
        return recorder?.pause(now)
      case 'resume':
        return recorder?.resume(now)
      case 'stop':
        return recorder?.end('stopped', now)
      default:
        return verb satisfies never
    }
  }

  hear(direction: 'in' | 'out', piece: Piece, now: number): void {
    for (const recorder of this.#running?.values() ?? []) recorder.hear(direction, piece, now)
  }

  sweep(now: number): void {
    for (const recorder of this.#running?.values() ?? []) recorder.sweep(now)
  }

  /** The session is over. */
  end(): void {
    const now = performance.now()
    for (const recorder of this.#running?.values() ?? []) recorder.end('ended', now)
  }
}
