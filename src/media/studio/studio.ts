import { Worker } from 'node:worker_threads'
import type { Clip } from '../engine/clip.ts'
import { left } from '../engine/thread.ts'
import { MediaError } from '../error.ts'
import type { MediaOptions, Prompt } from '../face.ts'
import { findOnPath, findProgram } from '../speech/programs.ts'
import type { FoundProgram, StudioReply, StudioRequest, StudioSettings } from './messages.ts'

const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

type Recorded = Prompt & { type: 'audio' | 'speech' }
/** One clip in the making, or a fresh one, and those who wait for it. */
type Job = {
  readonly clip: Promise<Clip>
  readonly abort: AbortController
  waiting: number
  /** When it may no longer be used; later than any time while it is in the making. */
  expires: number
}
type Waiter = Readonly<{ resolve(clip: Clip): void; reject(error: MediaError): void }>
type StudioState = Readonly<{ name: 'idle' } | { name: 'running'; worker: Worker } | { name: 'closed' }>

/** The calls' end of the thread that makes clips, which starts with the first of them. */
export class Studio {
  readonly #options: MediaOptions
  readonly #settings: StudioSettings
  #state: StudioState = { name: 'idle' }
  readonly #jobs = new Map<string, Job>()
  readonly #waiters = new Map<number, Waiter>()
  #lastJob = 0
  /** undefined: not looked for yet. */
  #program: FoundProgram | null | undefined

  constructor(options: MediaOptions) {
    this.#options = options
    this.#settings = {
      cacheBytes: options.cacheBytes ?? 64 * 1024 * 1024,
      speechTimeout: options.speech?.timeout ?? 15_000,
      longestText: options.speech?.longestText ?? 5000,
    }
  }

  /**
   * The same prompt asked for by many is made once.
   * @throws MediaError `media.fetch-failed`, `media.unsupported`, `media.speech-failed`, `media.engine-failed`, `media.closed`
   */
  clip(prompt: Recorded, signal: AbortSignal): Promise<Clip> {
    if (this.#state.name === 'closed') return Promise.reject(closedError())
    const job = this.#jobFor(prompt)
    job.waiting++
    const leave = (): void => {
      if (--job.waiting === 0) job.abort.abort()
    }
    signal.addEventListener('abort', leave, { once: true })
    const settled = (): void => signal.removeEventListener('abort', leave)
    job.clip.then(settled, settled)
    return job.clip
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now()
  }

  #jobFor(prompt: Recorded): Job {
    const now = this.#now()
    for (const [name, { expires }] of this.#jobs) if (expires <= now) this.#jobs.delete(name)
    const name =
      prompt.type === 'audio'
        ? `audio ${prompt.url}`
        : `speech ${JSON.stringify([prompt.voice, prompt.language, prompt.text])}`
    const known = this.#jobs.get(name)
    if (known !== undefined && !known.abort.signal.aborted) return known
    const abort = new AbortController()
    const clip = prompt.type === 'audio' ? this.#fetch(prompt.url, abort.signal) : this.#speak(prompt, abort.signal)
    const job: Job = { clip, abort, waiting: 0, expires: Number.POSITIVE_INFINITY }
    this.#jobs.set(name, job)
    const settled = (fresh: number): void => {
      job.expires = this.#now() + fresh
      if (fresh === 0 && this.#jobs.get(name) === job) this.#jobs.delete(name)
    }
    // Speech is kept by the thread's own cache; a file may change at any time.
    const freshness = prompt.type === 'audio' ? (this.#options.audioFreshness ?? 5000) : 0
    clip.then(
      () => settled(freshness),
      () => settled(0),
    )
    return job
  }

  async #fetch(url: string, signal: AbortSignal): Promise<Clip> {
    const { fetchAudio } = this.#options
    if (fetchAudio === undefined) throw new MediaError('media.fetch-failed', 'No way to fetch audio was given')
    let bytes: Uint8Array
    try {
      bytes = await fetchAudio(url, signal)
    } catch (error) {
      throw error instanceof MediaError
        ? error
        : new MediaError('media.fetch-failed', (error as Error)?.message ?? String(error), { cause: error })
    }
    return this.#make((job) => ({ type: 'audio', job, bytes }), signal)
  }

  #speak(prompt: Prompt & { type: 'speech' }, signal: AbortSignal): Promise<Clip> {
    const { text, voice = null, language = null } = prompt
    return this.#make((job) => ({ type: 'speech', job, text, voice, language, program: this.#findProgram() }), signal)
  }

  #findProgram(): FoundProgram | null {
    if (this.#program === undefined) {
      this.#program = findProgram(this.#options.speech?.find ?? findOnPath)
      if (this.#program === null) {
        this.#options.warn?.({
          code: 'media.no-speech-program',
          detail: 'No speech program was found (espeak-ng, espeak, say, pico2wave, flite): tones stand for speech',
        })
      }
    }
    return this.#program
  }

  #make(request: (job: number) => StudioRequest, signal: AbortSignal): Promise<Clip> {
    if (this.#state.name === 'closed' || signal.aborted) return Promise.reject(closedError())
    const worker = this.#state.name === 'running' ? this.#state.worker : this.#start()
    const job = ++this.#lastJob
    worker.postMessage(request(job))
    return new Promise((resolve, reject) => {
      this.#waiters.set(job, { resolve, reject })
      signal.addEventListener('abort', () => {
        if (!this.#waiters.delete(job)) return
        worker.postMessage({ type: 'drop', job } satisfies StudioRequest)
        reject(closedError())
      })
    })
  }

  #start(): Worker {
    // The decoder prints its complaints; they come as errors as well.
    const worker = new Worker(workerUrl, {
      workerData: this.#settings,
      name: 'onhook-studio',
      execArgv: [],
      stderr: true,
    })
    worker.stderr.resume()
    worker.on('message', (reply: StudioReply) => this.#hear(reply))
    worker.on('error', (error) => this.#failed(worker, error))
    worker.on('exit', (code) => this.#failed(worker, new Error(`the studio left with ${code}`)))
    this.#state = { name: 'running', worker }
    return worker
  }

  #hear(reply: StudioReply): void {
    const waiter = this.#waiters.get(reply.job)
    this.#waiters.delete(reply.job)
    if (reply.type === 'clip') waiter?.resolve(reply.clip)
    else waiter?.reject(new MediaError(reply.code, reply.message))
  }

  #failed(worker: Worker, cause: Error): void {
    if (this.#state.name !== 'running' || this.#state.worker !== worker) return
    this.#state = { name: 'idle' }
    const error = new MediaError('media.engine-failed', cause.message, { cause })
    this.#options.warn?.({ code: error.code, detail: error.message })
    for (const waiter of this.#waiters.values()) waiter.reject(error)
    this.#waiters.clear()
  }

  async close(): Promise<void> {
    const state = this.#state
    this.#state = { name: 'closed' }
    for (const { abort } of this.#jobs.values()) abort.abort()
    this.#jobs.clear()
    if (state.name !== 'running') return
    state.worker.postMessage({ type: 'shutdown' } satisfies StudioRequest)
    await left(state.worker)
  }
}

function closedError(): MediaError {
  return new MediaError('media.closed', 'Nobody waits for this prompt any more')
}
