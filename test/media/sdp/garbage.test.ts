import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDescription } from '../../../src/media/sdp/description.ts'
import { answerOffer, makeOffer, readAnswer } from '../../../src/media/sdp/offer-answer.ts'

const numRuns = process.env.ONHOOK_LONG === undefined ? 1000 : 100_000
const local = { address: '192.0.2.1', port: 40_000, sessionId: '7' }

const line = fc.oneof(
  fc.constantFrom(
    ...['v=0', 'm=audio 5004 RTP/AVP 0 101', 'm=audio', 'm=', 'm=audio x RTP/AVP y', 'm=audio 5004/2/3 RTP/AVP 0'],
    ...['c=IN IP4 192.0.2.9', 'c=IN IP4', 'c=', 'c=IN IP6 ::1', 'c=IN IP4 0.0.0.0', 'o=', 't=', 's='],
    ...['a=rtpmap:0', 'a=rtpmap:', 'a=rtpmap:101 telephone-event/8000', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:x y/z'],
    ...['a=ptime:', 'a=ptime:1e9', 'a=ptime:.', 'a=maxptime:-1', 'a=rtcp:', 'a=rtcp:99999', 'a=rtcp:1 IN IP4 x'],
    ...['a=sendonly', 'a=inactive', 'a=__proto__:1', 'a=fmtp:', 'a=candidate:', 'a=ssrc:', 'a=simulcast:x'],
  ),
  fc.string(),
  fc.string({ unit: 'binary' }).map((text) => `a=${text}`),
  fc.string().map((text) => `m=audio 5004 RTP/AVP ${text}`),
)
const garbage = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.array(line, { maxLength: 20 }).map((lines) => lines.join('\r\n')),
  fc.array(line, { maxLength: 20 }).map((lines) => ['v=0', ...lines].join('\n')),
)

test('nothing that is offered makes it throw, and what it answers is one good audio line', () => {
  fc.assert(
    fc.property(garbage, (offer) => {
      const result = answerOffer(offer, local)
      if (!result.ok) {
        expect(['malformed', 'incompatible']).toContain(result.error)
        return
      }
      const accepted = readDescription(result.answer)?.filter(({ port }) => port !== 0)
      expect(accepted).toMatchObject([{ type: 'audio', port: 40_000, address: '192.0.2.1' }])
      const { negotiated } = result
      expect(negotiated.port).toBeGreaterThan(0)
      expect(negotiated.port).toBeLessThan(65_536)
      expect([10, 20, 30, 40, 60]).toContain(negotiated.ptime)
    }),
    { numRuns },
  )
})

test('nothing that is answered makes it throw', () => {
  fc.assert(
    fc.property(garbage, garbage, (offer, answer) => {
      readAnswer(offer, answer)
      readAnswer(makeOffer(local), answer)
    }),
    { numRuns },
  )
})

test('an answer has exactly the m= lines of its offer', () => {
  const media = fc.constantFrom('audio 9 RTP/AVP 0', 'video 9 RTP/AVP 31', 'audio 9 RTP/SAVP 8', 'image 9 udptl t38')
  fc.assert(
    fc.property(fc.array(media, { minLength: 1, maxLength: 6 }), (lines) => {
      const offer = `${makeOffer({ ...local, port: 0 }).split('m=')[0]}${lines.map((text) => `m=${text}\r\n`).join('')}`
      const result = answerOffer(offer, local)
      expect(result.ok).toBe(lines.includes('audio 9 RTP/AVP 0'))
      if (!result.ok) return
      const types = result.answer.match(/^m=\w+/gm)
      expect(types).toEqual(lines.map((text) => `m=${text.split(' ')[0]}`))
    }),
    { numRuns },
  )
})
