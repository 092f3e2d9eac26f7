import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { to } from '../../../src/sip/message/accessors.ts'
import { headersOf, request, responseTo, serialise } from '../../../src/sip/message/build.ts'
import { HeaderNameError } from '../../../src/sip/message/headers.ts'
import { parse } from '../../../src/sip/message/parse.ts'

const invite = () =>
  request({
    method: 'INVITE',
    uri: 'sip:bob@example.com',
    headers: [
      ['Via', 'SIP/2.0/UDP b;branch=z9hG4bK2, SIP/2.0/TCP a;branch=z9hG4bK1'],
      ['Via', 'SIP/2.0/UDP c'],
      ['Record-Route', '<sip:p2;lr>, <sip:p1;lr>'],
      ['From', '"Á" <sip:a@b>;tag=1'],
      ['To', 'Bob <sip:bob@example.com>;x=1'],
      ['Call-ID', 'call@1'],
      ['CSeq', '7 INVITE'],
      ['Timestamp', '54'],
      ['Subject', 'not copied'],
    ],
  })

const names = (message: ReturnType<typeof responseTo>) => [...message.headers].map(([name]) => name)

describe('a response copies what RFC 3261 §8.2.6 names', () => {
  test('the Via stack, From, To, Call-ID and CSeq, in order and unchanged; a To tag is added', () => {
    const response = responseTo(invite(), 486, undefined, 'mine')
    expect([...response.headers]).toEqual([
      ['Via', 'SIP/2.0/UDP b;branch=z9hG4bK2, SIP/2.0/TCP a;branch=z9hG4bK1'],
      ['Via', 'SIP/2.0/UDP c'],
      ['From', '"Á" <sip:a@b>;tag=1'],
      ['To', 'Bob <sip:bob@example.com>;x=1;tag=mine'],
      ['Call-ID', 'call@1'],
      ['CSeq', '7 INVITE'],
    ])
    expect(response).toMatchObject({ status: 486, reason: 'Busy Here' })
  })

  test('a To tag that is there stays', () => {
    const first = invite()
    first.headers.set('To', '<sip:bob@example.com>;tag=theirs')
    expect(to(responseTo(first, 200, 'OK', 'mine'))?.tag).toBe('theirs')
  })

  test('a 100 has no tag of ours, and a Timestamp', () => {
    const response = responseTo(invite(), 100, undefined, 'mine')
    expect(to(response)?.tag).toBeUndefined()
    expect(names(response)).toContain('Timestamp')
  })

  test.each([
    ['INVITE', 180, true],
    ['INVITE', 200, true],
    ['INVITE', 100, false],
    ['INVITE', 302, false],
    ['INVITE', 486, false],
    ['SUBSCRIBE', 200, true],
    ['REFER', 202, true],
    ['BYE', 200, false],
    ['OPTIONS', 200, false],
  ])('Record-Route to %s %i: %s', (method, status, copied) => {
    expect(names(responseTo({ ...invite(), method }, status)).includes('Record-Route')).toBe(copied)
  })

  test('an unknown status has its class’s phrase', () => {
    expect(responseTo(invite(), 499).reason).toBe('Request Failure')
    expect(responseTo(invite(), 607).reason).toBe('Unwanted')
  })
})

describe('a message is written', () => {
  test('with a Content-Length that is true, whatever was set', () => {
    const message = request({
      method: 'INFO',
      uri: 'sip:a@b',
      headers: [
        ['L', '99'],
        ['Content-Type', 'text/plain'],
      ],
      body: Buffer.from('ä'),
    })
    expect(serialise(message).toString()).toBe(
      'INFO sip:a@b SIP/2.0\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nä',
    )
  })

  test('with a start line that stays one line', () => {
    const message = request({ method: 'INFO', uri: 'sip:a b\r\nX: y', headers: [] })
    expect(serialise(message).toString()).toBe('INFO sip:a%20b%20X:%20y SIP/2.0\r\nContent-Length: 0\r\n\r\n')
  })

  test('and a name that is no token is refused', () => {
    expect(() => headersOf([['X-Ok\r\nEvil', '1']])).toThrow(HeaderNameError)
    expect(() => headersOf([['', '1']])).toThrow(HeaderNameError)
  })

  test('and read back the same', () => {
    const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9.!%*_+~-]{0,10}$/)
    const value = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/\s+/g, ' ').trim())
    const own = fc.array(
      fc.tuple(
        token.map((name) => `X-${name}`),
        value,
      ),
    )
    const body = fc.uint8Array()
    fc.assert(
      fc.property(token, own, body, (method, lines, bytes) => {
        const message = request({ method, uri: 'sip:a@b', headers: lines, body: bytes })
        const back = parse(serialise(message))
        if (back.kind !== 'request') throw new Error(back.kind)
        expect(back.method).toBe(method)
        expect([...back.headers]).toEqual([...lines, ['Content-Length', String(bytes.length)]])
        expect(Buffer.from(back.body).equals(bytes)).toBe(true)
      }),
    )
  })
})
