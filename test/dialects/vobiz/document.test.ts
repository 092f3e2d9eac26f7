import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plivoProfile } from '../../../src/dialects/plivo/profile.ts'
import { lenient, strict } from '../../../src/dialects/vobiz/compat.ts'
import {
  type DocumentOptions,
  defaultOf,
  parseDocument,
  type VobizDocument,
} from '../../../src/dialects/vobiz/document.ts'
import { carriedOut, type ElementName, vobizElements } from '../../../src/dialects/vobiz/elements.ts'
import { vobizProfile } from '../../../src/dialects/vobiz/profile.ts'
import { type ElementDraft, writeDocument } from '../../../src/dialects/vobiz/write.ts'

const runs = process.env.ONHOOK_LONG ? 100_000 : 1_000

function read(xml: string, options: DocumentOptions = {}) {
  const parsed = parseDocument(xml, options)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return parsed
}

function elements(xml: string, options: DocumentOptions = {}): VobizDocument['elements'] {
  return read(xml, options).value.elements
}

function faults(xml: string, options: DocumentOptions = {}) {
  const parsed = parseDocument(xml, options)
  if (parsed.ok) throw new Error(`was accepted: ${xml}`)
  return parsed.faults
}

const response = (inner: string) => `<Response>${inner}</Response>`

describe('the Hangup element', () => {
  it('has its two attributes', () => {
    expect(elements(response('<Hangup reason="busy" schedule="60"/><Wait/>'))[0]).toEqual({
      name: 'Hangup',
      attributes: { reason: 'busy', schedule: 60 },
      text: '',
      children: [],
      place: '1:11',
    })
  })

  it.each(['test', 'Busy', 'REJECTED', ''])(
    'H18: reason="%s" is ignored with a warning, refused in strict',
    (reason) => {
      const xml = response(`<Hangup reason="${reason}"/>`)
      expect(read(xml)).toMatchObject({
        value: { elements: [{ attributes: {} }] },
        warnings: [{ code: 'vobiz.value', place: '1:19' }],
      })
      expect(elements(xml)[0]?.attributes).toEqual({})
      expect(faults(xml, { compat: strict })).toMatchObject([{ code: 'vobiz.value', place: '1:19' }])
    },
  )

  it.each(['0', '-1', ' -60 '])('H19: schedule="%s" means now with a warning, refused in strict', (schedule) => {
    const xml = response(`<Hangup schedule="${schedule}"/>`)
    expect(elements(xml)[0]?.attributes).toEqual({})
    expect(read(xml).warnings).toMatchObject([{ code: 'vobiz.value' }])
    expect(faults(xml, { compat: strict })).toMatchObject([{ code: 'vobiz.value' }])
  })

  it.each(['abc', '1.5', '60s', '1000000000000', '86401', '', '1e3', '0x10', '９'])(
    'H20: schedule="%s" is never a silent no-op',
    (schedule) => {
      const xml = response(`<Hangup schedule="${schedule}"/><Wait/>`)
      for (const compat of [lenient, strict]) expect(faults(xml, { compat })).toMatchObject([{ code: 'vobiz.value' }])
    },
  )

  it('takes the whole documented range', () => {
    expect(elements(response('<Hangup schedule="1"/><Wait/>'))[0]?.attributes).toEqual({ schedule: 1 })
    expect(elements(response('<Hangup schedule="86400"/><Wait/>'))[0]?.attributes).toEqual({ schedule: 86_400 })
  })

  it.each([
    ['text', '<Hangup>bye</Hangup>', 'vobiz.text'],
    ['a child', '<Hangup><Wait/></Hangup>', 'vobiz.nesting'],
    ['an unknown child', '<Hangup><Reason/></Hangup>', 'vobiz.unknown-element'],
  ])('H21: %s in it makes the document invalid', (_name, xml, code) => {
    expect(faults(response(xml))).toMatchObject([{ code }])
  })

  it('may be written as a pair of tags with blanks between', () => {
    expect(elements(response('<Hangup>\n </Hangup>'))).toHaveLength(1)
  })

  it.each(['Gather action="http://x/"', 'Dial', 'PreAnswer'])('H23: may not stand inside <%s>', (outer) => {
    const name = outer.split(' ')[0]
    expect(faults(response(`<${outer}><Hangup/></${name}>`))).toMatchObject([{ code: 'vobiz.nesting' }])
  })
})

describe('the whole document', () => {
  it('H22: is checked beyond a Hangup that ends it', () => {
    expect(faults(response('<Hangup/><Speek>x</Speek>'))).toMatchObject([{ code: 'vobiz.unknown-element' }])
    expect(faults(response('<Hangup/><Wait length="x"/>'))).toMatchObject([{ code: 'vobiz.value' }])
  })

  it.each([
    ['another root', '<Reply/>', 'vobiz.root'],
    ['a root in another case', '<response/>', 'vobiz.root'],
    ['a namespace prefix', '<v:Response xmlns:v="urn:v"/>', 'vobiz.root'],
    ['two roots', '<Response/><Response/>', 'xml.malformed'],
    ['JSON', '{"a":1}', 'xml.malformed'],
    ['an HTML page', '<!DOCTYPE html><html/>', 'xml.doctype'],
    ['nothing', '', 'xml.empty'],
    ['more than 100 KB', response(`<Speak>${'x'.repeat(102_400)}</Speak>`), 'xml.too-large'],
    ['a bare ampersand', response('<Play>http://x/?a=1&b=2</Play>'), 'xml.malformed'],
  ])('H25, H26: %s is invalid', (_name, xml, code) => {
    expect(faults(xml)).toMatchObject([{ code }])
  })

  it('lists every fault at once, each with its place and path', () => {
    const found = faults(response('\n<speak>x</speak>\n<Wait length="0"/><Play/>'))
    expect(found.map(({ code, place }) => [code, place])).toEqual([
      ['vobiz.unknown-element', '2:1'],
      ['vobiz.value', '3:7'],
      ['vobiz.missing', '3:19'],
    ])
    expect(found[0]).toMatchObject({ remedy: 'names are case-sensitive: write <Speak>' })
    expect(found[1]?.message).toContain('/Response/Wait')
  })

  it.each([
    ['Say', 'Speak'],
    ['Pause', 'Wait'],
    ['Reject', 'Hangup'],
  ])('hints at what Twilio’s <%s> is here', (verb, word) => {
    expect(faults(response(`<${verb}/>`))[0]?.remedy).toContain(word)
  })

  it('warns of unknown attributes and ignores them', () => {
    const parsed = read('<Response version="1"><Speak voise="MAN">x</Speak></Response>')
    expect(parsed.warnings.map(({ code, place }) => [code, place])).toEqual([
      ['vobiz.unknown-attribute', '1:11'],
      ['vobiz.unknown-attribute', '1:30'],
    ])
    expect(parsed.value.elements[0]?.attributes).toEqual({})
  })

  it('warns of a schedule that is last, and names the sample', () => {
    const { warnings } = read(response('<Speak>Hello</Speak><Hangup schedule="60"/>'))
    expect(warnings).toMatchObject([{ code: 'vobiz.schedule-last' }])
    expect(warnings[0]?.remedy).toContain('Hang up after a minute')
  })

  it('warns of what is never run', () => {
    expect(read(response('<Hangup/><Wait/>')).warnings).toMatchObject([{ code: 'vobiz.never-run' }])
    expect(read(response('<Redirect>http://x/</Redirect><Wait/>')).warnings).toMatchObject([
      { code: 'vobiz.never-run' },
    ])
  })

  it('ignores stray text, or refuses it in strict', () => {
    expect(read(response(' hi <Wait>x</Wait>')).warnings.map(({ code }) => code)).toEqual(['vobiz.text', 'vobiz.text'])
    expect(faults(response(' hi <Wait/>'), { compat: strict })).toMatchObject([{ code: 'vobiz.text', place: '1:12' }])
  })
})

describe('the other elements', () => {
  it('speaks the words of speech markup', () => {
    const [speak] = elements(
      response(
        '<Speak voice="Polly.Amy">One <break time="1s"/><emphasis>two</emphasis> <sub alias="three">3</sub></Speak>',
      ),
    )
    expect(speak).toMatchObject({ text: 'One  two three' })
    expect(faults(response('<Speak><blink>x</blink></Speak>'))).toMatchObject([{ code: 'vobiz.nesting' }])
  })

  it.each(['-1', 'x', '1.5'])('loop="%s" has always been invalid', (loop) => {
    expect(faults(response(`<Play loop="${loop}">http://x/a.wav</Play>`))).toMatchObject([{ code: 'vobiz.value' }])
  })

  it('falls back on documented defaults for values that are not documented, and refuses them in strict', () => {
    const xml = response(
      '<Gather action="http://x/" executionTimeout="120" inputType="voice" log="yes" redirect="False"/>',
    )
    expect(elements(xml)[0]?.attributes).toEqual({ action: 'http://x/', redirect: false })
    expect(read(xml).warnings).toHaveLength(3)
    expect(faults(xml, { compat: strict })).toHaveLength(4)
  })

  it('misses an action of Gather', () => {
    expect(read(response('<Gather/>')).warnings).toMatchObject([{ code: 'vobiz.missing' }])
    expect(faults(response('<Gather/>'), { compat: strict })).toMatchObject([{ code: 'vobiz.missing' }])
  })

  const vendors: readonly [xml: string, vobiz: 'ok' | 'warned' | 'invalid', plivo: 'ok' | 'warned' | 'invalid'][] = [
    ['<Gather action="http://x/"/>', 'ok', 'invalid'],
    ['<GetDigits action="http://x/"/>', 'warned', 'ok'],
    ['<GetInput action="http://x/"/>', 'warned', 'ok'],
    ['<MultiPartyCall role="agent">room</MultiPartyCall>', 'invalid', 'ok'],
    ['<Message src="1" dst="2">hi</Message>', 'invalid', 'ok'],
    ['<PreAnswer><Redirect>http://x/</Redirect></PreAnswer>', 'invalid', 'ok'],
    ['<PreAnswer><Speak>x</Speak><Wait/></PreAnswer>', 'ok', 'ok'],
    ['<Dial><Number>1</Number><User>sip:a@b</User></Dial>', 'ok', 'ok'],
    ['<Dial>14155551234</Dial>', 'ok', 'ok'],
    ['<Number>1</Number>', 'invalid', 'invalid'],
    ['<Conference stayAlone="true">r</Conference>', 'ok', 'ok'],
    ['<Conference maxMembers="5">r</Conference>', 'warned', 'ok'],
    ['<Stream maxRetries="3">wss://x/</Stream>', 'ok', 'warned'],
    ['<Wait min_silence="5"/>', 'warned', 'ok'],
    ['<DTMF digits="12"/>', 'invalid', 'ok'],
    ['<DTMF async="false">12</DTMF>', 'ok', 'ok'],
    ['<GetSpeech/>', 'invalid', 'invalid'],
    ['<SIPTransfer/>', 'invalid', 'invalid'],
    ['<Record action="http://x/"/>', 'ok', 'ok'],
  ]
  it.each(vendors)('%s is %s for Vobiz and %s for Plivo', (xml, vobiz, plivo) => {
    const outcome = (options: DocumentOptions) => {
      const parsed = parseDocument(response(xml), options)
      return !parsed.ok ? 'invalid' : parsed.warnings.length > 0 ? 'warned' : 'ok'
    }
    expect([outcome({ profile: vobizProfile }), outcome({ profile: plivoProfile })]).toEqual([vobiz, plivo])
  })

  it('knows where the vendors’ defaults differ', () => {
    const both = (element: ElementName, attribute: string) => [
      defaultOf(vobizProfile, element, attribute),
      defaultOf(plivoProfile, element, attribute),
    ]
    expect(both('Record', 'redirect')).toEqual([false, true])
    expect(both('Record', 'timeout')).toEqual([60, 15])
    expect(both('Record', 'finishOnKey')).toEqual(['1234567890*#', '#'])
    expect(both('Conference', 'stayAlone')).toEqual([false, true])
    expect(both('Speak', 'loop')).toEqual([1, 1])
    expect(both('Hangup', 'schedule')).toEqual([undefined, undefined])
  })

  it('answers a call as the table says', () => {
    const silent = Object.entries(vobizElements).flatMap(([name, spec]) => (spec.answers ? [] : [name]))
    expect(silent.filter((name) => vobizProfile.response.includes(name as ElementName)).sort()).toEqual(
      ['Dial', 'Hangup', 'PreAnswer', 'Redirect', 'Wait'].sort(),
    )
    expect(carriedOut).toHaveLength(6)
  })
})

describe('writing documents', () => {
  it.each([
    '<Response><Hangup/></Response>',
    '<Response><Hangup reason="rejected"/></Response>',
    '<Response><Hangup reason="busy"/></Response>',
    '<Response><Hangup schedule="60"/><Speak>Hello</Speak></Response>',
    '<Response></Response>',
    '<Response><Speak voice="MAN" loop="0">a &amp; b</Speak><Play>https://x/a.mp3?a=1&amp;b=2</Play></Response>',
    '<Response><PreAnswer><Wait length="3"/></PreAnswer><Redirect method="GET">https://x/</Redirect></Response>',
    '<Response><Speak>One <break time="1s"/>two</Speak></Response>',
    '<Response><Dial timeout="20"><Number sendDigits="1">1</Number></Dial></Response>',
  ])('writes %s back byte for byte', (xml) => {
    expect(writeDocument(read(xml).value)).toBe(xml)
  })

  it('reads back what it wrote', () => {
    const words = fc
      .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
      .filter((text) => text.trim() !== '')
    const leaf: fc.Arbitrary<ElementDraft> = fc.oneof(
      fc.record({
        name: fc.constant('Hangup' as const),
        attributes: fc.record(
          { reason: fc.constantFrom('busy', 'rejected'), schedule: fc.integer({ min: 1, max: 86_400 }) },
          { requiredKeys: [] },
        ),
      }),
      fc.record({
        name: fc.constant('Speak' as const),
        text: words,
        attributes: fc.record({ loop: fc.nat(9), voice: words }, { requiredKeys: [] }),
      }),
      fc.record({ name: fc.constant('Play' as const), text: words }),
      fc.record({
        name: fc.constant('Wait' as const),
        attributes: fc.record({ length: fc.integer({ min: 1, max: 99 }), silence: fc.boolean() }, { requiredKeys: [] }),
      }),
      fc.record({ name: fc.constant('Redirect' as const), text: words }),
      fc.record({ name: fc.constant('Record' as const), attributes: fc.record({ maxLength: fc.nat(600) }) }),
    )
    fc.assert(
      fc.property(fc.array(leaf, { maxLength: 8 }), (drafts) => {
        const written = writeDocument({ elements: drafts })
        const document = read(written).value
        expect(document.elements.map(({ name }) => name)).toEqual(drafts.map(({ name }) => name))
        expect(writeDocument(document)).toBe(writeDocument(read(writeDocument(document)).value))
        document.elements.forEach((element, index) => {
          expect(element.attributes).toEqual({ ...drafts[index]?.attributes })
          expect(element.text).toBe((drafts[index]?.text ?? '').trim())
        })
      }),
      { numRuns: runs },
    )
  }, 120_000)

  it('never throws, whatever it reads', () => {
    const names = [
      'Response',
      'Hangup',
      'Speak',
      'Play',
      'Wait',
      'PreAnswer',
      'Redirect',
      'Dial',
      'Number',
      'X',
      'break',
    ]
    const piece = fc.oneof(
      fc.constantFrom(...names).map((name) => `<${name}>`),
      fc.constantFrom(...names).map((name) => `</${name}>`),
      fc.constantFrom(...names).map((name) => `<${name}/>`),
      fc
        .tuple(
          fc.constantFrom(...names),
          fc.constantFrom('loop', 'schedule', 'reason', '__proto__', 'length'),
          fc.string({ maxLength: 5 }),
        )
        .map(([name, attribute, value]) => `<${name} ${attribute}="${value}"/>`),
      fc.string({ maxLength: 6 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, wrap) => {
        const xml = wrap ? response(pieces.join('')) : pieces.join('')
        for (const options of [{}, { profile: plivoProfile, compat: strict }]) {
          const parsed = parseDocument(xml, options)
          if (parsed.ok) writeDocument(parsed.value)
          else expect(parsed.faults.length).toBeGreaterThan(0)
        }
      }),
      { numRuns: runs },
    )
  })
})
