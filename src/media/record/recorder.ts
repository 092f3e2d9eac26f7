import { resolve } from 'node:path'
import type { Recorded, RecordOptions } from '../face.ts'
import { Tape } from './tape.ts'
import type { Piece } from './track.ts'
import { WavFile } from './wav-file.ts'

export type RecordOutcome = Readonly<{ ok: true; recorded: Recorded }> | Readonly<{ ok: false; detail: string }>

/** Files that are being written: two recordings in one file would destroy each other. */
const taken = new Set<string>()

/** One recording of a session: from the packets to the file. Ends once, by itself, by order, with the session, or by the disk. */
export class Recorder {
  readonly #file: string
  readonly #place: string
  readonly #tape: Tape
  readonly #wav: WavFile
  #state: 'running' | 'closing' = 'running'
  #reason: Recorded['reason'] = 'stopped'
  /** Settles when the file is closed, or could not be written. Never rejects. */
  readonly done: Promise<RecordOutcome>

  /** @throws Error if another recording writes to that file. */
  constructor(options: RecordOptions, at: number) {
    const { file } = options
    this.#file = file
    this.#tape = new Tape(options, at)
    this.#place = resolve(file)
    if (taken.has(this.#place)) throw new Error('another recording writes that file')
    taken.add(this.#place)
    this.#wav = new WavFile(file)
    this.done = this.#wav.done.then(
      (bytes) => this.#closed(bytes),
      (error: Error) => this.#failed(error),
    )
  }

  hear(direction: 'in' | 'out', piece: Piece, at: number): void {
    if (this.#state === 'running') this.#tape.hear(direction, piece, at)
  }

  pause(at: number): void {
    this.#tape.pause(at)
  }

  resume(at: number): void {
    this.#tape.resume(at)
  }

  /** Writes what is due. */
  sweep(at: number): void {
    if (this.#state === 'running') this.#write(at)
  }

  end(reason: 'stopped' | 'ended', at: number): void {
    if (this.#state !== 'running') return
    this.#write(at, true)
    this.#close(reason)
  }

  #write(at: number, last = false): void {
    for (const samples of this.#tape.take(at, last)) this.#wav.append(samples)
    if (this.#tape.end !== null) this.#close(this.#tape.end)
  }

  #close(reason: Recorded['reason']): void {
    if (this.#state !== 'running') return
    this.#state = 'closing'
    this.#reason = reason
    this.#wav.close()
  }

  #closed(bytes: number): RecordOutcome {
    taken.delete(this.#place)
    const milliseconds = Math.round(this.#tape.length / 8)
    return { ok: true, recorded: { reason: this.#reason, file: this.#file, milliseconds, bytes } }
  }

  #failed({ message }: Error): RecordOutcome {
    this.#state = 'closing'
    taken.delete(this.#place)
    return { ok: false, detail: message }
  }
}
