/** Bandwidth: voice webhooks, BXML documents, REST bodies and errors, and the causes of disconnection. */
export {
  type BxmlDocument,
  type BxmlFaultCode,
  endsDocument,
  maxBxmlBytes,
  parseBxml,
  type Verb,
  type VerbOf,
} from './bxml.ts'
export { type OutgoingBxml, type OutgoingVerb, serialiseBxml } from './bxml-write.ts'
export {
  causeOf,
  type DisconnectCause,
  disconnectCauses,
  errorMessages,
  heardCauses,
  isDisconnectCause,
  legacyCauses,
  saidCauses,
} from './causes.ts'
export { type BandwidthDisconnect, codec } from './codec.ts'
export {
  type Body,
  type BodyName,
  callConflict,
  callNotFound,
  describeFaults,
  type OutgoingBody,
  parseBody,
  type RestError,
  type RestErrorName,
  readRestError,
  restError,
  restErrors,
  serialiseBody,
} from './rest.ts'
export { readTime, writeTime } from './time.ts'
export {
  allowedIn,
  type Content,
  type DocumentContext,
  isVerbName,
  type OutgoingAttributes,
  type VerbAttributes,
  type VerbName,
  verbNames,
  verbTable,
} from './verbs.ts'
export {
  type DisconnectEvent,
  type OutgoingDisconnect,
  type OutgoingWebhook,
  parseWebhook,
  queryFields,
  serialiseWebhook,
  type Webhook,
  type WebhookProfile,
  type WebhookReply,
  type WebhookType,
  webhookQuery,
  webhookReplies,
  webhookTypeOf,
  webhookTypes,
} from './webhooks.ts'
