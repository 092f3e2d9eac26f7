/** Plivo voice XML: Vobiz's dialect with the differences of `profile.ts`. */
import type { Parsed } from '../dialect.ts'
import { hangupCodec } from '../vobiz/codec.ts'
import { type DocumentOptions, parseDocument as parseAny, type VobizDocument } from '../vobiz/document.ts'
import { type LintReport, lint as lintAny } from '../vobiz/lint.ts'
import { plivoProfile as profile } from './profile.ts'

export {
  answerParams,
  type Callback,
  callStatusOf,
  compatSwitches,
  dialActionParams,
  dialEventParams,
  hangupCodes,
  hangupParams,
  lenient,
  parseCallback,
  ringParams,
  signatureHeaders,
  strict,
  type VobizDocument as PlivoDocument,
  type VobizElement as PlivoElement,
  writeDocument,
} from '../vobiz/index.ts'
export { profile }

/** Endings in Plivo's words; as Vobiz's, with `Plivo` where the platform names itself. */
export const codec = hangupCodec(profile)

/** As in the dialect of Vobiz, by Plivo's elements and defaults. */
export function parseDocument(
  input: string | Uint8Array,
  options: Omit<DocumentOptions, 'profile'> = {},
): Parsed<VobizDocument> {
  return parseAny(input, { ...options, profile })
}

export function lint(input: string | Uint8Array, options: Omit<DocumentOptions, 'profile'> = {}): LintReport {
  return lintAny(input, { ...options, profile })
}
