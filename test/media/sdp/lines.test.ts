import fc from 'fast-check'
import { type MediaDescription, parse, type SessionDescription } from 'sdp-transform'
import { expect, test } from 'vitest'
import { type Attributes, readLines } from '../../../src/media/sdp/lines.ts'

const numRuns = process.env.ONHOOK_LONG === undefined ? 2000 : 100_000
const number = fc.oneof(fc.nat(130).map(String), fc.constantFrom('', '007', '1e3', '-1', '20.5', '.', 'x', '99999999'))
const address = fc.constantFrom('192.0.2.9', '0.0.0.0', '::1', '224.0.0.1/127', 'host.example', '')
const name = fc.constantFrom('PCMU', 'pcma', 'telephone-event', 'G722', 'x y', '')

/** Lines as they are, and as they might be. */
const line = fc.oneof(
  fc.tuple(number, fc.constantFrom('RTP/AVP', 'RTP/SAVPF', 'x'), number).map(([a, b, c]) => `m=audio ${a} ${b} ${c}`),
  fc.tuple(fc.constantFrom('4', '6', 'x', ''), address).map(([v, a]) => `c=IN IP${v} ${a}`),
  fc.tuple(number, name, number).map(([a, b, c]) => `a=rtpmap:${a} ${b}/${c}`),
  fc.tuple(number, name).map(([a, b]) => `a=rtpmap:${a} ${b}`),
  fc.tuple(number, name, number).map(([a, b, c]) => `a=rtpmap:${a} ${b}/${c}/2`),
  fc.tuple(fc.constantFrom('ptime', 'maxptime'), number).map(([a, b]) => `a=${a}:${b}`),
  fc.tuple(number, address).map(([a, b]) => `a=rtcp:${a} IN IP4 ${b}`),
  number.map((a) => `a=rtcp:${a}`),
  fc.constantFrom(
    'a=sendrecv',
    'a=sendonly ',
    'a=recvonly',
    'a=inactive',
    'a=sendonlyish',
    'a=',
    'a=rtpmap',
    'o=- 1 1',
  ),
  fc.string().filter((text) => !/^[cma]=/.test(text)),
)

const whole = (value: unknown) => (typeof value === 'number' ? value : undefined)

function compare(ours: Attributes, theirs: SessionDescription | MediaDescription): void {
  const ip: unknown = theirs.connection?.ip
  expect(ours.address).toEqual(ip === undefined ? undefined : String(ip))
  expect(ours.direction).toEqual(theirs.direction)
  if (!('rtp' in theirs)) return
  const maps = theirs.rtp.filter(({ payload }) => typeof payload === 'number')
  expect(ours.maps.map(({ payloadType, name, rate }) => [payloadType, name, rate])).toEqual(
    maps.map(({ payload, codec, rate }) => [payload, String(codec), whole(rate)]),
  )
  expect(ours.ptime).toEqual(whole(theirs.ptime))
  expect(ours.maxptime).toEqual(whole(theirs.maxptime))
  expect(ours.rtcp?.port).toEqual(whole(theirs.rtcp?.port))
}

test('what it reads of a description is what sdp-transform reads', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 25 }), fc.constantFrom('\r\n', '\n', '\r'), (lines, end) => {
      const { session, media } = readLines(lines.join(end))
      // The library takes a direction for one whatever follows it.
      const theirs = parse(lines.filter((each) => each !== 'a=sendonlyish').join(end))
      expect(media).toHaveLength(theirs.media.length)
      compare(session, theirs)
      media.forEach((section, index) => {
        compare(section, theirs.media[index]!)
      })
    }),
    { numRuns },
  )
})
