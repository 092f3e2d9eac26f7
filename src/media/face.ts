import type { MediaErrorCode } from './error.ts'
import type { Silence } from './rtp/watchdog.ts'
import type { Direction, Negotiated } from './sdp/negotiated.ts'

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

/** One recording: what of the session's sound, where to, until when. */
export type RecordOptions = Readonly<{
  /** What the far end says (`in`), what it hears (`out`), or both, mixed. */
  track: 'in' | 'out' | 'both'
  /** Absolute path of the WAV file (8 kHz, 16 bit, mono). Its folder is made; a file that is there is replaced. */
  file: string
  /** Milliseconds of sound after which it ends by itself. */
  limit?: number
  /** Ends once the far end has been quieter than `threshold` (mean amplitude, 16 bit) for so many milliseconds. */
  silence?: Readonly<{ milliseconds: number; threshold: number }>
}>

/** `ended`: the session was closed. */
export type Recorded = Readonly<{
  reason: 'stopped' | 'limit' | 'silence' | 'ended'
  file: string
  /** Of sound. */
  milliseconds: number
  /** Of the file. */
  bytes: number
}>

/** A recording under way. The file is whole and readable when `done` resolves, and at any crash but for its last second. */
export interface Recording {
  /** Nothing is written until `resume`: the pause leaves no gap in the file. */
  pause(): void
  resume(): void
  /** The same promise as `done`. */
  stop(): Promise<Recorded>
  /** Rejects with `media.record-failed` if the file cannot be written, `media.engine-failed` if the worker died. */
  readonly done: Promise<Recorded>
}

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
 * One leg's sound, whatever carries it. Listeners are called in order and may unsubscribe at any time.
 * After `close` every verb does nothing, and every promise settles.
 */
export interface SessionVerbs {
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
   * @param options.tone milliseconds that each key is held, 50 to 24,000 (brought into that range); 100 by default.
   */
  sendDigits(digits: string, options?: { tone?: number }): Promise<PlayResult>
  /** Several may run at once. It ends with the session at the latest. */
  record(options: RecordOptions): Recording
  /**
   * What the far end says becomes silence, for the session that it is connected to and in recordings, until it is unmuted.
   * Its keys still come.
   */
  mute(muted: boolean): void
  /** Each key that the far end presses, once, when it starts: 0–9, *, #, A–D. Returns the unsubscriber. */
  onDigit(listener: (digit: string) => void): () => void
  /**
   * Relays both ways until either session is closed or disconnected; an earlier connection of either ends.
   * A prompt or digits played to one side are heard there instead of the other side.
   */
  connect(other: SessionVerbs): void
  disconnect(): void
  /**
   * Nothing heard, neither RTP nor RTCP, for the engine's `lostAfter` while both directions are agreed (`sendrecv`) and
   * `setRemote` or `watch` did not forbid it; never on hold. Reported once, and again only after sound came back. Returns the unsubscriber.
   */
  onLost(listener: (loss: Loss) => void): () => void
  /** The first valid RTP packet of the far end; at once if it has come already. Returns the unsubscriber. */
  onFirstPacket(listener: () => void): () => void
  /** Counters so far. */
  stats(): Promise<SessionStats>
  /** Silence within a packet's time, ports free soon after, unless a busy engine keeps them for the next call. Idempotent. */
  close(): void
  /** Settles when the ports are free, or kept for the next call, and the files of its recordings are closed. */
  readonly closed: Promise<SessionStats>
}

/** A session over plain RTP: a pair of UDP ports. */
export interface MediaSession extends SessionVerbs {
  /** The RTP port, even. RTCP is on the next one. */
  readonly localPort: number
  /**
   * Where to send, and what. Call it again after each new agreement (hold, resume, another address).
   * Nothing is sent before the first one, and packets that arrive earlier are not heard.
   * @param options.watch whether silence may be a loss from now on, true by default. Say false until the call is
   *   answered: many a far end sends nothing while it rings. Turning it on gives the whole `lostAfter` anew.
   */
  setRemote(negotiated: Negotiated, options?: { watch?: boolean }): void
}

/** As in `RTCIceServer`. `urls` are `stun:`, `turn:` and `turns:`; what cannot be used is left out, with a warning. */
export type IceServer = Readonly<{ urls: readonly string[]; username?: string; credential?: string }>

/** As in `RTCIceCandidateInit`. `candidate: ''` says that no more will come. */
export type IceCandidate = Readonly<{
  candidate: string
  sdpMid?: string | null
  sdpMLineIndex?: number | null
}>

export type PeerOptions = Readonly<{
  /** Empty: host candidates only. A server that is dead, or that refuses us, delays nothing. */
  iceServers: readonly IceServer[]
  /** Only candidates of TURN servers. */
  relayOnly?: boolean
}>

/**
 * `connecting`: ICE or DTLS is at work. `connected`: sound can flow. `disconnected`: the far end answers nothing at present
 * (8 s), or said goodbye in DTLS; then `failed` follows after 10 s, so that the signalling can say first why it left.
 * `failed`: no way was found, or consent ran out (30 s). Only an ICE restart can mend it.
 */
export type PeerState = 'connecting' | 'connected' | 'disconnected' | 'failed'

/** What we want of the sound's direction; `sendrecv` by default. `sendonly` or `inactive` puts the far end on hold. */
export type PeerWish = Readonly<{
  direction?: Direction
  /** Servers from now on, as those of the beginning expire. An ICE restart makes use of them. */
  iceServers?: readonly IceServer[]
}>

/**
 * A session over WebRTC: ICE, DTLS-SRTP, G.711. Descriptions are made at once; candidates follow (trickle). Prompts and
 * keys wait until the far end can hear them for the first time; after that they go on by the clock, as in every session.
 *
 * Its promises reject with MediaError: `media.incompatible` (a description without sound that we can speak),
 * `media.malformed` (no description at all, or one without ICE or DTLS), `media.wrong-state` (an answer to no offer, two
 * descriptions at once), `media.closed`, `media.engine-failed`. A rejected description changes nothing: what was agreed before goes on.
 */
export interface PeerSession extends SessionVerbs {
  /** Our offer: the first one, or a new one for hold, resume, or an ICE restart. A later one replaces one not yet answered. */
  offer(options?: PeerWish & { iceRestart?: boolean }): Promise<string>
  /** Answers the far end's offer; also its later ones. An offer of ours that still waits is given up (rollback). */
  answer(offer: string, options?: PeerWish): Promise<string>
  /** Takes the answer to our last offer. */
  accept(answer: string): Promise<void>
  /** A candidate of the far end, at any time: before its description it is kept. Whatever cannot be used is dropped. */
  candidate(candidate: IceCandidate): void
  /** Our candidates, those found already first. The last one is `''`, once for each gathering. Returns the unsubscriber. */
  onCandidate(listener: (candidate: IceCandidate) => void): () => void
  /** Each change; the present state at once if there is one. Returns the unsubscriber. */
  onState(listener: (state: PeerState) => void): () => void
  /** Whether silence may be a loss: false until it is called. Turning it on gives the whole `lostAfter` anew. */
  watch(on: boolean): void
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
  /**
   * IP addresses that WebRTC sessions offer (host candidates) before `address`, or, for the any-address, before all that
   * the machine has: the public one in front of a NAT that keeps ports, for example.
   */
  iceAddresses?: readonly string[]
  /**
   * When what WebRTC needs is loaded (27 MB, a quarter of a second of the worker's time): with the first such session, or at
   * the start, so that it delays no sound; `first` by default.
   */
  webrtc?: 'first' | 'start'
  /** Milliseconds for a WebRTC session to find a way to the far end (ICE) until it is `failed`; 30,000 by default. */
  iceTimeout?: number
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
  /**
   * A session over WebRTC, with one bound port. The first one loads what it needs.
   * @throws MediaError `media.no-port`, `media.peer-failed`, `media.closed`, `media.engine-failed`.
   */
  peer(options: PeerOptions): Promise<PeerSession>
  /**
   * A seat in a room. The session that is connected to it is the seat's far end: its sound is heard by the other seats of the room, and
   * it hears all of theirs, but not its own. `play` and `sendDigits` are heard by that session alone, in the place of the
   * room; `mute` keeps it from being heard; a recording's `in` is what it says. The first seat makes a room, the last one's
   * `close` is its end. No ports are held.
   * @throws MediaError `media.closed`.
   */
  seat(room: string): Promise<SessionVerbs>
  /** Closes every session, both threads and all their children. Idempotent. */
  close(): Promise<void>
}
