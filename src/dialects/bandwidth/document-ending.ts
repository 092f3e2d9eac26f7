import type { Ending, Phase } from '../../call/ending.ts'
import type { ReadContext } from '../dialect.ts'
import { endsDocument, parseBxml, type Verb } from './bxml.ts'
import { verbTable } from './verbs.ts'

/**
 * The ending that a document brings about, run on a call in the given phase (by default, one that has not been
 * answered). `<Hangup>` is the app's word; running out of verbs ends the call, too, and so does an invalid document.
 */
export function endingOfDocument(text: string, { at, phase = 'offered' }: ReadContext): Ending {
  const bare = /^\s*<Hangup[\s/>]/.test(text)
  const parsed = parseBxml(bare ? `<Response>${text}</Response>` : text)
  if (!parsed.ok) {
    const [fault] = parsed.faults
    const detail = fault === undefined ? 'invalid document' : `${fault.place}: ${fault.message}`
    return { cause: 'app-invalid', actor: 'platform', phase, at, detail, codes: { platform: 'invalid-bxml' } }
  }
  const last = parsed.value.verbs.find((verb) => endsDocument(verb) || verb.name === 'Refer')
  const came = phaseAfter(parsed.value.verbs, last, phase)
  if (last === undefined) {
    const detail = parsed.value.verbs.length === 0 ? 'an empty document' : 'the verbs run out'
    return { cause: 'script-end', actor: 'platform', phase: came, at, detail, codes: { platform: 'hangup' } }
  }
  if (last.name === 'Hangup') return { cause: 'hangup', actor: 'app', phase: came, at, codes: { platform: 'hangup' } }
  return { cause: 'unknown', actor: 'unknown', phase: came, at, detail: `goes on with ${nextOf(last)}` }
}

/** Verbs that run on a call that rings, and leave it ringing. Every other verb answers it. */
const quiet: ReadonlySet<Verb['name']> = new Set(['Hangup', 'Redirect', 'Forward', 'Tag'])

function phaseAfter(verbs: readonly Verb[], last: Verb | undefined, phase: Phase): Phase {
  for (const verb of verbs) {
    const rings = verb.name === 'Ring' && verb.attributes.answerCall === false
    if (!quiet.has(verb.name) && !rings) return 'answered'
    if (verb === last) break
  }
  return phase
}

function nextOf(verb: Verb): string {
  const { then } = verbTable[verb.name]
  const attributes = verb.attributes as Readonly<Record<string, unknown>>
  const url = attributes[then] ?? attributes.redirectUrl
  return typeof url === 'string' ? url : `the ${verb.name}`
}
