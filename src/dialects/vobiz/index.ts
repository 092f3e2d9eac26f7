/** Vobiz voice XML: documents, callbacks, hangup causes, signatures. */
export * from './callback.ts'
export { type HangupCode, hangupCode, hangupCodeNamed, hangupCodes, hangupWords, type Source } from './causes.ts'
export { codec, type HangupWords } from './codec.ts'
export {
  type Compat,
  type CompatMode,
  type CompatSwitch,
  compatModes,
  compatSwitches,
  lenient,
  readCompat,
  strict,
} from './compat.ts'
export {
  type DocumentFaultCode,
  type DocumentOptions,
  defaultOf,
  documentLimits,
  parseDocument,
  type VobizDocument,
  type VobizElement,
} from './document.ts'
export {
  type AttributeSpec,
  type CarriedOut,
  carriedOut,
  type ElementName,
  type ElementSpec,
  longestSchedule,
} from './elements.ts'
export { formatForm, type Pairs, parseForm, withQuery } from './form.ts'
export { hangupCause, scheduledCause } from './hangup.ts'
export { type LintEnd, type LintOutcome, type LintReport, type LintState, lint } from './lint.ts'
export * from './params.ts'
export { type CallbackPolicy, type RetryReason, readPolicy, retryReasons } from './policy.ts'
export { type Profile, vobizProfile as profile } from './profile.ts'
export { type SignedRequest, signatureHeaders } from './signature.ts'
export { callStatusOf } from './status.ts'
export { type ElementDraft, writeDocument } from './write.ts'
