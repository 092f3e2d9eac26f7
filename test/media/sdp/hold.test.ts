import { describe, expect, test } from 'vitest'
import { type Direction, isHold } from '../../../src/media/sdp/negotiated.ts'
import { answerOffer, makeOffer, readAnswer } from '../../../src/media/sdp/offer-answer.ts'

const near = { address: '192.0.2.1', port: 40_000, sessionId: '7' }
const far = { address: '192.0.2.9', port: 5004, sessionId: '8' }

/** [what they offer, what we want, what comes of it for us] (RFC 3264 §6.1) */
const answers: readonly [Direction, Direction, Direction][] = [
  ['sendrecv', 'sendrecv', 'sendrecv'],
  ['sendrecv', 'sendonly', 'sendonly'],
  ['sendrecv', 'inactive', 'inactive'],
  ['sendonly', 'sendrecv', 'recvonly'],
  ['sendonly', 'sendonly', 'inactive'],
  ['recvonly', 'sendrecv', 'sendonly'],
  ['recvonly', 'recvonly', 'inactive'],
  ['inactive', 'sendrecv', 'inactive'],
]
const mirrored: Record<Direction, Direction> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

test.each(answers)('they offer %s, we want %s: %s, and they read the mirror image', (offered, wanted, ours) => {
  const offer = makeOffer({ ...far, direction: offered })
  const answered = answerOffer(offer, { ...near, direction: wanted })
  expect(answered).toMatchObject({ ok: true, negotiated: { direction: ours } })
  expect(answered.ok && answered.answer).toContain(`a=${ours}\r\n`)
  const read = readAnswer(offer, answered.ok ? answered.answer : '')
  expect(read).toMatchObject({ ok: true, negotiated: { direction: mirrored[ours] } })
})

test('a direction of the whole session counts where the m= line has none', () => {
  const offer = makeOffer(far).replace('a=sendrecv\r\n', '').replace('t=0 0\r\n', 't=0 0\r\na=inactive\r\n')
  expect(answerOffer(offer, near)).toMatchObject({ negotiated: { direction: 'inactive' } })
})

describe('the old hold, c=0.0.0.0 (RFC 3264 §8.4)', () => {
  test.each([
    ['sendrecv', 'recvonly'],
    ['recvonly', 'inactive'],
    ['sendonly', 'recvonly'],
    ['inactive', 'inactive'],
  ] as const)('with %s we are %s: nothing is sent', (offered, ours) => {
    const offer = makeOffer({ ...far, address: '0.0.0.0', direction: offered })
    const answered = answerOffer(offer, near)
    expect(answered).toMatchObject({ ok: true, negotiated: { direction: ours } })
    expect(answered.ok && isHold(answered.negotiated)).toBe(true)
  })
})

test('a resumed call is no hold', () => {
  const answered = answerOffer(makeOffer(far), near)
  expect(answered.ok && isHold(answered.negotiated)).toBe(false)
})
