import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeUser, formatUri, parseUri, sameUri, type Uri, unescapeUri } from '../../../src/sip/message/uri.ts'

describe('a URI is read', () => {
  test.each([
    ['sip:host', { scheme: 'sip', host: 'host' }],
    [
      'SIPS:Alice:secret@Example.COM:5071',
      { scheme: 'sips', user: 'Alice', password: 'secret', host: 'example.com', port: 5071 },
    ],
    ['sip:+1-555@gw;user=phone;LR', { user: '+1-555', host: 'gw' }],
    ['sip:a@[2001:db8::1]:5060;transport=tcp', { user: 'a', host: '[2001:db8::1]', port: 5060 }],
    ['sip:a;b=c?d/e@host?subject=x&to=y', { user: 'a;b=c?d/e', host: 'host', headers: 'subject=x&to=y' }],
    ['tel:+1-(555)-123.4567;ext=9', { scheme: 'tel', number: '+15551234567' }],
    ['urn:service:sos', { scheme: 'other', name: 'urn', text: 'urn:service:sos' }],
  ])('%s', (text, parts) => {
    expect(parseUri(text)).toMatchObject(parts)
  })

  test('with parameters that are kept as written', () => {
    const uri = parseUri('sip:h;Transport=UDP;lr;x=%41')
    expect(uri?.scheme === 'sip' && [...uri.params]).toEqual([
      ['transport', 'UDP'],
      ['lr', undefined],
      ['x', '%41'],
    ])
  })

  test.each([
    '',
    'sip:',
    'sip',
    ':a',
    'sip:@host',
    'sip:a@',
    'sip:a@b@c',
    'sip:a@host:port',
    'sip:a@host:99999',
    'sip:a b@host',
    'sip:a@host; lr',
    '<sip:a@host>',
    'sip:%4@host',
    'sip:a@ho"st',
    'tel:abc-xyz',
    'urn:',
    'sip:a@\u0000',
  ])('or refused: %s', (text) => {
    expect(parseUri(text)).toBeUndefined()
  })
})

describe('escapes', () => {
  test('are undone once', () => {
    expect(unescapeUri('%2541')).toBe('%41')
    expect(unescapeUri('%C3%A4%zz%')).toBe('ä%zz%')
  })

  test('any user part survives the round trip', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (user) => {
        const uri = parseUri(`sip:${escapeUser(user)}@host`)
        expect(uri?.scheme === 'sip' && unescapeUri(uri.user ?? '')).toBe(user)
      }),
    )
  })
})

test('what is written is read back the same', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/)
  const sip = fc.record(
    {
      scheme: fc.constantFrom('sip' as const, 'sips' as const),
      user: fc.string({ minLength: 1 }).map(escapeUser),
      host: fc.oneof(
        fc.domain().map((name) => name.toLowerCase()),
        fc.ipV4(),
        fc.ipV6().map((address) => `[${address.toLowerCase()}]`),
      ),
      port: fc.integer({ min: 0, max: 65535 }),
      params: fc
        .uniqueArray(fc.tuple(word, fc.option(word, { nil: undefined })), { selector: ([name]) => name })
        .map((list): ReadonlyMap<string, string | undefined> => new Map(list)),
      headers: word.map((name) => `${name}=1`),
    },
    { requiredKeys: ['scheme', 'host', 'params'] },
  )
  fc.assert(
    fc.property(sip, (uri) => {
      expect(parseUri(formatUri(uri as Uri))).toEqual(uri)
    }),
  )
})

describe('RFC 3261 §19.1.4: two URIs are the same', () => {
  const same = (a: string, b: string) => sameUri(parseUri(a) as Uri, parseUri(b) as Uri)

  test.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;newparam=5'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    [
      'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
      'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    ],
    ['tel:+1-555', 'tel:+1555'],
    ['urn:service:sos', 'urn:service:sos'],
  ])('%s and %s', (a, b) => {
    expect(same(a, b)).toBe(true)
    expect(same(b, a)).toBe(true)
  })

  test.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:a@b', 'sips:a@b'],
    ['sip:a@b;user=phone', 'sip:a@b'],
    ['sip:a@b;x=1', 'sip:a@b;x=2'],
    ['tel:+1555', 'sip:+1555@gw'],
    ['urn:service:sos', 'urn:service:police'],
  ])('%s and %s are not', (a, b) => {
    expect(same(a, b)).toBe(false)
    expect(same(b, a)).toBe(false)
  })
})
