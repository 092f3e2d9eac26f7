import { MediaError } from '../error.ts'
import type { IceCandidate, PeerSession, PeerState, PeerWish } from '../face.ts'
import { Listeners } from './listeners.ts'
import type { Command, DescribeVerb, SessionReport } from './messages.ts'
import { Session, type SessionDoor } from './session.ts'

type Describing = Readonly<{ resolve(sdp: string): void; reject(error: MediaError): void }>

/**
 * Keeps prompts and keys back until the far end can hear: the way to it is only looked for after the answer, and a
 * greeting shall not lose its first words.
 */
class PatientDoor implements SessionDoor {
  readonly #door: SessionDoor
  #kept: Command[] | null = []

  constructor(door: SessionDoor) {
    this.#door = door
  }

  clip(...[prompt, signal]: Parameters<SessionDoor['clip']>): ReturnType<SessionDoor['clip']> {
    return this.#door.clip(prompt, signal)
  }

  send(command: Command): void {
    if (this.#kept === null) return this.#door.send(command)
    if (command.type === 'play' || command.type === 'digits') return void this.#kept.push(command)
    if (command.type === 'stop') {
      const stopped = command.what === 'sound' ? 'play' : 'digits'
      this.#kept = this.#kept.filter(({ type }) => type !== stopped)
    } else this.#door.send(command)
  }

  /** Once; then nothing is kept back any more. */
  open(): void {
    const kept = this.#kept ?? []
    this.#kept = null
    for (const command of kept) this.#door.send(command)
  }
}

/** The calls' end of a session over WebRTC. The peer itself lives in the worker. */
export class WebRtcSession extends Session implements PeerSession {
  readonly #patience: PatientDoor
  readonly #describing = new Map<number, Describing>()
  readonly #candidates: IceCandidate[] = []
  #peerState: PeerState | null = null
  readonly #candidateListeners = new Listeners<IceCandidate>()
  readonly #stateListeners = new Listeners<PeerState>()

  constructor(id: number, door: SessionDoor) {
    const patience = new PatientDoor(door)
    super(id, patience, door)
    this.#patience = patience
  }

  offer(options: PeerWish & { iceRestart?: boolean } = {}): Promise<string> {
    const { iceRestart = false, ...wish } = options
    return this.#describe({ verb: 'offer', wish, iceRestart })
  }

  answer(offer: string, options: PeerWish = {}): Promise<string> {
    return this.#describe({ verb: 'answer', wish: options, sdp: offer })
  }

  async accept(answer: string): Promise<void> {
    await this.#describe({ verb: 'accept', sdp: answer })
  }

  #describe(ask: DescribeVerb): Promise<string> {
    if (!this.open) return Promise.reject(new MediaError('media.closed', 'The session was closed'))
    const job = ++this.lastJob
    this.door.send({ type: 'describe', session: this.id, job, ask })
    return new Promise((resolve, reject) => this.#describing.set(job, { resolve, reject }))
  }

  candidate(candidate: IceCandidate): void {
    const { candidate: line, sdpMid = null, sdpMLineIndex = null } = candidate ?? {}
    // Only what can be sent to another thread: a caller may have made of it whatever it likes.
    const plain = {
      candidate: String(line ?? ''),
      sdpMid: textOrNull(sdpMid),
      sdpMLineIndex: numberOrNull(sdpMLineIndex),
    }
    if (this.open) this.door.send({ type: 'candidate', session: this.id, candidate: plain })
  }

  onCandidate(listener: (candidate: IceCandidate) => void): () => void {
    const leave = this.#candidateListeners.add(listener)
    const known = [...this.#candidates]
    queueMicrotask(() => {
      for (const candidate of known) if (this.#candidateListeners.has(listener)) listener(candidate)
    })
    return leave
  }

  onState(listener: (state: PeerState) => void): () => void {
    const leave = this.#stateListeners.add(listener)
    const state = this.#peerState
    if (state !== null) {
      queueMicrotask(() => {
        if (this.#peerState === state && this.#stateListeners.has(listener)) listener(state)
      })
    }
    return leave
  }

  watch(on: boolean): void {
    if (this.open) this.door.send({ type: 'watch', session: this.id, on })
  }

  override hear(report: SessionReport): void {
    switch (report.type) {
      case 'described': {
        const describing = this.#describing.get(report.job)
        this.#describing.delete(report.job)
        const { result } = report
        if (result.ok) describing?.resolve(result.sdp)
        else describing?.reject(new MediaError(result.code, result.detail))
        return
      }
      case 'candidate':
        if (!this.open) return
        this.#candidates.push(report.candidate)
        return this.#candidateListeners.tell(report.candidate)
      case 'state':
        if (!this.open) return
        this.#peerState = report.state
        if (report.state === 'connected') this.#patience.open()
        return this.#stateListeners.tell(report.state)
      default:
        super.hear(report)
    }
  }

  protected override leave(error: () => MediaError): void {
    super.leave(error)
    for (const { reject } of this.#describing.values()) reject(error())
    this.#describing.clear()
    this.#candidates.length = 0
    this.#candidateListeners.clear()
    this.#stateListeners.clear()
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null)
