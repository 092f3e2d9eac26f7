/** Something to be heard on a leg. */
export type Prompt =
  /** WAV or MP3, by http(s) URL or by file path (the latter only from configuration, never from a customer's document). */
  | Readonly<{ type: 'audio'; url: string }>
  | Readonly<{ type: 'speech'; text: string; voice?: string; language?: string }>
  | Readonly<{ type: 'tone'; frequency: number; milliseconds: number }>
  | Readonly<{ type: 'silence'; milliseconds: number }>

export type PlayResult = 'finished' | 'stopped'

/** The sound of one leg. Every promise settles when the leg ends (`stopped`); none rejects for that reason. */
export interface LegMedia {
  /** @throws MediaError with a stable code when the prompt cannot be fetched, decoded or spoken. */
  play(prompt: Prompt, options?: { loop?: number; signal?: AbortSignal }): Promise<PlayResult>
  /** Ends what plays now; nothing if nothing does. */
  stop(): void
  /** @param options.tone milliseconds of each key, 50 to 24,000; 100 by default. `w` waits 0.5 s, `W` 1 s. */
  sendDigits(digits: string, options?: { tone?: number }): Promise<PlayResult>
  /** Several may run at once. It ends with the leg at the latest. */
  record(options: RecordOptions): Recording
  /** What the far end says reaches nobody, neither a connected leg nor a room, until it is unmuted. Its keys still do. */
  mute(muted: boolean): void
  /** Called once for each key the far end presses, in order. Returns the unsubscriber. */
  onDigit(listener: (digit: string) => void): () => void
  /** Both directions, until either leg ends or is disconnected. Legs of different networks may be connected. */
  connect(other: LegMedia): void
  disconnect(): void
}

export type RecordOptions = Readonly<{
  /** What the far end says (`in`), what it hears (`out`), or both, mixed. What a muted far end says is silence here too. */
  track: 'in' | 'out' | 'both'
  /** Absolute path of the WAV file (8 kHz, 16 bit, mono). Its folder is made; a file that is there is replaced. */
  file: string
  /** Milliseconds of sound after which it ends by itself. */
  limit?: number
  /** Ends once the far end has been quieter than `threshold` (mean amplitude, 16 bit) for so many milliseconds. */
  silence?: Readonly<{ milliseconds: number; threshold: number }>
}>

/** `ended`: the leg did. */
export type Recorded = Readonly<{
  reason: 'stopped' | 'limit' | 'silence' | 'ended'
  file: string
  /** Of sound. */
  milliseconds: number
  /** Of the file; 0 if the leg was over before it was made. */
  bytes: number
}>

/** A recording under way. The file is whole and readable when `done` resolves, and at any crash but for its last second. */
export interface Recording {
  /** Nothing is written until `resume`: the pause leaves no gap in the file. */
  pause(): void
  resume(): void
  stop(): Promise<Recorded>
  /** Rejects with a MediaError: `media.record-failed` if the file cannot be written, `media.engine-failed` if our sound died. */
  readonly done: Promise<Recorded>
}
