import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatNameAddr, parseNameAddr } from '../../../src/sip/message/name-addr.ts'

describe('a name-addr is read', () => {
  test.each([
    ['<sip:a@b>', undefined, 'sip:a@b', undefined],
    ['sip:a@b;tag=1', undefined, 'sip:a@b', '1'],
    ['<sip:a@b;tag=uri>;tag=2', undefined, 'sip:a@b;tag=uri', '2'],
    ['"A \\"B\\" <C>" <sip:a@b>;TAG=3', 'A "B" <C>', 'sip:a@b', '3'],
    ['Alice Liddell <sip:a@b> ; x="; tag=9" ; tag = 4', 'Alice Liddell', 'sip:a@b', '4'],
    ['caller<sip:a@b>;tag=5', 'caller', 'sip:a@b', '5'],
    ['"" <sip:a@b>', '', 'sip:a@b', undefined],
    ['< sip:a@b >', undefined, 'sip:a@b', undefined],
    ['tel:+15551234;phone-context=x', undefined, 'tel:+15551234', undefined],
    ['sip:a@b;x="<";tag=6', undefined, 'sip:a@b', '6'],
    ['<sip:a@b>;tag', undefined, 'sip:a@b', undefined],
    ['<sip:a@b>;notag=1;tagged=2', undefined, 'sip:a@b', undefined],
  ])('%s', (raw, display, uri, tag) => {
    const value = parseNameAddr(raw)
    expect(value?.display).toBe(display)
    expect(value?.uri).toBe(uri)
    expect(value?.tag).toBe(tag)
    expect(value?.params.get('tag')).toBe(tag)
  })

  test.each(['', '<>', '"open <sip:a@b>', '<sip:a@b', '"a" junk <sip:a@b>', ';tag=1'])('or refused: %s', (raw) => {
    expect(parseNameAddr(raw)).toBeUndefined()
  })
})

test('what is written is read back the same', () => {
  const text = fc.string({ unit: 'grapheme' }).map((value) => value.replace(/[\r\n]+/g, ' '))
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
  const params = fc.uniqueArray(fc.tuple(name, fc.option(text, { nil: undefined })), { selector: ([key]) => key })
  fc.assert(
    fc.property(fc.option(text, { nil: undefined }), params, (display, list) => {
      const value = { display, uri: 'sip:a%20b@host;lr', params: new Map(list) }
      const read = parseNameAddr(formatNameAddr(value))
      expect(read?.display).toBe(display)
      expect(read?.uri).toBe(value.uri)
      expect([...(read?.params ?? [])]).toEqual(list)
      for (const [key, content] of list) expect(read?.param(key)).toBe(content ?? '')
    }),
  )
})
