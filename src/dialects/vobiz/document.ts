import type { Fault, Parsed } from '../dialect.ts'
import {
  elementsOf,
  excerpt,
  faultAt,
  lineColumn,
  parseXmlDocument,
  textOf,
  type XmlElement,
  type XmlNode,
} from '../xml.ts'
import { readAttribute } from './attributes.ts'
import { type Compat, lenient } from './compat.ts'
import { type CarriedOut, type ElementName, type ElementSpec, ssmlElements, verbHints } from './elements.ts'
import { type Profile, vobizProfile } from './profile.ts'

export type AttributeValue = string | number | boolean

/** Attributes of the elements that are run, as far as the document gave them. Seconds, times, milliseconds. */
type CarriedAttributes = {
  Hangup: Readonly<{ reason?: 'rejected' | 'busy'; schedule?: number }>
  Speak: Readonly<{ voice?: string; language?: string; loop?: number }>
  Play: Readonly<{ loop?: number }>
  Wait: Readonly<{ length?: number; silence?: boolean; minSilence?: number; beep?: string }>
  PreAnswer: Readonly<Record<never, never>>
  Redirect: Readonly<{ method?: string }>
}

/** Speech markup without its place in a document. */
export type Markup =
  | string
  | Readonly<{ name: string; attributes: Readonly<Record<string, string>>; children: readonly Markup[] }>

type ElementOf<N extends ElementName> = Readonly<{
  name: N
  attributes: N extends CarriedOut ? CarriedAttributes[N] : Readonly<Record<string, AttributeValue>>
  /** Trimmed: a URL, a number, a name, or the words to speak (of all speech markup together). */
  text: string
  /** `Speak` with speech markup: its content, verbatim. */
  ssml?: readonly Markup[]
  children: readonly VobizElement[]
  /** `line:column` in the document that it was read from. */
  place: string
}>

/** One element, told apart by `name`. Attributes that were not given are absent; `defaultOf` knows what holds then. */
export type VobizElement = { [N in ElementName]: ElementOf<N> }[ElementName]

export type VobizDocument = Readonly<{ profile: Profile['name']; elements: readonly VobizElement[] }>

export type DocumentOptions = Readonly<{
  profile?: Profile
  compat?: Compat
  /** `charset` of the Content-Type. */
  charset?: string
}>

/** Codes of faults and warnings; all are listed in docs/errors.md, beside those of the XML reader. */
export type DocumentFaultCode =
  | 'vobiz.root'
  | 'vobiz.unknown-element'
  | 'vobiz.nesting'
  | 'vobiz.text'
  | 'vobiz.value'
  | 'vobiz.missing'
  | 'vobiz.unknown-attribute'
  | 'vobiz.schedule-last'
  | 'vobiz.never-run'
  | 'vobiz.alias'

/** As documented: 100 KB; nesting and number of elements are caps of ours, far beyond what apps send. */
export const documentLimits = { bytes: 102_400, depth: 8, elements: 1000 } as const

/**
 * Reads a whole document and checks every element before any is run: one bad element, even one that would never be
 * reached, makes all of it invalid. Never throws; faults and warnings name line, column and element.
 *
 * @example
 * parseDocument('<Response><Hangup reason="busy"/></Response>')
 * // { ok: true, value: { profile: 'vobiz', elements: [{ name: 'Hangup', attributes: { reason: 'busy' }, … }] }, warnings: [] }
 */
export function parseDocument(input: string | Uint8Array, options: DocumentOptions = {}): Parsed<VobizDocument> {
  const charset = options.charset === undefined ? {} : { charset: options.charset }
  const xml = parseXmlDocument(input, { limits: documentLimits, ...charset })
  if (!xml.ok) return xml
  const reader = new Reader(options.profile ?? vobizProfile, options.compat ?? lenient)
  return reader.document(xml.value)
}

/** What an attribute is when the document does not give it. */
export function defaultOf(profile: Profile, element: ElementName, attribute: string): AttributeValue | undefined {
  const spec = profile.elements[element].attributes[attribute]
  return spec !== undefined && 'default' in spec ? spec.default : undefined
}

class Reader {
  readonly #profile: Profile
  readonly #compat: Compat
  readonly #faults: Fault[] = []
  readonly #warnings: Fault[] = []

  constructor(profile: Profile, compat: Compat) {
    this.#profile = profile
    this.#compat = compat
  }

  document(root: XmlElement): Parsed<VobizDocument> {
    if (root.name !== 'Response') {
      const remedy = 'the root element is <Response>, spelled so and without a namespace'
      return {
        ok: false,
        faults: [faultAt(root, { code: 'vobiz.root', message: `<${root.name}> is no document`, remedy })],
      }
    }
    for (const name of Object.keys(root.attributes)) this.#unknownAttribute(root, name)
    this.#strayText(root, 'ignore')
    const elements = this.#children(root, this.#profile.response)
    if (this.#faults.length > 0) return { ok: false, faults: this.#faults }
    this.#adviseOrder(root, elements)
    return { ok: true, value: { profile: this.#profile.name, elements }, warnings: this.#warnings }
  }

  #children(parent: XmlElement, allowed: readonly string[]): VobizElement[] {
    const elements: VobizElement[] = []
    for (const child of elementsOf(parent)) {
      const element = this.#element(child, parent, allowed)
      if (element !== undefined) elements.push(element)
    }
    return elements
  }

  #element(xml: XmlElement, parent: XmlElement, allowed: readonly string[]): VobizElement | undefined {
    const name = this.#nameOf(xml, parent, allowed)
    if (name === undefined) return undefined
    const spec = this.#profile.elements[name]
    const markup = spec.text === 'ssml' && elementsOf(xml).length > 0
    const text = (markup ? this.#spoken(xml) : textOf(xml)).trim()
    if (spec.text === 'none') this.#strayText(xml, name === 'Hangup' ? 'refuse' : 'ignore')
    if (spec.text === 'required' && text === '') {
      this.#fault(xml, 'vobiz.missing', `<${name}> is empty`, `write what it needs between <${name}> and </${name}>`)
    }
    const element = {
      name,
      attributes: this.#attributes(xml, name, spec),
      text: spec.text === 'none' ? '' : text,
      ...(markup ? { ssml: xml.children.map(markupOf) } : {}),
      children: markup ? [] : this.#children(xml, spec.children),
      place: lineColumn(xml.source, xml.start),
    }
    return element as VobizElement
  }

  #nameOf(xml: XmlElement, parent: XmlElement, allowed: readonly string[]): ElementName | undefined {
    const { name } = xml
    if (allowed.includes(name)) return name as ElementName
    const alias = parent.name === 'Response' ? this.#profile.aliases[name as ElementName] : undefined
    if (alias !== undefined) {
      this.#warn(xml, 'vobiz.alias', `<${name}> is the other vendor's`, `write <${alias}>`)
      return name as ElementName
    }
    if (Object.hasOwn(this.#profile.elements, name)) {
      const here = this.#profile.response.includes(name as ElementName)
      const message = here
        ? `<${name}> may not stand inside <${parent.name}>`
        : `<${name}> is no element of ${this.#profile.source} at this place`
      this.#fault(xml, here ? 'vobiz.nesting' : 'vobiz.unknown-element', message, verbHints[name])
      return undefined
    }
    const lower = name.toLowerCase()
    const meant = Object.keys(this.#profile.elements).find((known) => known.toLowerCase() === lower)
    const remedy = meant === undefined ? verbHints[name] : `names are case-sensitive: write <${meant}>`
    this.#fault(xml, 'vobiz.unknown-element', `there is no element <${name}>`, remedy)
    return undefined
  }

  #attributes(xml: XmlElement, name: ElementName, spec: ElementSpec): Record<string, AttributeValue> {
    const attributes: Record<string, AttributeValue> = {}
    for (const [attribute, raw] of Object.entries(xml.attributes)) {
      if (!Object.hasOwn(spec.attributes, attribute)) {
        this.#unknownAttribute(xml, attribute)
        continue
      }
      const read = readAttribute(name, attribute, spec.attributes[attribute]!, raw, this.#compat)
      if ('value' in read) attributes[attribute] = read.value
      if ('refused' in read) this.#fault(xml, 'vobiz.value', read.refused, undefined, attribute)
      if ('ignored' in read) this.#warn(xml, 'vobiz.value', read.ignored, undefined, attribute)
    }
    for (const needed of spec.needs ?? []) {
      if (attributes[needed] !== undefined) continue
      const report = this.#compat.badValue === 'refuse' ? this.#fault : this.#warn
      report.call(this, xml, 'vobiz.missing', `<${name}> needs the attribute ${needed}`)
    }
    return attributes
  }

  /** The words of speech markup, for voices that have no use for the markup itself. */
  #spoken(xml: XmlElement): string {
    let words = ''
    for (const node of xml.children) {
      if (node.type === 'text') words += node.text
      else if (!ssmlElements.includes(node.name)) {
        this.#fault(node, 'vobiz.nesting', `<${node.name}> may not stand inside <${xml.name}>`, verbHints[node.name])
      } else if (node.name === 'break') words += ' '
      else if (node.name === 'sub') words += node.attributes.alias ?? this.#spoken(node)
      else words += this.#spoken(node)
    }
    return words
  }

  #strayText(xml: XmlElement, otherwise: 'ignore' | 'refuse'): void {
    const node = xml.children.find((child) => child.type === 'text' && child.text.trim() !== '')
    if (node === undefined) return
    const offset = node.start + xml.source.slice(node.start, node.end).search(/\S/)
    const fault: Fault = {
      code: 'vobiz.text',
      place: lineColumn(xml.source, offset),
      message: `<${xml.name}> takes no text, near ${excerpt(xml.source, offset)}`,
    }
    const refused = otherwise === 'refuse' || this.#compat.strayText === 'refuse'
    ;(refused ? this.#faults : this.#warnings).push(fault)
  }

  /** What a valid document does that its author may not have meant. */
  #adviseOrder(root: XmlElement, elements: readonly VobizElement[]): void {
    const sources = elementsOf(root)
    elements.forEach((element, index) => {
      const last = index === elements.length - 1
      const source = sources[index] as XmlElement
      if (element.name === 'Hangup' && element.attributes.schedule === undefined && !last) {
        this.#warn(source, 'vobiz.never-run', 'what follows this <Hangup> is never run')
      } else if (element.name === 'Redirect' && !last) {
        this.#warn(source, 'vobiz.never-run', 'what follows this <Redirect> is never run')
      } else if (element.name === 'Hangup' && element.attributes.schedule !== undefined && last) {
        const message = 'nothing follows this scheduled <Hangup>, so the call ends at once'
        const remedy =
          'put it before what it shall cut short (the vendor’s sample "Hang up after a minute" has this mistake)'
        if (this.#compat.scheduleLast === 'end') this.#warn(source, 'vobiz.schedule-last', message, remedy)
      }
    })
  }

  #unknownAttribute(xml: XmlElement, attribute: string): void {
    const message = `<${xml.name}> has no attribute ${attribute}: it is ignored`
    this.#warn(xml, 'vobiz.unknown-attribute', message, undefined, attribute)
  }

  #fault(xml: XmlElement, code: DocumentFaultCode, message: string, remedy?: string, attribute?: string): void {
    this.#faults.push(faultAt(xml, what(code, message, remedy, attribute)))
  }

  #warn(xml: XmlElement, code: DocumentFaultCode, message: string, remedy?: string, attribute?: string): void {
    this.#warnings.push(faultAt(xml, what(code, message, remedy, attribute)))
  }
}

function markupOf(node: XmlNode): Markup {
  if (node.type === 'text') return node.text
  return { name: node.name, attributes: { ...node.attributes }, children: node.children.map(markupOf) }
}

function what(code: DocumentFaultCode, message: string, remedy?: string, attribute?: string) {
  return {
    code,
    message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(attribute === undefined ? {} : { attribute }),
  }
}
