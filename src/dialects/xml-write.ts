import type { XmlText } from './xml.ts'

/** An element to be written. A parsed element is one too. Attributes that are undefined are left out. */
export type XmlSpec = Readonly<{
  name: string
  attributes?: Readonly<Record<string, string | number | boolean | undefined>>
  children?: readonly (XmlSpec | XmlText | string)[]
}>

export type XmlWriteOptions = Readonly<{
  /** Put `<?xml version="1.0" encoding="UTF-8"?>` before it. Default false. */
  declaration?: boolean
  /** Spaces per level; only elements that hold nothing but elements are broken into lines. Default 0: one line. */
  indent?: number
  /** What to do with characters that XML 1.0 cannot carry at all (U+0000, lone surrogates …). Default `throw`. */
  unrepresentable?: 'throw' | 'replace'
}>

/** The document cannot be written: a name is not an XML name, or a character has no place in XML 1.0. */
export class XmlWriteError extends Error {
  override readonly name = 'XmlWriteError'
  readonly code: 'xml.write-name' | 'xml.write-character'

  constructor(code: XmlWriteError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Writes a document that every conforming parser reads back as the same tree: line breaks and tabs survive in
 * attributes, carriage returns in text. @throws XmlWriteError
 */
export function writeXml(root: XmlSpec, options: XmlWriteOptions = {}): string {
  const declaration = options.declaration === true ? '<?xml version="1.0" encoding="UTF-8"?>' : ''
  const indent = options.indent ?? 0
  const gap = declaration !== '' && indent > 0 ? '\n' : ''
  return declaration + gap + element(root, indent, '', options.unrepresentable === 'replace')
}

function element(spec: XmlSpec, indent: number, margin: string, replace: boolean): string {
  let open = `<${checkedName(spec.name)}`
  for (const [name, value] of Object.entries(spec.attributes ?? {})) {
    if (value !== undefined) open += ` ${checkedName(name)}="${escaped(String(value), attributeSpecials, replace)}"`
  }
  const children = spec.children ?? []
  const broken =
    indent > 0 && children.length > 0 && children.every((child) => typeof child !== 'string' && 'name' in child)
  const inner = broken ? margin + ' '.repeat(indent) : margin
  let content = ''
  for (const child of children) {
    const text = typeof child === 'string' ? child : 'name' in child ? undefined : child.text
    if (broken) content += `\n${inner}`
    content +=
      text === undefined ? element(child as XmlSpec, indent, inner, replace) : escaped(text, textSpecials, replace)
  }
  if (content === '') return `${open}/>`
  return `${open}>${content}${broken ? `\n${margin}` : ''}</${spec.name}>`
}

// XML 1.0 §2.3: Name.
const namePattern =
  /^[:A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}][-.0-9:A-Z_a-z\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c-\u200d\u203f\u2040\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}]*$/u

function checkedName(name: string): string {
  if (!namePattern.test(name)) throw new XmlWriteError('xml.write-name', `${JSON.stringify(name)} is not an XML name`)
  return name
}

// XML 1.0 §2.2: everything outside Char. Lone surrogates match because the flag `u` sees them as code points.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters looked for
const unrepresentable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/u
const everyUnrepresentable = new RegExp(unrepresentable.source, 'gu')

const textSpecials = /[&<>\r]/g
const attributeSpecials = /[&<>"\t\n\r]/g
const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
}

function escaped(text: string, specials: RegExp, replace: boolean): string {
  let clean = text
  if (unrepresentable.test(text)) {
    if (!replace) throw new XmlWriteError('xml.write-character', 'the text has a character that XML cannot carry')
    clean = text.replaceAll(everyUnrepresentable, '\ufffd')
  }
  return clean.replaceAll(specials, (character) => references[character] as string)
}
