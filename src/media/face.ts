import type { MediaErrorCode } from './error.ts'
import type { Silence } from './rtp/watchdog.ts'
import type { Negotiated } from './sdp/negotiated.ts'

/** Something to be heard. */
export type Prompt =
  /** WAV or MP3. `url` is whatever `fetchAudio` understands. */
  | Readonly<{ type: 'audio'; url: string }>
  | Readonly<{ type: 'speech'; text: string; voice?: string; language?: string }>
  /** Hertz, milliseconds. */
  | Readonly<{ type: 'tone'; frequency: number; milliseconds: number }>
  | Readonly<{ type: 'silence'; milliseconds: number }>

/** `stopped`: by `stop`, by the signal, by a later `play`, by `close`. */
export type PlayResult = 'finished' | 'stopped'

/** `engine-failed`: our own worker died. */
export type Loss = Silence | 'engine-failed'

/** What a session did, counted until it was closed. */
export type SessionStats = Readonly<{
  packetsSent: number
  packetsReceived: number
  /** Gaps in the sequence numbers received. */
  packetsLost: number
  /** Interarrival jitter in milliseconds (RFC 3550 §6.4.1). */
  jitter: number
}>

/**
 * One leg's sound: a pair of UDP ports. Listeners are called in order and may unsubscribe at any time.
 * After `close` every verb does nothing, and every promise settles.
 */
export interface MediaSession {
  /** The RTP port, even. RTCP is on the next one. */
  readonly localPort: number
  /**
   * Where to send, and what. Call it again after each new agreement (hold, resume, another address).
   * Nothing is sent before the first one, and packets that arrive earlier are not heard.
   * @param options.watch whether silence may be a loss from now on, true by default. Say false until the call is
   *   answered: many a far end sends nothing while it rings. Turning it on gives the whole `lostAfter` anew.
   */
  setRemote(negotiated: Negotiated, options?: { watch?: boolean }): void
  /**
   * Replaces what plays now, at once. Goes on by the clock while the far end cannot hear (hold).
   * @param options.loop times to play, 1 by default, 0 for ever.
   * @throws MediaError `media.fetch-failed`, `media.unsupported`, `media.speech-failed`, `media.engine-failed`.
   */
  play(prompt: Prompt, options?: { loop?: number; signal?: AbortSignal }): Promise<PlayResult>
  /** Ends what plays and the digits that are being sent, within one packet. */
  stop(): void
  /**
   * Telephone events (RFC 4733), or tones in the audio if the far end did not agree to events. What plays pauses meanwhile.
   * `w` waits 0.5 s, `W` 1 s; characters that are no key are skipped. A later call waits for the earlier one.
   */
  sendDigits(digits: string): Promise<PlayResult>
  /** Each key that the far end presses, once, when it starts: 0–9, *, #, A–D. Returns the unsubscriber. */
  onDigit(listener: (digit: string) => void): () => void
  /**
   * Relays both ways until either session is closed or disconnected; an earlier connection of either ends.
   * A prompt or digits played to one side are heard there instead of the other side.
   */
  connect(other: MediaSession): void
  disconnect(): void
  /**
   * Nothing heard, neither RTP nor RTCP, for the engine's `lostAfter` while both directions are agreed (`sendrecv`) and
   * `setRemote` did not forbid it; never on hold. Reported once, and again only after sound came back. Returns the unsubscriber.
   */
  onLost(listener: (loss: Loss) => void): () => void
  /** The first valid RTP packet of the far end; at once if it has come already. Returns the unsubscriber. */
  onFirstPacket(listener: () => void): () => void
  /** Counters so far. */
  stats(): Promise<SessionStats>
  /** Silence within a packet's time, ports free soon after. Idempotent. */
  close(): void
  /** Settles when the ports are free. */
  readonly closed: Promise<SessionStats>
}

/** Worth a line in the log. `detail` is for people; it never holds a spoken text or a URL's query. */
export type MediaWarning = Readonly<{
  code: 'media.no-speech-program' | MediaErrorCode
  detail: string
}>

/** What a session sends while nothing plays and it is not connected. */
export type Idle =
  /** One packet of silence a second: keeps NAT bindings and the far end's watchdog alive (RFC 6263 §4.6). */
  | 'keepalive'
  /** Full-rate silence. */
  | 'silence'
  | 'nothing'

export type MediaOptions = Readonly<{
  /** Local IP address to bind, 127.0.0.1 or 0.0.0.0 for example. */
  address: string
  /** UDP ports, both ends included. Absent: any free ones. */
  portRange?: Readonly<{ first: number; last: number }>
  /**
   * Brings an audio file, whole. Runs on the thread that owns the engine. Rejections become `media.fetch-failed`.
   * The signal fires when nobody waits any more. Absent: audio prompts fail.
   */
  fetchAudio?(url: string, signal: AbortSignal): Promise<Uint8Array>
  speech?: SpeechOptions
  /** Milliseconds of silence that are a loss; 0 never. 60,000 by default. */
  lostAfter?: number
  /** Port pairs kept bound and ready; 8 by default. */
  spare?: number
  idle?: Idle
  /** Bind a port for RTCP beside each RTP port and send reports; true by default. Without, each session is one socket. */
  rtcp?: boolean
  /** Where a far end behind NAT may be learnt from (symmetric RTP): `any` source (default), or only the agreed `address`. */
  symmetric?: 'any' | 'address' | 'off'
  /** Milliseconds for which an audio file is not fetched again; 5,000 by default. */
  audioFreshness?: number
  /** Bytes of decoded prompts that are kept; 64 MiB by default. One second of sound is 16,000. */
  cacheBytes?: number
  warn?(warning: MediaWarning): void
  /** Milliseconds, for the freshness of audio files. */
  now?(): number
}>

export type SpeechOptions = Readonly<{
  /** Full path of a program, or null. Searches PATH by default. Asked once for each program that is known. */
  find?(program: string): string | null
  /** Milliseconds that one utterance may take to be made; 15,000 by default. */
  timeout?: number
  /** Characters spoken of one text; 5,000 by default, the rest is cut off. */
  longestText?: number
}>

/** One worker thread with its sockets, and a second one for decoding and speech that starts at the first prompt. */
export interface Media {
  /** Settles when the worker runs and its first ports are bound. Rejects with `media.no-port` if they cannot be. */
  readonly ready: Promise<void>
  /**
   * A session with bound ports: at once while spare ports last.
   * @throws MediaError `media.no-port`, `media.closed`.
   */
  session(): Promise<MediaSession>
  /** Closes every session, both threads and all their children. Idempotent. */
  close(): Promise<void>
}
