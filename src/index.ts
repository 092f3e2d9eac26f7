/**
 * Onhook as a library: why calls end, in one vocabulary, from any dialect and into any other. This entry is pure: no
 * I/O, and the clock only where no time is given; it runs in a browser as well. Parsers and serialisers of whole
 * messages are in `onhook/dialects/*`.
 */
import type { Dialect } from './call/ending.ts'
import { type ExplainOptions, type Explanation, explainAt } from './dialects/explain.ts'
import { type TranslateOptions, type Translation, translateAt } from './dialects/translate.ts'

export { type Cause, type CauseKind, type CauseRow, causeNames, causes, isCause } from './call/causes.ts'
export {
  type Actor,
  actors,
  type Codes,
  type Dialect,
  dialectNames,
  type Ending,
  type Instant,
  type Phase,
  phases,
  type Raw,
} from './call/ending.ts'
export type { EndingCodec, Fault, Parsed, ReadContext, WriteContext } from './dialects/dialect.ts'
export type { ExplainOptions, Explanation } from './dialects/explain.ts'
export { codecs, type WireOf } from './dialects/index.ts'
export { type Recognised, recognise } from './dialects/recognise.ts'
export { summaryOf } from './dialects/summary.ts'
export type { Loss, TranslateOptions, Translation } from './dialects/translate.ts'

/**
 * Explains why a call ended, from any message of any dialect that says so: SIP text, a stanza as XML or as a node,
 * JSON or form-encoded text, the bytes of any of these, or the object that it stands for. The dialect is found out from
 * the message where it is not given. Never throws: what cannot be recognised has the cause `unknown` and a `fault`; the
 * message itself is always in `raw`.
 *
 * @example
 * explain('SIP/2.0 486 Busy Here\r\n\r\n').cause // 'busy'
 *
 * @example
 * explain({ type: 'm.call.hangup', content: { call_id: 'c', version: '1', party_id: 'p', reason: 'ice_timeout' } }).cause // 'media-lost'
 *
 * @example
 * explain('<terminate call-id="c"/>', { phase: 'ringing', direction: 'in' }).summary // 'Ended while it rang, by the caller: the caller withdrew before the answer.'
 *
 * @example
 * explain('what?').fault?.code // 'explain.not-recognised'
 */
export function explain(input: unknown, options: ExplainOptions = {}): Explanation {
  return explainAt(input, options.at ?? Date.now(), options)
}

/**
 * Says in one dialect what a message of another said, and lists what a listener to the translation does not hear. The
 * input is a message in any form that `explain` takes, or an ending. Never throws.
 *
 * @example
 * translate('SIP/2.0 486 Busy Here\r\n\r\n', { to: 'matrix' }).value // { type: 'm.call.hangup', content: { version: '1', reason: 'user_busy' } }
 *
 * @example
 * translate({ cause: 'time-limit', actor: 'timer', phase: 'answered', at: 0 }, { to: 'whatsapp' }).losses[0]?.message // 'cause time-limit is heard as hangup'
 */
export function translate<D extends Dialect>(input: unknown, options: TranslateOptions<D>): Translation<D> {
  return translateAt(input, options.at ?? Date.now(), options)
}
