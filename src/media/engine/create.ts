import { Worker } from 'node:worker_threads'
import { MediaError } from '../error.ts'
import type { Media, MediaOptions, MediaSession, PeerOptions, PeerSession, SessionVerbs } from '../face.ts'
import { Studio } from '../studio/studio.ts'
import type { Command, EngineSettings, Report } from './messages.ts'
import { Outbox } from './outbox.ts'
import { WebRtcSession } from './peer-session.ts'
import { RtpSession } from './rtp-session.ts'
import { SeatSession } from './seat-session.ts'
import type { Session, SessionDoor } from './session.ts'
import { left } from './thread.ts'

const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

/** Starts the media worker. Nothing is listened on, paid or held per call until a session is asked for. */
export function createMedia(options: MediaOptions): Media {
  return new Engine(options)
}

type Spare = Readonly<{ session: number; port: number }>
type Waiter<T> = Readonly<{ resolve(session: T): void; reject(error: MediaError): void }>
type EngineState =
  | Readonly<{ name: 'running'; worker: Worker; outbox: Outbox<Command> }>
  /** The worker died; the next session starts another one. */
  | Readonly<{ name: 'down' }>
  | Readonly<{ name: 'closed'; done: Promise<void> }>

class Engine implements Media {
  readonly ready: Promise<void>
  readonly #settings: EngineSettings
  readonly #options: MediaOptions
  readonly #studio: Studio
  readonly #door: SessionDoor
  #state: EngineState = { name: 'down' }
  readonly #sessions = new Map<number, Session>()
  #spare: Spare[] = []
  #waiters: Waiter<RtpSession>[] = []
  readonly #awaited = new Map<number, Waiter<WebRtcSession>>()
  /** Odd numbers are peers', even ones the pairs' of the worker, those from 2^40 on seats'. */
  #lastPeer = -1
  #lastSeat = 2 ** 40

  constructor(options: MediaOptions) {
    this.#options = options
    this.#settings = {
      address: options.address,
      portRange: options.portRange ?? null,
      spare: Math.max(1, options.spare ?? 8),
      lostAfter: options.lostAfter ?? 60_000,
      idle: options.idle ?? 'keepalive',
      symmetric: options.symmetric ?? 'any',
      peers: {
        load: options.webrtc ?? 'first',
        hosts: options.iceAddresses ?? [],
        patience: options.iceTimeout ?? 30_000,
      },
      control: options.rtcp === false ? 'none' : 'bound',
    }
    this.#studio = new Studio(options)
    this.#door = {
      send: (command) => this.#send(command),
      clip: (prompt, signal) => this.#studio.clip(prompt, signal),
    }
    this.ready = this.session().then((session) => session.close())
    // Whoever does not wait for it hears of it at the first session.
    this.ready.catch(() => {})
  }

  #start(): void {
    const worker = new Worker(workerUrl, { workerData: this.#settings, name: 'onhook-media', execArgv: [] })
    worker.on('message', (reports: readonly Report[]) => {
      for (const report of reports) this.#hear(report)
    })
    worker.on('error', (error) => this.#failed(worker, error))
    worker.on('exit', (code) => this.#failed(worker, new Error(`the media worker left with ${code}`)))
    this.#state = { name: 'running', worker, outbox: new Outbox((commands) => worker.postMessage(commands)) }
  }

  session(): Promise<MediaSession> {
    if (this.#state.name === 'closed') return Promise.reject(closedError())
    if (this.#state.name === 'down') this.#start()
    const spare = this.#spare.shift()
    if (spare !== undefined) return Promise.resolve(this.#open(spare))
    this.#send({ type: 'want' })
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  peer(options: PeerOptions): Promise<PeerSession> {
    if (this.#state.name === 'closed') return Promise.reject(closedError())
    if (this.#state.name === 'down') this.#start()
    this.#lastPeer += 2
    const session = this.#lastPeer
    this.#send({ type: 'peer', session, options })
    return new Promise((resolve, reject) => this.#awaited.set(session, { resolve, reject }))
  }

  async seat(room: string): Promise<SessionVerbs> {
    if (this.#state.name === 'closed') throw closedError()
    if (this.#state.name === 'down') this.#start()
    this.#lastSeat += 1
    const session = new SeatSession(this.#lastSeat, this.#door)
    this.#sessions.set(this.#lastSeat, session)
    this.#send({ type: 'seat', session: this.#lastSeat, room })
    return session
  }

  #open({ session: id, port }: Spare): RtpSession {
    const session = new RtpSession(id, port, this.#door)
    this.#sessions.set(id, session)
    this.#send({ type: 'take', session: id })
    return session
  }

  #send(command: Command): void {
    if (this.#state.name === 'running') this.#state.outbox.send(command)
  }

  #hear(report: Report): void {
    switch (report.type) {
      case 'pair': {
        const waiter = this.#waiters.shift()
        if (waiter === undefined) this.#spare.push(report)
        else waiter.resolve(this.#open(report))
        return
      }
      case 'quiet':
        for (const { session } of this.#spare.splice(this.#settings.spare)) this.#send({ type: 'release', session })
        return
      case 'no-port':
        return this.#waiters.shift()?.reject(new MediaError('media.no-port', report.detail))
      case 'peer': {
        const session = new WebRtcSession(report.session, this.#door)
        this.#sessions.set(report.session, session)
        this.#awaited.get(report.session)?.resolve(session)
        this.#awaited.delete(report.session)
        return
      }
      case 'peer-failed':
        return this.#peerFailed(report.session, new MediaError(report.code, report.detail))
      default:
        this.#sessions.get(report.session)?.hear(report)
        if (report.type === 'closed') this.#sessions.delete(report.session)
    }
  }

  #peerFailed(id: number, error: MediaError): void {
    this.#options.warn?.({ code: error.code, detail: error.message })
    this.#awaited.get(id)?.reject(error)
    this.#awaited.delete(id)
    this.#sessions.get(id)?.engineFailed(error)
    this.#sessions.delete(id)
  }

  /** Every session is lost, and says so; a new worker serves the next ones. */
  #failed(worker: Worker, cause: Error): void {
    if (this.#state.name !== 'running' || this.#state.worker !== worker) return
    const error = new MediaError('media.engine-failed', cause.message, { cause })
    this.#options.warn?.({ code: error.code, detail: error.message })
    this.#spare = []
    this.#state = { name: 'down' }
    this.#refuse(error)
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    for (const session of sessions) session.engineFailed(error)
  }

  #refuse(error: MediaError): void {
    for (const waiter of [...this.#waiters.splice(0), ...this.#awaited.values()]) waiter.reject(error)
    this.#awaited.clear()
  }

  close(): Promise<void> {
    if (this.#state.name === 'closed') return this.#state.done
    const worker = this.#state.name === 'running' ? this.#state.worker : null
    for (const session of this.#sessions.values()) session.close()
    this.#refuse(closedError())
    this.#send({ type: 'shutdown' })
    const done = Promise.all([worker === null ? undefined : left(worker), this.#studio.close()]).then(() => {
      for (const session of this.#sessions.values()) session.engineFailed(closedError())
      this.#sessions.clear()
    })
    this.#state = { name: 'closed', done }
    return done
  }
}

function closedError(): MediaError {
  return new MediaError('media.closed', 'The media engine was closed')
}
