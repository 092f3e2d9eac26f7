/** Sound: SDP, RTP, G.711, prompts, speech, keys. It knows nothing of calls. */
export { decodeG711, encodeG711, sampleRate } from './audio/g711.ts'
export { loudness, tonePower, toneShare } from './audio/goertzel.ts'
export { KeyDetector } from './audio/key-detector.ts'
export { writeWav } from './audio/wav.ts'
export { createMedia } from './engine/create.ts'
export { MediaError, type MediaErrorCode, mediaErrorCodes } from './error.ts'
export type {
  IceCandidate,
  IceServer,
  Idle,
  Loss,
  Media,
  MediaOptions,
  MediaSession,
  MediaWarning,
  PeerOptions,
  PeerSession,
  PeerState,
  PeerWish,
  PlayResult,
  Prompt,
  Recorded,
  Recording,
  RecordOptions,
  SessionStats,
  SessionVerbs,
  SpeechOptions,
} from './face.ts'
export { buildRtp, parseRtp, type RtpPacket } from './rtp/packet.ts'
export { KeyReceiver } from './rtp/telephone-event.ts'
export { type Codec, codecs, type Direction, isHold, type Negotiated } from './sdp/negotiated.ts'
export {
  type Agreed,
  type Answered,
  answerOffer,
  type LocalMedia,
  makeOffer,
  readAnswer,
  type SdpFailure,
} from './sdp/offer-answer.ts'
