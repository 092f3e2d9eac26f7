/** Matrix: the `m.call.*` events of version 1, version 0 tolerated. */
export { codec, knownReasons, type MatrixEnding, type MatrixVocabulary, vocabularies } from './codec.ts'
export {
  decideHangup,
  decideOwnAnswer,
  decideReject,
  decideSelectAnswer,
  type IgnoreReason,
  type InviteTimes,
  inviteTimeLeft,
  negotiateIsValid,
  type Party,
  ringGrace,
  type Sight,
  sameParty,
  survivingCall,
  type Verdict,
} from './decide.ts'
export {
  type CallContents,
  type CallEvent,
  type CallEventOf,
  type CallEventType,
  type CallFields,
  type Candidate,
  type Capabilities,
  callEventType,
  callEventTypes,
  type Envelope,
  type Era,
  type HangupReason,
  hangupReasons,
  type LocalRejectReason,
  type SessionDescription,
  type StreamMetadata,
  type StreamMetadataMap,
} from './event.ts'
export { isOpaqueId, type MatrixFaultCode } from './fields.ts'
export { defaultLifetime, parseCallEvent } from './parse.ts'
export { foreignReadings, mediaReason, publishedReadings, type Reading, readingOf } from './reasons.ts'
export { type Registration, type RegistrationSettings, registrationOf, registrationYaml } from './registration.ts'
export { type OutgoingEvent, serialiseCallEvent, type WireEvent } from './serialise.ts'
export { readEra } from './version.ts'
