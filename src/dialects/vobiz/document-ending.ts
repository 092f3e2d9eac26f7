import type { Ending } from '../../call/ending.ts'
import type { ReadContext } from '../dialect.ts'
import { type Compat, lenient } from './compat.ts'
import { parseDocument } from './document.ts'
import { trace } from './lint.ts'
import type { Profile } from './profile.ts'

/**
 * The ending that a document brings about, run on a call in the given phase (by default, one that has not been answered).
 * A bare `<Hangup/>` is read as the document that holds nothing else.
 */
export function endingOfDocument(
  text: string,
  context: ReadContext,
  profile: Profile,
  compat: Compat = lenient,
): Ending {
  const { at } = context
  const phase = context.phase ?? 'offered'
  const bare = /^\s*<Hangup[\s/>]/.test(text)
  const parsed = parseDocument(bare ? `<Response>${text}</Response>` : text, { profile, compat })
  if (!parsed.ok) {
    const fault = parsed.faults[0]
    const detail = fault === undefined ? 'invalid document' : `${fault.place}: ${fault.message}`
    return { cause: 'app-invalid', actor: 'platform', phase, at, detail, codes: { platform: 8011 } }
  }
  const { ends, answers } = trace(parsed.value, phase === 'answered' ? 'answered' : 'unanswered', compat)
  const end = ends[0]
  const came = answers && phase !== 'answered' ? 'answered' : phase
  if (end === undefined || end.type !== 'ends') {
    const detail = end?.type === 'continues' ? `goes on with ${end.url}` : 'ends no call'
    return { cause: 'unknown', actor: 'unknown', phase: came, at, detail }
  }
  const { cause, actor, code } = end
  return { cause, actor, phase: came, at, codes: { platform: code } }
}
