import { expect, test } from 'vitest'
import type { Direction, Loss, MediaSession } from '../../../src/media/index.ts'
import { buildReport } from '../../../src/media/rtp/rtcp.ts'
import { agreement, FarEnd, mediaForTest, sleepFor } from '../far-end.ts'

const lostAfter = 1000
const sound = new Uint8Array(160)
const rtcp = () => buildReport(1, 'far', null, [], false)

type Scenario = {
  direction?: Direction
  watch?: boolean
  /** What the far end does first, and every 50 ms. */
  first?(far: FarEnd, to: number, session: MediaSession): void
  always?(far: FarEnd, to: number): void
  expected: Loss[]
}

/** Each for two and a half times as long as a loss takes. */
const scenarios: Record<string, Scenario> = {
  'a far end that never sends is lost, once': { expected: ['never-came'] },
  'a far end that falls silent is lost, once': { first: (far, to) => far.send(to, sound), expected: ['went-silent'] },
  'on hold silence is no loss (recvonly)': { direction: 'recvonly', expected: [] },
  'on hold silence is no loss (sendonly)': { direction: 'sendonly', expected: [] },
  'on hold silence is no loss (inactive)': { direction: 'inactive', expected: [] },
  'before the answer silence is no loss': { watch: false, expected: [] },
  'from the answer on it is one, also when the limit had passed before': {
    watch: false,
    first: (far, _to, session) => {
      setTimeout(() => session.setRemote(agreement(far.port)), lostAfter * 1.1)
    },
    expected: ['never-came'],
  },
  'sound is a sign of life': { always: (far, to) => far.send(to, sound), expected: [] },
  'comfort noise is a sign of life': {
    always: (far, to) => far.send(to, Uint8Array.of(60), { payloadType: 13 }),
    expected: [],
  },
  'RTCP on its own port is a sign of life': { always: (far, to) => far.sendRaw(to + 1, rtcp()), expected: [] },
  'RTCP on the port of RTP is a sign of life': { always: (far, to) => far.sendRaw(to, rtcp()), expected: [] },
  'what is not RTP is no sign of life': {
    always: (far, to) => far.sendRaw(to, Buffer.from('hello?')),
    expected: ['never-came'],
  },
  'a payload never agreed to is no sign of life': {
    always: (far, to) => far.send(to, sound, { payloadType: 77 }),
    expected: ['never-came'],
  },
  'what an unproven stranger sends is no sign of life': {
    always: (far, to) => far.send(to, sound, { ssrc: Math.floor(Math.random() * 2 ** 32) }),
    expected: ['never-came'],
  },
  'after the close nothing is told': { first: (_far, _to, session) => session.close(), expected: [] },
}

async function play(
  { direction = 'sendrecv', watch = true, first, always }: Scenario,
  name: string,
  session: MediaSession,
) {
  const far = await FarEnd.open()
  const named = name.includes('stranger') ? await FarEnd.open() : far
  const losses: Loss[] = []
  session.onLost((loss) => losses.push(loss))
  session.setRemote(agreement(named.port, { direction }), { watch })
  await session.stats()
  first?.(far, session.localPort, session)
  for (let n = 0; n < (lostAfter * 2.5) / 50; n++) {
    always?.(far, session.localPort)
    await sleepFor(50)
  }
  return losses
}

test('loss is told where there is one, and nowhere else', async () => {
  const media = mediaForTest({ lostAfter })
  const names = Object.keys(scenarios)
  const told = await Promise.all(
    names.map(async (name) => [name, await play(scenarios[name]!, name, await media.session())] as const),
  )
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(names.map((name) => [name, scenarios[name]!.expected])))
})

test('who unsubscribed is not told', async () => {
  const media = mediaForTest({ lostAfter: 100 })
  const session = await media.session()
  session.setRemote(agreement(9))
  let early = 0
  session.onLost(() => early++)()
  await new Promise((resolve) => session.onLost(resolve))
  expect(early).toBe(0)
})
