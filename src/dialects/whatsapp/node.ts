import type { Fault, Parsed } from '../dialect.ts'
import { parseXmlDocument, type XmlElement, type XmlLimits } from '../xml.ts'
import { writeXml, type XmlSpec } from '../xml-write.ts'

/** A stanza as client libraries hold it. */
export type StanzaNode = Readonly<{
  tag: string
  attrs: Readonly<Record<string, string>>
  content?: readonly StanzaNode[] | string | Uint8Array
}>

/** Codes of the faults of WhatsApp stanzas, beside the `xml.…` ones; they are listed in docs/errors.md. */
export type WhatsAppFaultCode =
  /** no stanza: not an object with a tag, or not a call */
  | 'whatsapp.not-a-stanza'
  /** an element or attribute that has to be there */
  | 'whatsapp.missing'
  /** a value that the attribute cannot have */
  | 'whatsapp.value'
  /** an address that is none */
  | 'whatsapp.jid'
  /** something nobody has told us of; kept as it came */
  | 'whatsapp.unknown'

export function fault(code: WhatsAppFaultCode, place: string, message: string, remedy?: string): Fault {
  return remedy === undefined ? { code, place, message } : { code, place, message, remedy }
}

const limits: Partial<XmlLimits> = { bytes: 1_048_576, depth: 32, elements: 10_000 }

/** Deeper than any stanza, and short of the stack: nodes may come from anywhere, also with a circle in them. */
const deepest = 64

/**
 * A stanza from XML text, or from a node object whose attributes may be numbers or booleans. Never throws.
 * Faults: `whatsapp.not-a-stanza`, `xml.…`.
 *
 * @example
 * const node = parseStanza('<call id="1"><terminate call-id="c"/></call>')
 * node.ok && node.value // { tag: 'call', attrs: { id: '1' }, content: [{ tag: 'terminate', attrs: { 'call-id': 'c' } }] }
 */
export function parseStanza(input: unknown): Parsed<StanzaNode> {
  if (typeof input === 'string') {
    const document = parseXmlDocument(input, { limits })
    return document.ok ? { ok: true, value: fromElement(document.value), warnings: document.warnings } : document
  }
  const warnings: Fault[] = []
  const node = fromObject(input, '', 0, warnings)
  if (node !== null) return { ok: true, value: node, warnings }
  const message = 'a stanza is XML text, or an object with a tag'
  return { ok: false, faults: [fault('whatsapp.not-a-stanza', '/', message, 'give { tag, attrs, content }')] }
}

function fromElement(element: XmlElement): StanzaNode {
  const attrs = { ...element.attributes }
  const nodes: StanzaNode[] = []
  let text = ''
  for (const child of element.children) {
    if (child.type === 'element') nodes.push(fromElement(child))
    else text += child.text
  }
  if (nodes.length > 0) return { tag: element.name, attrs, content: nodes }
  return text.trim() === '' ? { tag: element.name, attrs } : { tag: element.name, attrs, content: text }
}

function fromObject(input: unknown, path: string, depth: number, warnings: Fault[]): StanzaNode | null {
  if (typeof input !== 'object' || input === null || depth > deepest) return null
  const { tag, attrs: given, content } = input as Record<string, unknown>
  if (typeof tag !== 'string' || tag === '') return null
  const here = path === '' ? tag : `${path}/${tag}`
  const attrs: Record<string, string> = {}
  if (typeof given === 'object' && given !== null) {
    for (const [name, value] of Object.entries(given)) {
      if (typeof value === 'string') attrs[name] = value
      else if (typeof value === 'number' || typeof value === 'boolean') {
        attrs[name] = String(value)
        warnings.push(
          fault('whatsapp.value', `${here}@${name}`, `an attribute is a string, and this is a ${typeof value}`),
        )
      } else if (value !== undefined && value !== null) {
        warnings.push(fault('whatsapp.value', `${here}@${name}`, 'an attribute is a string: left out'))
      }
    }
  }
  if (typeof content === 'string' || content instanceof Uint8Array) return { tag, attrs, content }
  if (!Array.isArray(content)) return { tag, attrs }
  const children: StanzaNode[] = []
  for (const child of content) {
    const node = fromObject(child, here, depth + 1, warnings)
    if (node !== null) children.push(node)
    else warnings.push(fault('whatsapp.not-a-stanza', here, 'a child that is no node: left out'))
  }
  return { tag, attrs, content: children }
}

/**
 * The stanza as XML text, two spaces a level. Bytes are written as hexadecimal digits, characters that XML cannot
 * carry as U+FFFD. @throws XmlWriteError where a tag or an attribute's name is no XML name.
 *
 * @example
 * stanzaText({ tag: 'terminate', attrs: { 'call-id': 'C' } }) // '<terminate call-id="C"/>'
 */
export function stanzaText(node: StanzaNode): string {
  return writeXml(specOf(node), { indent: 2, unrepresentable: 'replace' })
}

function specOf({ tag, attrs, content }: StanzaNode): XmlSpec {
  const spec = { name: tag, attributes: attrs }
  if (content === undefined) return spec
  if (typeof content === 'string') return { ...spec, children: [content] }
  if (content instanceof Uint8Array) return { ...spec, children: [hex(content)] }
  return { ...spec, children: content.map(specOf) }
}

function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/**
 * The child elements; none where the content is text or bytes.
 *
 * @example
 * childrenOf({ tag: 'call', attrs: {}, content: 'text' }) // []
 */
export function childrenOf(node: StanzaNode): readonly StanzaNode[] {
  return Array.isArray(node.content) ? node.content : []
}
