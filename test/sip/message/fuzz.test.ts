import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as read from '../../../src/sip/message/accessors.ts'
import { responseTo, serialise } from '../../../src/sip/message/build.ts'
import { challengesOf, parseCredentials } from '../../../src/sip/message/digest.ts'
import type { SipMessage } from '../../../src/sip/message/message.ts'
import { parse } from '../../../src/sip/message/parse.ts'
import { formatUri, parseUri } from '../../../src/sip/message/uri.ts'
import { validateRequest, validateResponse } from '../../../src/sip/message/validate.ts'

const numRuns = process.env.ONHOOK_LONG ? 100_000 : 1_000

const folder = new URL('../../fixtures/rfc4475/', import.meta.url)
const seeds = readdirSync(folder)
  .filter((file) => file.endsWith('.dat'))
  .map((file) => readFileSync(new URL(file, folder)))

/** Bytes that mean something to a SIP parser. */
const spice = [
  ...'\r\n \t:;,<>"\\@=?/%[]()*\u0000',
  '\r\n',
  '\r\n ',
  '\r\n\r\n',
  'SIP/2.0',
  'Via: ',
  'z9hG4bK',
  ';tag=',
  '%00',
  '\u00ff',
  '9'.repeat(30),
]

type Cut = Readonly<{ at: number; drop: number; put: string }>

function mutate(seed: Buffer, cuts: readonly Cut[]): Buffer {
  let bytes = seed
  for (const { at, drop, put } of cuts) {
    const start = Math.floor(at * bytes.length)
    bytes = Buffer.concat([bytes.subarray(0, start), Buffer.from(put, 'latin1'), bytes.subarray(start + drop)])
  }
  return bytes
}

const cut = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.integer({ min: 0, max: 40 }),
  put: fc.oneof(fc.constantFrom(...spice), fc.string({ maxLength: 4 }), fc.constant('')),
})

/** A torture message with a few cuts, the join of two, or plain noise. */
const message = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...seeds), fc.array(cut, { minLength: 1, maxLength: 8 }))
      .map(([seed, cuts]) => mutate(seed, cuts)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...seeds), fc.constantFrom(...seeds), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([a, b, at]) =>
        Buffer.concat([a.subarray(0, Math.floor(at * a.length)), b.subarray(Math.floor(at * b.length))]),
      ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)) },
)

/** Everything that anybody may ask of a message. */
function exercise(found: SipMessage): void {
  read.via(found)?.params
  for (const value of [read.from(found), read.to(found), ...read.contacts(found), ...read.routes(found, 'route')]) {
    value?.params.get('tag')
    const uri = value === undefined ? undefined : parseUri(value.uri)
    if (uri !== undefined) expect(parseUri(formatUri(uri))).toEqual(uri)
  }
  read.cseq(found)
  read.callId(found)
  read.contentLength(found)
  read.expires(found)
  read.sessionExpires(found)
  read.minSessionExpires(found)
  read.maxForwards(found)
  read.contentType(found)
  read.reasons(found)
  challengesOf(found, 'www-authenticate')
  parseCredentials(found.headers.get('authorization') ?? '')
  for (const [name] of found.headers) expect(found.headers.has(name)).toBe(true)
}

describe('whatever comes', () => {
  test(`reading and judging it never throws (${numRuns} messages)`, { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(message, fc.constantFrom('UDP' as const, 'TCP' as const), (bytes, transport) => {
        const before = Buffer.from(bytes)
        const parsed = parse(bytes)
        const found = parsed.kind === 'fault' ? parsed.message : parsed
        if (found === undefined) return
        exercise(found)
        if (found.kind === 'request')
          validateRequest(found, { transport, methods: ['INVITE', 'ACK', 'BYE', 'OPTIONS', 'REGISTER'] })
        else validateResponse(found, { transport })
        expect(bytes.equals(before)).toBe(true)
      }),
      { numRuns },
    )
  })

  test(`what it is answered with is a whole message again (${numRuns} messages)`, { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(message, (bytes) => {
        const parsed = parse(bytes)
        const found = parsed.kind === 'fault' ? parsed.message : parsed
        if (found?.kind !== 'request' || read.via(found) === undefined) return
        const back = parse(serialise(responseTo(found, 400, 'Bad Request', 'ours')))
        if (back.kind !== 'response') throw new Error(back.kind)
        expect(back.status).toBe(400)
        expect(read.via(back)?.raw).toBe(read.via(found)?.raw)
        expect(back.headers.all('via')).toEqual(found.headers.all('via'))
        expect(read.callId(back)).toBe(read.callId(found))
        expect(read.cseq(back)).toEqual(read.cseq(found))
        expect(read.from(back)?.tag).toBe(read.from(found)?.tag)
        if (read.to(found) !== undefined) expect(read.to(back)?.tag).toBe(read.to(found)?.tag ?? 'ours')
        expect([...back.headers].every(([, value]) => !/[\r\n]/.test(value))).toBe(true)
      }),
      { numRuns },
    )
  })
})
