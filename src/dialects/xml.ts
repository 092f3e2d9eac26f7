import { XmlError as ParserError, parseXml, type XmlElement as RawElement } from '@rgrove/parse-xml'
import type { Fault, Parsed } from './dialect.ts'

/**
 * Strict XML for the dialects that are written in it. Parsing itself is @rgrove/parse-xml's; this adds what untrusted
 * documents need: a refused DOCTYPE, caps, character decoding, and faults that name the place.
 */

/** Character data of an element: adjacent text, CDATA and references, joined. */
export type XmlText = Readonly<{ type: 'text'; text: string; start: number; end: number }>

/** An element. `start` and `end` are UTF-16 offsets in `source`, from which line, column and excerpt are derived on demand. */
export type XmlElement = Readonly<{
  type: 'element'
  name: string
  /** Without prototype, in document order. */
  attributes: Readonly<Record<string, string>>
  children: readonly XmlNode[]
  parent: XmlElement | null
  start: number
  end: number
  /** The whole decoded document that the element stands in. */
  source: string
}>

export type XmlNode = XmlElement | XmlText

export type XmlLimits = Readonly<{
  /** Bytes of the encoded document (of its UTF-8 form if it came as a string). */
  bytes: number
  /** The root is depth 1. */
  depth: number
  elements: number
}>

export const defaultXmlLimits: XmlLimits = { bytes: 102_400, depth: 8, elements: 1000 }

export type XmlOptions = Readonly<{
  limits?: Partial<XmlLimits>
  /** `charset` parameter of the Content-Type, where there was one. */
  charset?: string
}>

/** Faults of this file; they are listed in docs/errors.md. */
export type XmlFaultCode =
  | 'xml.too-large'
  | 'xml.charset'
  | 'xml.empty'
  | 'xml.doctype'
  | 'xml.malformed'
  | 'xml.too-deep'
  | 'xml.too-many-elements'

/** Parses a whole document; the value is its root element. Never throws. Comments and processing instructions are dropped. */
export function parseXmlDocument(input: string | Uint8Array, options: XmlOptions = {}): Parsed<XmlElement> {
  const limits = { ...defaultXmlLimits, ...options.limits }
  const size = typeof input === 'string' ? utf8Length(input, limits.bytes) : input.byteLength
  if (size > limits.bytes) return refuse('xml.too-large', '1:1', `the document is larger than ${limits.bytes} bytes`)
  const source = typeof input === 'string' ? input : decodeXml(input, options.charset)
  if (typeof source !== 'string') return { ok: false, faults: [source] }
  if (source.trim() === '') return refuse('xml.empty', '1:1', 'the document is empty')
  const doctype = doctypeAt(source)
  if (doctype !== -1) {
    const message = `a DOCTYPE is not allowed, near ${excerpt(source, doctype)}`
    return refuse('xml.doctype', lineColumn(source, doctype), message, 'remove the <!DOCTYPE …> declaration')
  }
  try {
    const raw = parseXml(source, { includeOffsets: true }).root
    if (raw === null) return refuse('xml.malformed', '1:1', 'root element is missing')
    return convert(raw, source, limits)
  } catch (error) {
    if (error instanceof ParserError) return malformed(error, source)
    // The parser recurses per element: only a document nested far beyond any cap exhausts the stack.
    if (error instanceof RangeError) return refuse('xml.too-deep', '1:1', tooDeep(limits))
    return refuse('xml.malformed', '1:1', error instanceof Error ? error.message : String(error))
  }
}

/**
 * Bytes to text: the byte order mark decides, then the transport's charset, then the XML declaration, then UTF-8
 * (the order of RFC 7303 §3). Bytes that are invalid in that encoding are a fault, not replacement characters.
 */
export function decodeXml(bytes: Uint8Array, charset?: string): string | Fault {
  const label = markOf(bytes) ?? charset ?? declaredEncoding(bytes) ?? 'utf-8'
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    const message = `the document is not valid ${label}, or that encoding is not known`
    return fault('xml.charset', '1:1', message, 'send UTF-8')
  }
}

/** The element children, in order. */
export function elementsOf(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((node) => node.type === 'element')
}

/** The element's own character data, without that of its descendants. */
export function textOf(element: XmlElement): string {
  let text = ''
  for (const node of element.children) if (node.type === 'text') text += node.text
  return text
}

/** `/Response/Gather[2]/Speak`: an index stands where siblings share the name. */
export function pathOf(element: XmlElement): string {
  const { parent } = element
  if (parent === null) return `/${element.name}`
  const same = elementsOf(parent).filter((sibling) => sibling.name === element.name)
  const index = same.length > 1 ? `[${same.indexOf(element) + 1}]` : ''
  return `${pathOf(parent)}/${element.name}${index}`
}

/** `line:column` of an offset, both from 1, columns in UTF-16 units. */
export function lineColumn(source: string, offset: number): string {
  let line = 1
  let begin = 0
  for (let at = source.indexOf('\n'); at !== -1 && at < offset; at = source.indexOf('\n', begin)) {
    line += 1
    begin = at + 1
  }
  return `${line}:${offset - begin + 1}`
}

/** What stands at an offset, on one line, at most 40 characters: `<Speak>Tom & Jer…`. */
export function excerpt(source: string, offset: number): string {
  const piece = source.slice(offset, offset + 41).replaceAll(/\s+/g, ' ')
  if (piece === '') return 'the end of the document'
  return piece.length > 40 ? `\`${piece.slice(0, 40)}…\`` : `\`${piece}\``
}

/** Offset of an attribute's name inside its start tag; the element's own offset if it has no such attribute. */
export function attributeOffset(element: XmlElement, name: string): number {
  const { source, start } = element
  if (element.attributes[name] === undefined) return start
  // Skips quoted values, so that a name inside a value is not taken for the attribute.
  const token = /[\s]([^\s=<>/"']+)\s*=\s*(?:"[^"]*"|'[^']*')/gy
  token.lastIndex = start + 1 + element.name.length
  for (;;) {
    const before = token.lastIndex
    const match = token.exec(source)
    if (match !== null) {
      if (match[1] === name) return match.index + 1
      continue
    }
    if (before >= element.end || source[before] === '>') return start
    token.lastIndex = before + 1
  }
}

/** A fault at an element, or at one of its attributes: place, path and excerpt are filled in. */
export function faultAt(
  element: XmlElement,
  what: Readonly<{ code: string; message: string; remedy?: string; attribute?: string }>,
): Fault {
  const offset = what.attribute === undefined ? element.start : attributeOffset(element, what.attribute)
  const message = `${what.message}, at ${pathOf(element)} near ${excerpt(element.source, offset)}`
  return fault(what.code, lineColumn(element.source, offset), message, what.remedy)
}

// ---------------------------------------------------------------- conversion

type Building = { -readonly [K in keyof XmlElement]: K extends 'children' ? XmlNode[] : XmlElement[K] }

function convert(root: RawElement, source: string, limits: XmlLimits): Parsed<XmlElement> {
  let count = 0
  const build = (raw: RawElement, parent: XmlElement | null, depth: number): XmlElement | Fault => {
    const { name, attributes, start, end } = raw
    const element: Building = { type: 'element', name, attributes, children: [], parent, start, end, source }
    if (depth > limits.depth) return faultAt(element, { code: 'xml.too-deep', message: tooDeep(limits) })
    count += 1
    if (count > limits.elements) {
      const message = `the document has more than ${limits.elements} elements`
      return faultAt(element, { code: 'xml.too-many-elements', message })
    }
    for (const node of raw.children) {
      if (node.type === 'text') {
        const { text } = node as unknown as { text: string }
        element.children.push({ type: 'text', text, start: node.start, end: node.end })
      } else if (node.type === 'element') {
        const child = build(node as RawElement, element, depth + 1)
        if ('code' in child) return child
        element.children.push(child)
      }
    }
    return element
  }
  const value = build(root, null, 1)
  return 'code' in value ? { ok: false, faults: [value] } : { ok: true, value, warnings: [] }
}

function malformed(error: ParserError, source: string): Parsed<never> {
  const found = utf16Offset(source, error.pos)
  const reference = /reference|entity/i.test(error.message)
  // Of a broken reference the parser names where it gave up; people look for its ampersand.
  const offset = reference ? Math.max(0, source.lastIndexOf('&', found)) : found
  // The parser's own message carries its place and a drawing; only its first clause is wanted.
  const message = (error.message.split(' (line ')[0] ?? error.message).replace(/^./, (letter) => letter.toLowerCase())
  const remedy = reference ? 'write & as &amp;' : undefined
  return refuse('xml.malformed', lineColumn(source, offset), `${message}, near ${excerpt(source, offset)}`, remedy)
}

const tooDeep = (limits: XmlLimits) => `elements are nested more than ${limits.depth} deep`

function fault(code: string, place: string, message: string, remedy?: string): Fault {
  return remedy === undefined ? { code, place, message } : { code, place, message, remedy }
}

function refuse(code: XmlFaultCode, place: string, message: string, remedy?: string): Parsed<never> {
  return { ok: false, faults: [fault(code, place, message, remedy)] }
}

// ---------------------------------------------------------------- text

/** Offset of a DOCTYPE in the prologue, or -1. One inside a comment or in content is somebody else's matter. */
function doctypeAt(source: string): number {
  if (!/<!doctype/i.test(source)) return -1
  const misc = /\uFEFF?(?:\s+|<\?|<!--)/y
  for (let at = 0; ; ) {
    misc.lastIndex = at
    const match = misc.exec(source)
    if (match === null) return /<!doctype/iy.test(source.slice(at, at + 9)) ? at : -1
    const closing = match[0].endsWith('<?') ? '?>' : match[0].endsWith('<!--') ? '-->' : ''
    const end = closing === '' ? misc.lastIndex : source.indexOf(closing, misc.lastIndex)
    if (end === -1) return -1
    at = end + closing.length
  }
}

function markOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return undefined
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0x3c || bytes[1] !== 0x3f) return undefined
  const head = String.fromCharCode(...bytes.subarray(0, 120))
  return /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1]
}

/** UTF-8 length, without allocating; stops counting beyond `enough`. */
function utf8Length(text: string, enough: number): number {
  if (text.length > enough || text.length * 3 <= enough) return text.length
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit <= 0xdbff && i + 1 < text.length) {
      bytes += 4
      i++
    } else bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3
  }
  return bytes
}

/** The parser counts code points in its errors; offsets here are UTF-16. */
function utf16Offset(source: string, points: number): number {
  if (!/[\ud800-\udbff]/.test(source)) return points
  let offset = 0
  for (let i = 0; i < points && offset < source.length; i++) offset += source.codePointAt(offset)! > 0xffff ? 2 : 1
  return offset
}
