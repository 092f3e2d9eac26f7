import type { Parsed } from '../dialect.ts'
import { type Kind, Notes } from '../shape.ts'
import type { XmlNode } from '../xml.ts'
import { writeXml, type XmlSpec, XmlWriteError } from '../xml-write.ts'
import {
  allowedIn,
  type DocumentContext,
  isVerbName,
  nestedOnly,
  type OutgoingAttributes,
  type VerbName,
  verbTable,
} from './verbs.ts'

/** A verb to be written. A verb that was read is one too. */
export type OutgoingVerb = { [N in VerbName]: OutgoingVerbOf<N> }[VerbName]
type OutgoingVerbOf<N extends VerbName> = Readonly<{
  name: N
  attributes?: OutgoingAttributes<N>
  text?: string
  children?: readonly OutgoingVerb[]
  /** Of a SpeakSentence: text and SSML instead of `text`. */
  markup?: readonly (XmlNode | XmlSpec | string)[]
}>

export type OutgoingBxml = Readonly<{ root?: 'Response' | 'Bxml'; verbs: readonly OutgoingVerb[] }>

/**
 * Writes a document by the published rules: nothing goes out that `parseBxml` would refuse or warn of. Never throws.
 * Faults: as in `parseBxml`, with the path of the verb for a place (`/Response/Gather[2]@maxDigits`), and the two
 * `xml.write-…` codes.
 *
 * @example
 * const written = serialiseBxml({ verbs: [{ name: 'Pause', attributes: { duration: 2 } }, { name: 'Hangup' }] })
 * written.ok && written.value // '<?xml version="1.0" encoding="UTF-8"?><Response><Pause duration="2"/><Hangup/></Response>'
 */
export function serialiseBxml(document: OutgoingBxml, context: DocumentContext = 'call'): Parsed<string> {
  const notes = new Notes('bandwidth.bxml')
  const root = document.root ?? 'Response'
  const children = document.verbs.map((verb, i) => {
    const path = `/${root}/${pathStep(document.verbs, verb, i)}`
    if (isVerbName(verb.name) && (nestedOnly.has(verb.name) || !allowedIn(verb.name, context))) {
      const code = nestedOnly.has(verb.name) ? 'bandwidth.bxml-nesting' : 'bandwidth.bxml-context'
      notes.faults.push({ code, place: path, message: `${verb.name} is not allowed here` })
    }
    return element(verb, path, notes)
  })
  if (notes.faults.length > 0) return { ok: false, faults: notes.faults }
  try {
    return { ok: true, value: writeXml({ name: root, children }, { declaration: true }), warnings: [] }
  } catch (error) {
    if (!(error instanceof XmlWriteError)) throw error
    return { ok: false, faults: [{ code: error.code, place: `/${root}`, message: error.message }] }
  }
}

function pathStep(verbs: readonly OutgoingVerb[], verb: OutgoingVerb, i: number): string {
  const same = verbs.filter(({ name }) => name === verb.name).length
  const index = verbs.slice(0, i + 1).filter(({ name }) => name === verb.name).length
  return same > 1 ? `${verb.name}[${index}]` : verb.name
}

function element(verb: OutgoingVerb, path: string, notes: Notes): XmlSpec {
  const { name } = verb
  if (!isVerbName(name)) {
    notes.faults.push({ code: 'bandwidth.bxml-verb', place: path, message: `${String(name)} is no verb of BXML` })
    return { name: 'Unknown' }
  }
  const attributes = writeAttributes(verb, path, notes)
  return { name, attributes, children: contentOf(verb, path, notes) }
}

function writeAttributes(verb: OutgoingVerb, path: string, notes: Notes): Record<string, string | number | boolean> {
  const fields: Readonly<Record<string, { kind: Kind<unknown, never>; level: string }>> =
    verbTable[verb.name].attributes.fields
  const given = (verb.attributes ?? {}) as Readonly<Record<string, unknown>>
  const written: Record<string, string | number | boolean> = {}
  for (const [key, { kind, level }] of Object.entries(fields)) {
    const place = `${path}@${key}`
    if (given[key] !== undefined) {
      const own = new Notes('bandwidth')
      const value = kind.write(given[key] as never, place, own)
      for (const { message } of own.faults) notes.faults.push({ code: 'bandwidth.bxml-attribute', place, message })
      written[key] = value as string
    } else if (level === 'need') {
      notes.faults.push({ code: 'bandwidth.bxml-missing-attribute', place, message: `${verb.name} needs ${key}` })
    }
  }
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(fields, key) || given[key] === undefined) continue
    const message = `${verb.name} has no published attribute ${key}`
    notes.faults.push({ code: 'bandwidth.bxml-attribute', place: `${path}@${key}`, message })
  }
  return written
}

function contentOf(verb: OutgoingVerb, path: string, notes: Notes): readonly (XmlSpec | string)[] {
  const { content } = verbTable[verb.name]
  const { text = '', children = [], markup = [] } = verb
  const fault = (kind: 'text' | 'children' | 'nesting', message: string) => {
    notes.faults.push({ code: `bandwidth.bxml-${kind}`, place: path, message })
  }
  if (content.type !== 'verbs' && children.length > 0) fault('nesting', `${verb.name} holds no elements`)
  switch (content.type) {
    case 'none':
      if (text !== '' || markup.length > 0) fault('text', `${verb.name} holds no text`)
      return []
    case 'text': {
      const { pattern, what = 'text' } = content
      const wrong = text.trim() === '' ? !content.blank : pattern !== undefined && !pattern.test(text)
      if (wrong) fault('text', `${verb.name} needs ${what}`)
      return text === '' ? [] : [text]
    }
    case 'markup': {
      const pieces: readonly (XmlNode | XmlSpec | string)[] = markup.length > 0 ? markup : [text]
      if (plain(pieces).trim() === '') fault('text', `${verb.name} needs text`)
      return pieces.map((piece) =>
        typeof piece === 'object' && 'text' in piece ? piece.text : (piece as XmlSpec | string),
      )
    }
    case 'verbs': {
      const { of, min, max } = content
      if (text !== '') fault('text', `${verb.name} holds no text`)
      if (children.length < min || children.length > max)
        fault('children', `${verb.name} holds ${min} to ${max} of ${of.join(', ')}`)
      return children.map((child, i) => {
        if (!of.includes(child.name)) fault('nesting', `${verb.name} holds ${of.join(' and ')}, not ${child.name}`)
        if (verb.name === 'Refer' && !child.text?.startsWith('sip:'))
          fault('text', 'the SipUri of a Refer starts with sip:')
        return element(child, `${path}/${pathStep(children, child, i)}`, notes)
      })
    }
    default:
      return content satisfies never
  }
}

function plain(pieces: readonly (XmlNode | XmlSpec | string)[]): string {
  return pieces
    .map((piece): string => {
      if (typeof piece === 'string') return piece
      return 'text' in piece ? piece.text : plain((piece.children ?? []) as readonly (XmlNode | XmlSpec | string)[])
    })
    .join('')
}
