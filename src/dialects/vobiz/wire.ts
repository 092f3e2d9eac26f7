import { hangupCodeNamed, hangupWords } from './causes.ts'
import { parseForm } from './form.ts'

/** What says why and who, out of whatever the vendors wrap it in. */
export type HangupFields = Readonly<{
  code?: string
  name?: string
  word?: string
  source?: string
  uuid?: string
  /** Whether it was answered, where the value tells. */
  answered?: boolean
}>

/**
 * Finds them in a callback (form, JSON, object), a Dial callback, a call record of the REST API, a bare code, name
 * or word. Undefined where there is nothing of that kind.
 */
export function fieldsOf(wire: unknown): HangupFields | undefined {
  if (typeof wire === 'number') return Number.isInteger(wire) ? { code: String(wire) } : undefined
  if (typeof wire === 'string') return fieldsOfText(wire.trim())
  return typeof wire === 'object' && wire !== null ? fieldsOfObject(wire) : undefined
}

function fieldsOfText(text: string): HangupFields | undefined {
  if (/^\d{1,6}$/.test(text)) return { code: text }
  if (text.startsWith('{')) {
    try {
      return fieldsOf(JSON.parse(text))
    } catch {
      return undefined
    }
  }
  if (hangupCodeNamed(text) !== undefined) return { name: text }
  if (Object.hasOwn(hangupWords, text.toUpperCase())) return { word: text }
  return text.includes('=') ? fieldsOfObject(Object.fromEntries(parseForm(text.replace(/^\?/, '')))) : undefined
}

/** Each key as `HangupCauseCode`, `hangup_cause_code`, `hangupCauseCode`, or with a B leg's prefix. */
const slots: Readonly<Record<string, 'code' | 'name' | 'word' | 'source' | 'uuid'>> = {
  hangupcausecode: 'code',
  hangupcausename: 'name',
  hangupcause: 'word',
  hangupsource: 'source',
  calluuid: 'uuid',
}

function fieldsOfObject(given: object): HangupFields | undefined {
  const found: { -readonly [K in keyof HangupFields]: HangupFields[K] } = {}
  let known = false
  let answerTime: unknown
  let duration: unknown
  for (const [key, value] of Object.entries(given)) {
    const plain = key.replaceAll('_', '').toLowerCase()
    if (plain === 'answertime') answerTime = value
    else if (plain === 'duration' || plain === 'dialblegduration') duration = value
    const slot = slots[plain.replace(/^dial(bleg)?/, '')]
    if (slot === undefined || (typeof value !== 'string' && typeof value !== 'number')) continue
    found[slot] ??= String(value)
    if (slot !== 'uuid') known = true
  }
  if (!known) return undefined
  // A Dial action has one field for both.
  if (found.word !== undefined && found.name === undefined && hangupCodeNamed(found.word)) found.name = found.word
  if (typeof answerTime === 'string') found.answered = answerTime !== ''
  else if (duration !== undefined && duration !== '') found.answered = Number(duration) > 0
  return found
}
