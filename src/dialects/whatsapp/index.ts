/** WhatsApp: the `<call>` stanza and its family, as XML text and as node objects. */
export {
  type ActionName,
  type AttributesOf,
  actionAttributes,
  actionNames,
  videoStates,
} from './action.ts'
export { codec, vocabularies, type WhatsAppVocabulary } from './codec.ts'
export { callOfAddress, formatJid, type Jid, parseJid, sameDevice, sameUser } from './jid.ts'
export { childrenOf, parseStanza, type StanzaNode, stanzaText, type WhatsAppFaultCode } from './node.ts'
export { answersOwed } from './owed.ts'
export { documentedReasons, meanings, observedReasons, type Reading, readingOf, saysObserved } from './reasons.ts'
export { type OutgoingAction, type OutgoingCall, serialiseCall } from './serialise.ts'
export { type ActionOf, type CallAction, type CallStanza, type OtherAction, parseCall } from './stanza.ts'
