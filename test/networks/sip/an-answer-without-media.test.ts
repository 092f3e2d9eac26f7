import { expect, test } from 'vitest'
import type { Input } from '../../../src/call/input.ts'
import type { Media } from '../../../src/media/index.ts'
import type { SipDesk } from '../../../src/networks/sip/desk.ts'
import { IncomingLeg } from '../../../src/networks/sip/incoming.ts'
import { OutgoingLeg } from '../../../src/networks/sip/outgoing.ts'
import type { UacListener, UacSession, UasSession } from '../../../src/sip/index.ts'

const answer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'

function desk() {
  const reported: Input[] = []
  const session = { localPort: 5000, setRemote() {}, onLost() {}, onDigit() {}, close() {} }
  const made = {
    clock: { now: () => 0 },
    switchboard: {
      answering() {},
      dispatch: (_call: string, input: Input) => void reported.push(input),
      remember: async () => {},
    },
    media: { session: async () => session } as unknown as Media,
    mediaAddress: '127.0.0.1',
  } as unknown as SipDesk
  const ends = () => reported.flatMap((input) => (input.type === 'end' ? [input.reason.cause] : []))
  return { desk: made, ends }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test.each([
  ['neither early nor in the answer', undefined, undefined, ['incompatible']],
  ['early alone', answer, undefined, []],
  ['in the answer', undefined, answer, []],
])('P4: a callee who describes its media %s', async (_when, early, final, ends) => {
  const { desk: at, ends: ended } = desk()
  let far!: UacListener
  const session = { send() {} } as unknown as UacSession
  const leg = new OutgoingLeg(at, 'leg', [
    {
      branch: 'device',
      address: 'sip:bob@10.0.0.9',
      session(listener) {
        far = listener
        return session
      },
    },
  ])
  leg.offer()
  await settled()
  if (early !== undefined) far.ringing?.({ sdp: early } as never)
  far.answered({ sdp: final } as never)
  expect(ended()).toEqual(ends)
})

test.each([
  ['no answer to it', undefined, ['incompatible']],
  ['its answer', answer, []],
])('P4: a caller who made no offer, and acknowledges ours with %s', async (_what, sdp, ends) => {
  const { desk: at, ends: ended } = desk()
  const session = { alive: true, progress() {}, accept: () => true } as unknown as UasSession
  const leg = new IncomingLeg(at, 'leg', session, undefined)
  await leg.answer()
  leg.acknowledged(sdp)
  expect(ended()).toEqual(ends)
})
