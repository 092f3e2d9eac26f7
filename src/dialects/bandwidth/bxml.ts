import type { Fault, Parsed } from '../dialect.ts'
import { type Kind, Notes } from '../shape.ts'
import { elementsOf, faultAt, lineColumn, parseXmlDocument, textOf, type XmlElement, type XmlNode } from '../xml.ts'
import {
  allowedIn,
  type Content,
  type DocumentContext,
  isVerbName,
  nestedOnly,
  type VerbAttributes,
  type VerbName,
  verbNames,
  verbTable,
} from './verbs.ts'

/** At most this many bytes in a document. */
export const maxBxmlBytes = 65_536

export type BxmlFaultCode =
  | 'bandwidth.bxml-root'
  | 'bandwidth.bxml-verb'
  | 'bandwidth.bxml-nesting'
  | 'bandwidth.bxml-context'
  | 'bandwidth.bxml-attribute'
  | 'bandwidth.bxml-missing-attribute'
  | 'bandwidth.bxml-text'
  | 'bandwidth.bxml-children'
  /** warning: an attribute that is not published; it is ignored */
  | 'bandwidth.bxml-unknown-attribute'
  /** warning: a verb that never runs */
  | 'bandwidth.bxml-unreachable'

/** One verb: attributes with their types, the characters of its content, its children; SSML is in `markup`. */
export type Verb = { [N in VerbName]: VerbOf<N> }[VerbName]
export type VerbOf<N extends VerbName> = Readonly<{
  name: N
  attributes: VerbAttributes<N>
  /** Trimmed; of a SpeakSentence, without its SSML. */
  text: string
  children: readonly Verb[]
  /** Content of a SpeakSentence as it stood: text and SSML elements. */
  markup: readonly XmlNode[]
  /** `line:column` of its tag. */
  place: string
}>

export type BxmlDocument = Readonly<{
  root: 'Response' | 'Bxml'
  /** None: the same as one Hangup. */
  verbs: readonly Verb[]
}>

/**
 * Reads a BXML document whole, before anything of it runs: any fault makes it invalid. Both roots, missing and odd XML
 * declarations and unpublished attributes (a warning) are tolerated. Never throws. Faults: those of `BxmlFaultCode`
 * and of the XML itself (`xml.…`), each with line and column.
 *
 * @example
 * const parsed = parseBxml('<Response><SpeakSentence>Goodbye</SpeakSentence><Hangup/></Response>')
 * parsed.ok && parsed.value.verbs.map(({ name }) => name) // ['SpeakSentence', 'Hangup']
 *
 * @example
 * const bad = parseBxml('<Response>\n  <hangup/>\n</Response>')
 * !bad.ok && bad.faults[0].place // '2:3'
 */
export function parseBxml(input: string | Uint8Array, context: DocumentContext = 'call'): Parsed<BxmlDocument> {
  const parsed = parseXmlDocument(input, { limits: { bytes: maxBxmlBytes, depth: 16, elements: 10_000 } })
  if (!parsed.ok) return parsed
  const root = parsed.value
  if (root.name !== 'Response' && root.name !== 'Bxml') {
    const message = `the root is Response or Bxml, and this is ${root.name}`
    return { ok: false, faults: [faultAt(root, { code: 'bandwidth.bxml-root', message })] }
  }
  const faults: Fault[] = []
  const warnings: Fault[] = [...parsed.warnings]
  for (const name of Object.keys(root.attributes)) warnings.push(unknownAttribute(root, name))
  refuseText(root, faults)
  const verbs: Verb[] = []
  for (const element of elementsOf(root)) {
    const { name } = element
    if (!isVerbName(name)) faults.push(unknownVerb(element))
    else if (nestedOnly.has(name)) {
      faults.push(
        faultAt(element, { code: 'bandwidth.bxml-nesting', message: `${name} stands inside another verb only` }),
      )
    } else if (!allowedIn(name, context)) {
      const where = context === 'conference' ? 'a conference' : 'a leg that is not connected yet'
      faults.push(
        faultAt(element, {
          code: 'bandwidth.bxml-context',
          message: `${name} is not allowed in a document for ${where}`,
        }),
      )
    } else verbs.push(readVerb(element, name, faults, warnings))
  }
  if (faults.length > 0) return { ok: false, faults }
  warnUnreachable(root, verbs, warnings)
  return { ok: true, value: { root: root.name, verbs }, warnings }
}

/**
 * Whether nothing after this verb runs: it ends the document, or the answer to its webhook replaces it.
 *
 * @example
 * endsDocument({ name: 'Gather', attributes: { gatherUrl: '/digits' } }) // true
 */
export function endsDocument(verb: Pick<Verb, 'name' | 'attributes'>): boolean {
  const { then } = verbTable[verb.name]
  return then === 'never' || (then !== 'next' && (verb.attributes as Record<string, unknown>)[then] !== undefined)
}

function readVerb(element: XmlElement, name: VerbName, faults: Fault[], warnings: Fault[]): Verb {
  const { content } = verbTable[name]
  const attributes = readAttributes(element, name, faults, warnings)
  const children = readContent(element, content, faults, warnings)
  if (name === 'Refer') for (const child of children) requireSip(element, child, faults)
  return {
    name,
    attributes,
    text: content.type === 'text' || content.type === 'markup' ? textOf(element).trim() : '',
    children,
    markup: content.type === 'markup' ? element.children : [],
    place: lineColumn(element.source, element.start),
  } as Verb
}

/** Misspelt in a document of the vendor, and so in apps. */
const misspelt: ReadonlyMap<string, string> = new Map([['calbackTimeout', 'callbackTimeout']])

function readAttributes(element: XmlElement, name: VerbName, faults: Fault[], warnings: Fault[]): unknown {
  const fields: Readonly<Record<string, { kind: Kind<unknown, never>; level: string }>> =
    verbTable[name].attributes.fields
  const read: Record<string, unknown> = {}
  for (const [written, value] of Object.entries(element.attributes)) {
    const key = misspelt.get(written) ?? written
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (field === undefined) {
      warnings.push(unknownAttribute(element, written))
      continue
    }
    const notes = new Notes('bandwidth')
    const typed = field.kind.read(value, written, notes)
    const wrong = [...notes.faults, ...notes.warnings][0]
    if (wrong !== undefined) {
      const message = `${written}: ${wrong.message}`
      faults.push(faultAt(element, { code: 'bandwidth.bxml-attribute', message, attribute: written }))
    } else read[key] = typed
  }
  for (const [key, { level }] of Object.entries(fields)) {
    if (level !== 'need' || read[key] !== undefined || element.attributes[key] !== undefined) continue
    faults.push(faultAt(element, { code: 'bandwidth.bxml-missing-attribute', message: `${name} needs ${key}` }))
  }
  return read
}

function readContent(element: XmlElement, content: Content, faults: Fault[], warnings: Fault[]): Verb[] {
  switch (content.type) {
    case 'none':
      refuseText(element, faults)
      refuseChildren(element, faults)
      return []
    case 'text': {
      refuseChildren(element, faults)
      const text = textOf(element)
      const { pattern, what = 'text' } = content
      if (text.trim() === '' ? !content.blank : pattern !== undefined && !pattern.test(text)) {
        faults.push(faultAt(element, { code: 'bandwidth.bxml-text', message: `${element.name} needs ${what}` }))
      }
      return []
    }
    case 'markup':
      if (allText(element).trim() === '') {
        faults.push(faultAt(element, { code: 'bandwidth.bxml-text', message: `${element.name} needs text` }))
      }
      return []
    case 'verbs':
      return readChildren(element, content, faults, warnings)
    default:
      return content satisfies never
  }
}

function readChildren(
  element: XmlElement,
  { of, min, max }: Extract<Content, { type: 'verbs' }>,
  faults: Fault[],
  warnings: Fault[],
): Verb[] {
  refuseText(element, faults)
  const children: Verb[] = []
  const elements = elementsOf(element)
  for (const child of elements) {
    const { name } = child
    if (!isVerbName(name)) faults.push(unknownVerb(child))
    else if (!of.includes(name)) {
      const message = `${element.name} holds ${of.join(' and ')}, not ${name}`
      faults.push(faultAt(child, { code: 'bandwidth.bxml-nesting', message }))
    } else children.push(readVerb(child, name, faults, warnings))
  }
  if (elements.length < min || elements.length > max) {
    const message = `${element.name} holds ${min === max ? min : `${min} to ${max}`} of ${of.join(', ')}, and these are ${elements.length}`
    faults.push(faultAt(element, { code: 'bandwidth.bxml-children', message }))
  }
  return children
}

function requireSip(element: XmlElement, child: Verb, faults: Fault[]): void {
  if (child.text.startsWith('sip:')) return
  faults.push(faultAt(element, { code: 'bandwidth.bxml-text', message: 'the SipUri of a Refer starts with sip:' }))
}

function allText(element: XmlElement): string {
  return element.children.map((node) => (node.type === 'text' ? node.text : allText(node))).join('')
}

function refuseText(element: XmlElement, faults: Fault[]): void {
  for (const node of element.children) {
    if (node.type !== 'text' || node.text.trim() === '') continue
    const place = lineColumn(element.source, node.start + (node.text.length - node.text.trimStart().length))
    const message = `${element.name} holds no text`
    faults.push({ code: 'bandwidth.bxml-text', place, message, remedy: 'put it into SpeakSentence' })
  }
}

function refuseChildren(element: XmlElement, faults: Fault[]): void {
  for (const child of elementsOf(element)) {
    faults.push(faultAt(child, { code: 'bandwidth.bxml-nesting', message: `${element.name} holds no elements` }))
  }
}

function unknownVerb(element: XmlElement): Fault {
  const near = verbNames.find((name) => name.toLowerCase() === element.name.toLowerCase())
  const message = `${element.name} is no verb of BXML`
  return faultAt(element, {
    code: 'bandwidth.bxml-verb',
    message,
    ...(near === undefined ? {} : { remedy: `write ${near}` }),
  })
}

function unknownAttribute(element: XmlElement, attribute: string): Fault {
  const message = `${element.name} has no published attribute ${attribute}; it is ignored`
  return faultAt(element, { code: 'bandwidth.bxml-unknown-attribute', message, attribute })
}

function warnUnreachable(root: XmlElement, verbs: readonly Verb[], warnings: Fault[]): void {
  const last = verbs.findIndex(endsDocument)
  const verb = verbs[last]
  if (verb === undefined) return
  for (const element of elementsOf(root).slice(last + 1)) {
    const message = `${element.name} never runs: the document ends with the ${verb.name} at ${verb.place}`
    warnings.push(faultAt(element, { code: 'bandwidth.bxml-unreachable', message }))
  }
}
