import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bodyOfType } from '../../../src/sip/message/body.ts'
import { parse } from '../../../src/sip/message/parse.ts'

function withBody(contentType: string | undefined, body: string) {
  const line = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`
  const message = parse(Buffer.from(`INVITE sip:a SIP/2.0\r\n${line}\r\n${body}`))
  if (message.kind === 'fault') throw new Error(message.code)
  return message
}

const sdp = (contentType: string | undefined, body: string) => {
  const found = bodyOfType(withBody(contentType, body), 'application/sdp')
  return found === undefined ? undefined : Buffer.from(found).toString()
}

const two = [
  'preamble',
  '--b',
  'Content-Type: application/isup;version=itu-t92+',
  '',
  'xx--b',
  '--b',
  'content-type : Application/SDP; x=1',
  '',
  'v=0',
  's=-',
  '--b--',
  '',
].join('\r\n')

describe('the part with a type is found', () => {
  test.each([
    ['application/sdp', 'v=0', 'v=0'],
    ['Application/SDP;charset=utf-8', 'v=0', 'v=0'],
    ['text/plain', 'v=0', undefined],
    [undefined, 'v=0', undefined],
    ['application/sdp', '', undefined],
    ['multipart/mixed;boundary=b', two, 'v=0\r\ns=-'],
    ['multipart/mixed; boundary="b"', two, 'v=0\r\ns=-'],
    ['multipart/mixed;boundary=b', two.replaceAll('\r\n', '\n'), 'v=0\ns=-'],
    ['multipart/mixed;boundary=c', two, undefined],
    ['multipart/mixed', two, undefined],
    ['multipart/mixed;boundary=', two, undefined],
    ['multipart/mixed;boundary=b', '--b\r\nContent-Type: application/sdp\r\n\r\nnever closed', undefined],
    ['multipart/mixed;boundary=b', '--b', undefined],
    ['multipart/mixed;boundary=b', '--b\r\nContent-Type: application/sdp\r\n--b--', ''],
  ])('%s', (contentType, body, found) => {
    expect(sdp(contentType, body)).toBe(found)
  })

  test('in RFC 4475 mpart01, byte for byte', () => {
    const message = parse(readFileSync(new URL('../../fixtures/rfc4475/mpart01.dat', import.meta.url)))
    if (message.kind === 'fault') throw new Error(message.code)
    expect(Buffer.from(bodyOfType(message, 'text/plain') ?? []).toString()).toBe('Hello')
    expect(bodyOfType(message, 'application/octet-stream')?.subarray(0, 3)).toEqual(Buffer.from([0x30, 0x82, 0x01]))
  })
})
