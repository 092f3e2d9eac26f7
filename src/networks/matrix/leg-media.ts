import type { Cause } from '../../call/causes.ts'
import type { Candidate } from '../../dialects/matrix/index.ts'
import {
  type IceCandidate,
  type IceServer,
  type Loss,
  type Media,
  MediaError,
  type PeerSession,
  type PeerState,
} from '../../media/index.ts'
import type { Clock, Disarm } from '../../switchboard/ports.ts'
import { NoMedia, SessionMedia } from '../session-media.ts'

/** Milliseconds for which candidates are gathered into one event: homeservers count events. */
const gatherFor = 150

export type MediaEvents = Readonly<{
  gathered(candidates: readonly Candidate[]): void
  path(state: 'up' | 'down' | 'failed'): void
  heard(): void
}>

/** The sound of one Matrix leg: a WebRTC session, and the descriptions and candidates that events carry. */
export class MatrixLegMedia extends SessionMedia<PeerSession> {
  readonly #servers: () => readonly IceServer[]
  readonly #clock: Clock
  readonly #events: MediaEvents
  #batch: Candidate[] = []
  #flush: Disarm | undefined
  #candidates: 'kept' | 'told' = 'kept'
  #listening: 'no' | 'yes' = 'no'

  constructor(
    means: Readonly<{ media: Media; clock: Clock; servers(): readonly IceServer[] }>,
    onLoss: (loss: Loss) => void,
    events: MediaEvents,
  ) {
    super(() => means.media.peer({ iceServers: means.servers() }), onLoss)
    this.#servers = means.servers
    this.#clock = means.clock
    this.#events = events
  }

  /** A session before there is a far end to hear it: what plays goes on by the clock, and legs can be connected. */
  async prepare(): Promise<void> {
    const session = await this.open()
    if (this.#listening === 'yes') return
    this.#listening = 'yes'
    this.#listen(session)
  }

  /** @throws MediaError, NoMedia; see `failureOf`. */
  async describe(purpose: 'offer' | 'restart' | 'answer', offer = ''): Promise<string> {
    await this.prepare()
    const session = await this.open()
    const iceServers = this.#servers()
    switch (purpose) {
      case 'offer':
        return session.offer()
      case 'restart':
        return session.offer({ iceRestart: true, iceServers })
      case 'answer':
        return session.answer(offer, { iceServers })
    }
  }

  accept(answer: string): Promise<void> {
    return this.session?.accept(answer) ?? Promise.reject(new NoMedia())
  }

  use(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) this.session?.candidate(candidate)
  }

  /** The far end has our description: from now on it can use our candidates. */
  tellCandidates(): void {
    this.#candidates = 'told'
    this.#flushLater()
  }

  #listen(session: PeerSession): void {
    session.onCandidate((candidate) => this.#found(candidate))
    session.onState((state) => {
      const path = pathOf(state)
      if (path !== undefined && !this.closed) this.#events.path(path)
    })
    session.onFirstPacket(() => {
      if (!this.closed) this.#events.heard()
    })
  }

  #found({ candidate, sdpMid, sdpMLineIndex }: IceCandidate): void {
    this.#batch.push({
      candidate,
      ...(typeof sdpMid === 'string' ? { sdpMid } : {}),
      // One of the two is required; we describe one stream.
      ...(typeof sdpMLineIndex === 'number'
        ? { sdpMLineIndex }
        : typeof sdpMid === 'string'
          ? {}
          : { sdpMLineIndex: 0 }),
    })
    this.#flushLater()
  }

  #flushLater(): void {
    if (this.#candidates === 'kept' || this.#batch.length === 0 || this.closed) return
    // The end of the list: nothing more will come to share the event with.
    if (this.#batch.at(-1)?.candidate === '') return this.#flushNow()
    this.#flush ??= this.#clock.alarm(this.#clock.now() + gatherFor, () => this.#flushNow())
  }

  #flushNow(): void {
    this.#flush?.()
    this.#flush = undefined
    if (this.closed || this.#batch.length === 0) return
    const batch = this.#batch
    this.#batch = []
    this.#events.gathered(batch)
  }

  protected override watchBegan(): void {
    this.session?.watch(true)
  }

  override close(): void {
    this.#flush?.()
    this.#flush = undefined
    super.close()
  }
}

function pathOf(state: PeerState): 'up' | 'down' | 'failed' | undefined {
  switch (state) {
    case 'connecting':
      return undefined
    case 'connected':
      return 'up'
    case 'disconnected':
      return 'down'
    case 'failed':
      return 'failed'
    default:
      return state satisfies never
  }
}

/** What a description that could not be made means for its call. Undefined: the leg is over anyway. */
export function failureOf(fault: unknown): Readonly<{ cause: Cause; detail: string }> | undefined {
  if (fault instanceof NoMedia) return undefined
  if (!(fault instanceof MediaError)) return { cause: 'error', detail: 'the description could not be made' }
  switch (fault.code) {
    case 'media.closed':
      return undefined
    case 'media.incompatible':
    case 'media.malformed':
      return { cause: 'incompatible', detail: 'the description offers no sound that we can speak' }
    case 'media.no-port':
      return { cause: 'congestion', detail: 'no media port is free' }
    default:
      return { cause: 'capture-failed', detail: `our media failed: ${fault.code}` }
  }
}
