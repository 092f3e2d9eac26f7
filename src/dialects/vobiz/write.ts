import type { XmlSpec } from '../xml-write.ts'
import { writeXml, type XmlWriteOptions } from '../xml-write.ts'
import type { VobizDocument, VobizElement } from './document.ts'

/** An element as an author writes it: what it has none of may be left out. */
export type ElementDraft = Readonly<{
  name: VobizElement['name']
  attributes?: Readonly<Record<string, string | number | boolean | undefined>>
  text?: string
  ssml?: VobizElement['ssml']
  children?: readonly ElementDraft[]
}>

/**
 * Writes a document in one line, without defaults: only what its elements say. Reading it gives the same document.
 *
 * @example
 * writeDocument({ elements: [{ name: 'Hangup', attributes: { schedule: 60 } }, { name: 'Speak', text: 'Hi' }] })
 * // '<Response><Hangup schedule="60"/><Speak>Hi</Speak></Response>'
 *
 * @throws XmlWriteError for text that XML cannot carry.
 */
export function writeDocument(
  document: Readonly<{ elements: readonly ElementDraft[] }> | VobizDocument,
  options: XmlWriteOptions = {},
): string {
  const xml = writeXml({ name: 'Response', children: document.elements.map(spec) }, options)
  // The vendors write the empty document as a pair of tags.
  return document.elements.length === 0 ? xml.replace('<Response/>', '<Response></Response>') : xml
}

function spec(element: ElementDraft): XmlSpec {
  const content = element.ssml ?? (element.text === undefined || element.text === '' ? [] : [element.text])
  return {
    name: element.name,
    ...(element.attributes === undefined ? {} : { attributes: element.attributes }),
    children: [...content, ...(element.children ?? []).map(spec)],
  }
}
