import { expect, test } from 'vitest'
import type { Input } from '../../../src/call/input.ts'
import type { Loss, Media } from '../../../src/media/index.ts'
import type { SipDesk } from '../../../src/networks/sip/desk.ts'
import { IncomingLeg } from '../../../src/networks/sip/incoming.ts'
import type { UasSession } from '../../../src/sip/index.ts'

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'

function ringing() {
  const watched: boolean[] = []
  const reported: Input[] = []
  let lose: (loss: Loss) => void = () => {}
  const media = {
    session: async () => ({
      localPort: 5000,
      setRemote: (_negotiated: unknown, { watch }: { watch: boolean }) => watched.push(watch),
      onLost: (listener: (loss: Loss) => void) => {
        lose = listener
      },
      onDigit() {},
      close() {},
    }),
  } as unknown as Media
  const desk = {
    clock: { now: () => 0 },
    switchboard: { dispatch: (_call: string, input: Input) => reported.push(input), answering() {} },
    media,
    mediaAddress: '127.0.0.1',
  } as unknown as SipDesk
  const session = { alive: true, progress() {}, accept: () => true } as unknown as UasSession
  const leg = new IncomingLeg(desk, 'leg', session, offer)
  leg.reporter.call = 'call'
  const causes = () => reported.flatMap((input) => (input.type === 'end' ? [input.reason.cause] : []))
  return { leg, watched, causes, lose: (loss: Loss) => lose(loss) }
}

test('while it rings silence is no loss; from the answer on it is', async () => {
  const { leg, watched } = ringing()
  await leg.early()
  expect(watched).toEqual([false])
  await leg.answer()
  expect(watched).toEqual([false, true])
})

test('answered at once it is watched at once', async () => {
  const { leg, watched } = ringing()
  await leg.answer()
  expect(watched).toEqual([true])
})

test('silence before the ACK is left to the limit of the ACK; with the ACK it begins anew', async () => {
  const { leg, watched, causes, lose } = ringing()
  await leg.answer()
  lose('never-came')
  expect(causes()).toEqual([])
  leg.acknowledged(undefined)
  expect(watched).toEqual([true, false, true])
  lose('never-came')
  expect(causes()).toEqual(['media-failed'])
})

test('a failed engine is no silence', async () => {
  const { leg, causes, lose } = ringing()
  await leg.answer()
  lose('engine-failed')
  expect(causes()).toEqual(['capture-failed'])
})
