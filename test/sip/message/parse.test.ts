import { describe, expect, test } from 'vitest'
import { parse } from '../../../src/sip/message/parse.ts'

const read = (text: string) => parse(Buffer.from(text, 'latin1'))

describe('a start line', () => {
  test.each([
    ['INVITE sip:a SIP/2.0', { kind: 'request', method: 'INVITE', uri: 'sip:a', version: 'SIP/2.0' }],
    ['\r\n\r\n  INVITE sip:a SIP/2.0', { kind: 'request', method: 'INVITE' }],
    ['invite sip:a sip/2.0', { kind: 'request', method: 'invite', version: 'sip/2.0' }],
    ['SIP/2.0 200 OK', { kind: 'response', status: 200, reason: 'OK' }],
    ['SIP/2.0 200', { kind: 'response', status: 200, reason: '' }],
    ['SIP/2.0  180   Now  ringing ', { kind: 'response', status: 180, reason: 'Now  ringing' }],
  ])('%j is read', (line, parts) => {
    expect(read(`${line}\r\n\r\n`)).toMatchObject(parts)
    expect(read(line)).toMatchObject(parts)
  })

  test.each([
    'INVITE',
    'SIP/2.0',
    'SIP/2.0 OK',
    'SIP/2.0 -1 x',
    ' ',
    'GET / HTTP/1.1',
    '\u0000\u0001\u0002',
    'INVITE sip:a',
  ])('%j is a fault', (line) => {
    expect(read(`${line}\r\n\r\n`).kind).toBe('fault')
  })

  test('of a request without a version still lets it be answered', () => {
    const fault = read('GET / HTTP/1.1\r\nVia: SIP/2.0/TCP a\r\n\r\n')
    expect(fault).toMatchObject({ code: 'sip.parse.start-line', message: { kind: 'request', method: 'GET' } })
  })
})

describe('a body', () => {
  test.each([
    ['Content-Length: 2\r\n\r\nabcd', 'ab'],
    ['\r\nabcd', 'abcd'],
    ['Content-Length: 9\r\n\r\nabcd', 'abcd'],
    ['Content-Length: x\r\n\r\nabcd', 'abcd'],
    ['Content-Length: 0\r\n\r\nabcd', ''],
    ['Content-Length: 4\r\n', ''],
  ])('%j', (rest, body) => {
    const message = read(`MESSAGE sip:a SIP/2.0\r\n${rest}`)
    expect(message.kind !== 'fault' && Buffer.from(message.body).toString()).toBe(body)
  })
})

test('more header lines than any message needs are a fault', () => {
  const lines = 'X: 1\r\n'.repeat(600)
  expect(read(`INVITE sip:a SIP/2.0\r\n${lines}\r\n`)).toMatchObject({
    code: 'sip.parse.too-many-headers',
    message: { kind: 'request' },
  })
})

test('an empty datagram is a fault of its own', () => {
  expect(parse(new Uint8Array(0))).toMatchObject({ code: 'sip.parse.empty' })
  expect(read('\r\n\r\n')).toMatchObject({ code: 'sip.parse.empty' })
})

test('any Uint8Array will do, also a view into a larger one', () => {
  const all = new TextEncoder().encode('xxBYE sip:a SIP/2.0\r\nContent-Length: 1\r\n\r\nyz')
  expect(parse(all.subarray(2))).toMatchObject({ kind: 'request', method: 'BYE', body: { length: 1 } })
})
