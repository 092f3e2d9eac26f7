import { expect, test } from 'vitest'
import { answerOffer, makeOffer } from '../../../src/media/sdp/offer-answer.ts'

const local = { address: '192.0.2.1', port: 40_000, sessionId: '1234567890123456789' }
const origin = (sdp: string) => /^o=.*$/m.exec(sdp)?.[0].trim()

test('the same description keeps its version, a changed one counts up by one, the id stays (RFC 3264 §8)', () => {
  const first = makeOffer(local)
  const same = makeOffer({ ...local, sessionId: 'ignored', previous: first })
  const held = makeOffer({ ...local, previous: same, direction: 'sendonly' })
  const resumed = makeOffer({ ...local, previous: held })
  expect([first, same, held, resumed].map(origin)).toEqual([
    'o=- 1234567890123456789 1 IN IP4 192.0.2.1',
    'o=- 1234567890123456789 1 IN IP4 192.0.2.1',
    'o=- 1234567890123456789 2 IN IP4 192.0.2.1',
    'o=- 1234567890123456789 3 IN IP4 192.0.2.1',
  ])
  expect(same).toBe(first)
})

test('an answer follows the offer that we made earlier in the dialog', () => {
  const offer = makeOffer(local)
  const answered = answerOffer(makeOffer({ address: '192.0.2.9', port: 5004 }), { ...local, previous: offer })
  expect(answered.ok && origin(answered.answer)).toBe('o=- 1234567890123456789 2 IN IP4 192.0.2.1')
})
