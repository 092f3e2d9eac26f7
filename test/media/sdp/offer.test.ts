import { expect, test } from 'vitest'
import { answerOffer, makeOffer, readAnswer } from '../../../src/media/sdp/offer-answer.ts'

const local = { address: '192.0.2.1', port: 40_000, sessionId: '7' }
const far = { address: '192.0.2.9', port: 5004, sessionId: '8' }

test('an offer names both laws and telephone events', () => {
  expect(makeOffer(local).split('\r\n')).toEqual([
    'v=0',
    'o=- 7 1 IN IP4 192.0.2.1',
    's=-',
    'c=IN IP4 192.0.2.1',
    't=0 0',
    'm=audio 40000 RTP/AVP 0 8 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ])
})

test('version 6 is named as such', () => {
  expect(makeOffer({ ...local, address: '2001:db8::1' })).toContain('c=IN IP6 2001:db8::1\r\n')
})

test('offer, answer and reading agree on both sides', () => {
  const offer = makeOffer({ ...local, codecs: ['PCMA', 'PCMU'] })
  const answered = answerOffer(offer, far)
  const read = readAnswer(offer, answered.ok ? answered.answer : '')
  expect(answered).toMatchObject({ ok: true, negotiated: { codec: 'PCMA', address: '192.0.2.1', port: 40_000 } })
  expect(read).toMatchObject({
    ok: true,
    negotiated: { codec: 'PCMA', address: '192.0.2.9', port: 5004, dtmfPayloadType: 101, direction: 'sendrecv' },
  })
})

const answer = (line: string) => `v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n${line}\r\n`

/** [what, the answer, what we take of it] */
const answers: readonly [string, string, object][] = [
  ['several codecs mean the first', answer('m=audio 9 RTP/AVP 8 0'), { ok: true, negotiated: { codec: 'PCMA' } }],
  ['a refusal', answer('m=audio 0 RTP/AVP 0'), { ok: false, error: 'incompatible' }],
  ['a codec never offered', answer('m=audio 9 RTP/AVP 18'), { ok: false, error: 'incompatible' }],
  ['the wrong m= line', answer('m=video 9 RTP/AVP 0'), { ok: false, error: 'incompatible' }],
  ['no description', 'sorry', { ok: false, error: 'malformed' }],
]

test.each(answers)('an answer: %s', (_, text, taken) => {
  expect(readAnswer(makeOffer(local), text)).toMatchObject(taken)
})

test('a codec that was not offered is not taken from an answer', () => {
  const offer = makeOffer({ ...local, codecs: ['PCMU'] })
  expect(readAnswer(offer, answer('m=audio 9 RTP/AVP 8'))).toMatchObject({ ok: false, error: 'incompatible' })
})
