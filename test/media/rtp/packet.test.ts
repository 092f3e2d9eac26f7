import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildRtp, looksLikeRtcp, parseRtp, sequenceDelta, timestampDelta } from '../../../src/media/rtp/packet.ts'

const numRuns = process.env.ONHOOK_LONG === undefined ? 1000 : 100_000

const packet = fc.record({
  payloadType: fc.nat(127),
  marker: fc.boolean(),
  sequence: fc.nat(0xffff),
  timestamp: fc.nat(0xffff_ffff),
  ssrc: fc.nat(0xffff_ffff),
  payload: fc.uint8Array({ maxLength: 200 }),
})

test('what is built is parsed again', () => {
  fc.assert(
    fc.property(packet, (value) => {
      const parsed = parseRtp(buildRtp(value))
      expect({ ...parsed, payload: Uint8Array.from(parsed!.payload) }).toEqual(value)
    }),
    { numRuns },
  )
})

test('anything at all is a packet or nothing, and its payload lies within', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (datagram) => {
      const parsed = parseRtp(datagram)
      if (parsed !== null) expect(parsed.payload.length).toBeLessThanOrEqual(datagram.length - 12)
    }),
    { numRuns },
  )
})

test('contributing sources, an extension and padding are taken off', () => {
  const parsed = parseRtp(
    Uint8Array.from([
      ...[0xb1, 0x80, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 2],
      ...[9, 9, 9, 9],
      ...[0xbe, 0xde, 0, 1, 7, 7, 7, 7],
      ...[1, 2, 3],
      ...[0, 2],
    ]),
  )
  expect([...parsed!.payload]).toEqual([1, 2, 3])
  expect(parsed).toMatchObject({ marker: true, payloadType: 0, sequence: 0x1234, timestamp: 1, ssrc: 2 })
})

const damaged: Record<string, number[]> = {
  'too short': [0x80, 0, 0, 0],
  'version 1': [0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  'an extension beyond the end': [0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 9],
  'more padding than packet': [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200],
}

test.each(Object.entries(damaged))('%s is no packet', (_, bytes) => {
  expect(parseRtp(Uint8Array.from(bytes))).toBeNull()
})

test('RTCP on the same port is told apart', () => {
  expect(looksLikeRtcp(Uint8Array.from([0x80, 200, 0, 1, 0, 0, 0, 0]))).toBe(true)
  expect(looksLikeRtcp(Uint8Array.from([0x80, 0x80, 0, 1, 0, 0, 0, 0]))).toBe(false)
})

test('distances wrap around', () => {
  expect(sequenceDelta(0xffff, 2)).toBe(3)
  expect(sequenceDelta(2, 0xffff)).toBe(-3)
  expect(timestampDelta(0xffff_fff0, 0x10)).toBe(0x20)
})
