import { describe, expect, test } from 'vitest'
import { parse } from '../../../src/sip/message/parse.ts'
import { type RequestRules, validateRequest, validateResponse } from '../../../src/sip/message/validate.ts'

const base: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP a;branch=z9hG4bK1',
  From: '<sip:a@b>;tag=1',
  To: '<sip:c@d>',
  'Call-ID': '1',
  CSeq: '1 METHOD',
}

const rules: RequestRules = {
  transport: 'UDP',
  methods: ['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS'],
  extensions: ['timer'],
}

function judge(method: string, changes: Readonly<Record<string, string | undefined>>, body = '', uri = 'sip:c@d') {
  const lines = Object.entries({ ...base, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  )
  const message = parse(
    Buffer.from(`${method} ${uri} SIP/2.0\r\n${lines.join('\r\n').replace('METHOD', method)}\r\n\r\n${body}`),
  )
  if (message.kind !== 'request') throw new Error(message.kind)
  const verdict = validateRequest(message, rules)
  return verdict.kind === 'respond' ? `${verdict.status} ${verdict.reason}` : verdict.kind
}

const sdp = { 'Content-Type': 'application/sdp' }

describe('a request is judged', () => {
  test.each<[string, Record<string, string | undefined>, string, string?]>([
    ['OPTIONS', {}, 'accept'],
    ['OPTIONS', { Via: undefined }, 'drop'],
    ['OPTIONS', { Via: 'rubbish' }, 'drop'],
    ['OPTIONS', { 'Call-ID': undefined }, '400 Missing Call-ID'],
    ['OPTIONS', { 'Call-ID': '' }, '400 Missing Call-ID'],
    ['OPTIONS', { i: '2' }, '400 Multiple Call-ID'],
    ['OPTIONS', { From: undefined }, '400 Missing From'],
    ['OPTIONS', { To: '' }, '400 Malformed To'],
    ['OPTIONS', { CSeq: '-1 OPTIONS' }, '400 Malformed CSeq'],
    ['OPTIONS', { CSeq: '4294967295 OPTIONS' }, 'accept'],
    ['OPTIONS', { CSeq: '4294967296 OPTIONS' }, '400 Malformed CSeq'],
    ['OPTIONS', { CSeq: '1 INVITE' }, '400 CSeq Method Mismatch'],
    ['OPTIONS', { 'Max-Forwards': '256' }, '400 Bad Max-Forwards'],
    ['OPTIONS', { 'Max-Forwards': 'x' }, '400 Bad Max-Forwards'],
    ['OPTIONS', { 'Max-Forwards': '0' }, 'accept'],
    ['OPTIONS', { Contact: '*' }, 'accept'],
    ['OPTIONS', { Contact: '"open <sip:a>' }, '400 Malformed Contact'],
    ['OPTIONS', { Require: 'timer' }, 'accept'],
    ['OPTIONS', { Require: '100rel, Timer' }, '420 Bad Extension'],
    ['CANCEL', { Require: '100rel' }, 'accept'],
    ['FOO', {}, '501 Not Implemented'],
    ['FOO', { CSeq: '1 BAR' }, '501 Not Implemented'],
    ['F(O', {}, '400 Malformed Method'],
    ['INVITE', {}, 'accept'],
    ['INVITE', sdp, 'accept', 'v=0'],
    ['INVITE', { 'Content-Type': 'APPLICATION/SDP; charset=utf-8' }, 'accept', 'v=0'],
    ['INVITE', { 'Content-Type': 'text/plain' }, '415 Unsupported Media Type', 'hello'],
    ['INVITE', { 'Content-Type': 'text/plain', 'Content-Disposition': 'render;handling=optional' }, 'accept', 'hello'],
    ['INVITE', {}, '415 Unsupported Media Type', 'hello'],
    ['INVITE', { ...sdp, 'Content-Encoding': 'gzip' }, '415 Unsupported Media Type', 'v=0'],
    ['INVITE', { ...sdp, e: 'identity' }, 'accept', 'v=0'],
    ['BYE', { 'Content-Type': 'text/plain' }, 'accept', 'hello'],
    ['INVITE', { Accept: 'text/plain, application/*' }, 'accept'],
    ['INVITE', { Accept: 'text/plain' }, '406 Not Acceptable'],
    ['BYE', { Accept: 'text/plain' }, 'accept'],
  ])('%s %j: %s', (method, changes, verdict, body) => {
    expect(judge(method, changes, body)).toBe(verdict)
  })

  test.each([
    ['tel:+1555', 'accept'],
    ['sips:c@d', 'accept'],
    ['mailto:c@d', '416 Unsupported URI Scheme'],
    ['c@d', '400 Malformed Request-URI'],
    ['sip:', '400 Malformed Request-URI'],
    ['sip:c@d:x', '400 Malformed Request-URI'],
  ])('by its URI %s: %s', (uri, verdict) => {
    expect(judge('OPTIONS', {}, '', uri)).toBe(verdict)
  })

  test('an ACK is never answered', () => {
    expect(judge('ACK', { To: undefined })).toBe('drop')
    expect(judge('ACK', {})).toBe('accept')
  })
})

describe('a response is judged', () => {
  const judgeResponse = (status: string, changes: Readonly<Record<string, string | undefined>> = {}) => {
    const lines = Object.entries({ ...base, CSeq: '1 INVITE', ...changes }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`],
    )
    const message = parse(Buffer.from(`SIP/2.0 ${status}\r\n${lines.join('\r\n')}\r\n\r\n`))
    if (message.kind !== 'response') throw new Error(message.kind)
    return validateResponse(message, { transport: 'UDP' }).kind
  }

  test.each<[string, Record<string, string | undefined>, string]>([
    ['200 OK', {}, 'accept'],
    ['699 Odd', {}, 'accept'],
    ['099 Odd', {}, 'drop'],
    ['700 Odd', {}, 'drop'],
    ['200 OK', { v: 'SIP/2.0/UDP b' }, 'drop'],
    ['200 OK', { Via: undefined }, 'drop'],
    ['200 OK', { t: '<sip:x>' }, 'drop'],
    ['200 OK', { CSeq: undefined }, 'drop'],
    ['200 OK', { CSeq: 'INVITE' }, 'drop'],
    ['200 OK', { From: '"open' }, 'drop'],
    ['200 OK', { 'Content-Length': '5' }, 'drop'],
  ])('%s %j: %s', (status, changes, verdict) => {
    expect(judgeResponse(status, changes)).toBe(verdict)
  })
})
