/** What can go wrong with sound. The strings are public: they stand in records and in docs/errors.md. */
export const mediaErrorCodes = [
  /** No free pair of ports in the range, or the address cannot be bound. */
  'media.no-port',
  /** The audio could not be fetched or read. */
  'media.fetch-failed',
  /** Fetched, but neither WAV nor MP3 in a form that is understood, damaged beyond use, or too long. */
  'media.unsupported',
  /** The speech program failed, took too long or said nothing. */
  'media.speech-failed',
  /** The file of a recording cannot be made or written. */
  'media.record-failed',
  /** The media worker died. Its sessions are lost; new ones work again. */
  'media.engine-failed',
  /** A WebRTC description without audio that we can speak: no G.711, or no audio at all. */
  'media.incompatible',
  /** No session description, or one without what WebRTC needs: ICE's names, a fingerprint. */
  'media.malformed',
  /** An answer to no offer. */
  'media.wrong-state',
  /** One WebRTC session failed inside and was closed. The others go on. */
  'media.peer-failed',
  /** The engine was closed. */
  'media.closed',
] as const
export type MediaErrorCode = (typeof mediaErrorCodes)[number]

export class MediaError extends Error {
  override readonly name = 'MediaError'
  readonly code: MediaErrorCode
  constructor(code: MediaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
