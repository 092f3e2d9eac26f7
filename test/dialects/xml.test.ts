import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  attributeOffset,
  elementsOf,
  faultAt,
  lineColumn,
  parseXmlDocument,
  pathOf,
  textOf,
  type XmlElement,
} from '../../src/dialects/xml.ts'
import { writeXml, XmlWriteError } from '../../src/dialects/xml-write.ts'

const runs = process.env.ONHOOK_LONG ? 100_000 : 1_000

function root(input: string | Uint8Array, options = {}): XmlElement {
  const parsed = parseXmlDocument(input, options)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return parsed.value
}

function fault(input: string | Uint8Array, options = {}) {
  const parsed = parseXmlDocument(input, options)
  if (parsed.ok) throw new Error('was accepted')
  expect(parsed.faults).toHaveLength(1)
  return parsed.faults[0]!
}

describe('strict XML', () => {
  const refused: readonly [name: string, text: string, code: string, place: string][] = [
    ['a bare ampersand in text', '<R>Tom & Jerry</R>', 'xml.malformed', '1:8'],
    ['a bare ampersand in an attribute', '<R>\n <P u="a?x=1&y=2"/></R>', 'xml.malformed', '2:13'],
    ['a mismatched tag', '<R><A></B></R>', 'xml.malformed', '1:7'],
    ['an unclosed element', '<R><A/>', 'xml.malformed', '1:8'],
    ['a duplicate attribute', '<R a="1" a="2"/>', 'xml.malformed', '1:15'],
    ['a blank before the declaration', ' <?xml version="1.0"?><R/>', 'xml.malformed', '1:2'],
    ['two roots', '<R/><R/>', 'xml.malformed', '1:5'],
    ['trailing text', '<R/>x', 'xml.malformed', '1:5'],
    ['nothing', '', 'xml.empty', '1:1'],
    ['blanks', ' \n ', 'xml.empty', '1:1'],
    ['JSON', '{"a":1}', 'xml.malformed', '1:1'],
    ['an HTML page', '<!DOCTYPE html><html></html>', 'xml.doctype', '1:1'],
    [
      'a lower-case doctype after a comment',
      '<?xml version="1.0"?>\n<!-- x --><!doctype R><R/>',
      'xml.doctype',
      '2:11',
    ],
    ['an unknown entity', '<R>&nbsp;</R>', 'xml.malformed', '1:4'],
    ['an entity bomb', '<!DOCTYPE R [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><R>&b;</R>', 'xml.doctype', '1:1'],
    ['a fault after an astral character', '<R>\u{1f4de} & </R>', 'xml.malformed', '1:7'],
    ['nesting beyond the cap', '<R>'.repeat(9) + '</R>'.repeat(9), 'xml.too-deep', '1:25'],
    ['nesting beyond the stack', '<R>'.repeat(34_000), 'xml.too-deep', '1:1'],
    ['too many elements', `<R>${'<A/>'.repeat(1000)}</R>`, 'xml.too-many-elements', '1:4000'],
    ['too many bytes', `<R>${'x'.repeat(102_400)}</R>`, 'xml.too-large', '1:1'],
    ['too many bytes in few characters', `<R>${'\u20ac'.repeat(40_000)}</R>`, 'xml.too-large', '1:1'],
  ]
  it.each(refused)('refuses %s', (_name, text, code, place) => {
    expect(fault(text)).toMatchObject({ code, place })
  })

  it('lets the caller choose the caps', () => {
    const deep = '<R>'.repeat(9) + '</R>'.repeat(9)
    expect(root(deep, { limits: { depth: 9 } }).name).toBe('R')
    expect(fault('<R><A/></R>', { limits: { elements: 1 } }).code).toBe('xml.too-many-elements')
    expect(fault('<R/>', { limits: { bytes: 3 } }).code).toBe('xml.too-large')
  })

  it('takes the word DOCTYPE inside content or a comment for what it is', () => {
    expect(textOf(root('<!-- <!DOCTYPE x> --><R><![CDATA[<!DOCTYPE x>]]></R>'))).toBe('<!DOCTYPE x>')
  })

  it('names path and excerpt in faults at elements and attributes', () => {
    const wait = root('<Response>\n  <Wait/>\n  <Wait  silence="a length=1" length="x"/>\n</Response>')
    const second = elementsOf(wait)[1]!
    expect(faultAt(second, { code: 'x.y', message: 'bad', attribute: 'length', remedy: 'mend' })).toEqual({
      code: 'x.y',
      place: '3:31',
      message: 'bad, at /Response/Wait[2] near `length="x"/> </Response>`',
      remedy: 'mend',
    })
    expect(attributeOffset(second, 'absent')).toBe(second.start)
    expect(lineColumn(second.source, second.start)).toBe('3:3')
    expect(pathOf(elementsOf(root('<a><b><c/></b></a>'))[0]!)).toBe('/a/b')
  })

  const encodings: readonly [name: string, bytes: Uint8Array, charset: string | undefined][] = [
    ['UTF-8', new TextEncoder().encode('<R>é</R>'), undefined],
    ['UTF-8 with a byte order mark', new TextEncoder().encode('\ufeff<R>é</R>'), 'iso-8859-1'],
    ['UTF-16LE with a byte order mark', Buffer.from('\ufeff<R>é</R>', 'utf16le'), undefined],
    ['UTF-16BE with a byte order mark', Buffer.from('\ufeff<R>é</R>', 'utf16le').swap16(), undefined],
    ['the charset of the transport', Buffer.from('<R>é</R>', 'latin1'), 'ISO-8859-1'],
    [
      'the encoding of the declaration',
      Buffer.from('<?xml version="1.0" encoding="windows-1252"?><R>é</R>', 'latin1'),
      undefined,
    ],
  ]
  it.each(encodings)('decodes %s', (_name, bytes, charset) => {
    expect(textOf(root(bytes, charset === undefined ? {} : { charset }))).toBe('é')
  })

  it('refuses bytes that are not what they are said to be', () => {
    expect(fault(Buffer.from('<R>é</R>', 'latin1')).code).toBe('xml.charset')
    expect(fault(Buffer.from('<R/>'), { charset: 'klingon' }).code).toBe('xml.charset')
  })

  it('never throws, whatever the input', () => {
    const soup = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '/',
        '&',
        '"',
        "'",
        '=',
        'R',
        ' ',
        '\n',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<?',
        '?>',
        '<!DOCTYPE',
        '&#x0;',
        '&amp;',
        '\ufeff',
        '\u{1f4de}',
        '\ud800',
        'xml:space',
      ),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          soup.map((parts) => parts.join('')),
          fc.uint8Array(),
        ),
        (input) => {
          const parsed = parseXmlDocument(input)
          expect(typeof parsed.ok).toBe('boolean')
        },
      ),
      { numRuns: runs },
    )
  })
})

describe('writing XML', () => {
  const characters = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .map((text) => text.replaceAll(/[\ud800-\udfff\ufffe\uffff]/gu, ''))
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9._-]{0,6}$/).filter((text) => text !== '__proto__')
  const special = fc.constantFrom('\r', '\n', '\t', ' ', ']]>', '&', '<', '"', "'", '&amp;')
  const text = fc.array(fc.oneof(characters, special), { maxLength: 4 }).map((parts) => parts.join(''))
  const { tree } = fc.letrec((tie) => ({
    tree: fc.record({
      name,
      attributes: fc.dictionary(name, text, { maxKeys: 3 }),
      children: fc.array(fc.oneof({ depthSize: 'small', maxDepth: 4 }, text, tie('tree')), { maxLength: 3 }),
    }),
  })) as { tree: fc.Arbitrary<Parameters<typeof writeXml>[0]> }

  /** The tree without positions, adjacent text joined, empty text dropped. */
  function plain(spec: Parameters<typeof writeXml>[0]): unknown {
    const children: unknown[] = []
    for (const child of spec.children ?? []) {
      const piece = typeof child === 'string' ? child : 'text' in child ? child.text : plain(child)
      const last = children.at(-1)
      if (piece === '') continue
      if (typeof piece === 'string' && typeof last === 'string') children[children.length - 1] = last + piece
      else children.push(piece)
    }
    return { name: spec.name, attributes: { ...spec.attributes }, children }
  }

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(tree, (spec) => {
        const written = writeXml(spec, { declaration: true })
        const back = root(written, { limits: { depth: 100, elements: 10_000 } })
        expect(plain(back)).toEqual(plain(spec))
        expect(writeXml(back, { declaration: true })).toBe(written)
      }),
      { numRuns: runs / 2 },
    )
  }, 120_000)

  it('indents only where no text could change', () => {
    const spec = root('<R><A>t</A><B><C/></B></R>')
    expect(writeXml(spec, { indent: 2, declaration: true })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<R>\n  <A>t</A>\n  <B>\n    <C/>\n  </B>\n</R>',
    )
  })

  it('leaves undefined attributes out and writes numbers and booleans', () => {
    expect(writeXml({ name: 'Play', attributes: { loop: 0, beep: false, x: undefined } })).toBe(
      '<Play loop="0" beep="false"/>',
    )
  })

  it('refuses what XML cannot carry, or replaces it when told to', () => {
    expect(() => writeXml({ name: 'a b' })).toThrow(XmlWriteError)
    expect(() => writeXml({ name: 'a', children: ['\0'] })).toThrow(XmlWriteError)
    expect(() => writeXml({ name: 'a', attributes: { x: '\ud800' } })).toThrow(XmlWriteError)
    expect(writeXml({ name: 'a', children: ['x\0\ud800y'] }, { unrepresentable: 'replace' })).toBe(
      '<a>x\ufffd\ufffdy</a>',
    )
  })
})
