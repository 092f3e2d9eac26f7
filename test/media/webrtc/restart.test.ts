import { expect, test } from 'vitest'
import { mediaForTest, sleepFor } from '../far-end.ts'
import { Browser } from './libwebrtc.ts'
import { connected, join, ourPeer, trickle, until } from './peers.ts'

const media = mediaForTest

/** Resolves once so many more packets were heard. */
async function hears(session: { stats(): Promise<{ packetsReceived: number }> }, more: number): Promise<void> {
  const { packetsReceived } = await session.stats()
  while ((await session.stats()).packetsReceived < packetsReceived + more) await sleepFor(20)
}

test('after an ICE restart the sound goes on, under new names and the same keys', async () => {
  const [caller, callee] = await connected(media())
  void caller.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  await hears(callee.session, 5)
  for (let round = 0; round < 3; round++) {
    const { offer } = await join(callee.session, caller.session, { iceRestart: round !== 1 })
    await until(() => callee.candidates.some(({ candidate }) => offer.includes(candidate)))
    await hears(callee.session, 10)
  }
  expect(callee.states).toEqual(['connecting', 'connected'])
})

test('an offer of a restart that is never answered leaves everything as it was', async () => {
  const [caller, callee] = await connected(media({ iceTimeout: 2500 }))
  void caller.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  await callee.session.offer({ iceRestart: true })
  await sleepFor(3000)
  await hears(callee.session, 10)
  await join(caller.session, callee.session)
  await hears(callee.session, 10)
  expect(callee.states.at(-1)).toBe('connected')
})

test('a restart that leads nowhere leaves the old way', async () => {
  const [caller, callee] = await connected(media({ iceTimeout: 2500 }))
  void caller.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  const offer = await callee.session.offer({ iceRestart: true })
  const answer = await caller.session.answer(offer)
  const nowhere = answer
    .replace(/a=ice-pwd:\S+/, 'a=ice-pwd:nobodyknowsthispassword')
    .replace(/a=candidate:.*\r\n/g, '')
  await callee.session.accept(nowhere)
  await sleepFor(3000)
  await hears(callee.session, 10)
  expect(callee.states.at(-1)).toBe('connected')
})

test('both restart at once: the offer that is answered counts', async () => {
  const [caller, callee] = await connected(media())
  void caller.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  await callee.session.offer({ iceRestart: true })
  await join(caller.session, callee.session, { iceRestart: true })
  await hears(callee.session, 10)
})

test('silence is noticed after a restart as before', async () => {
  const engine = media({ lostAfter: 2500, rtcp: false })
  const [caller, callee] = await connected(engine)
  const losses: string[] = []
  callee.session.onLost((loss) => void losses.push(loss))
  const playing = caller.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  await hears(callee.session, 5)
  await join(callee.session, caller.session, { iceRestart: true })
  callee.session.watch(true)
  await hears(callee.session, 10)
  expect(losses).toEqual([])
  caller.session.stop()
  await playing
  await until(() => losses.length > 0)
  expect(losses).toEqual(['went-silent'])
})

test.each(['ours', 'theirs'])(
  'libwebrtc and we go on after a restart, the offer %s',
  { timeout: 20_000 },
  async (whose) => {
    const browser = new Browser({ say: 600 })
    const { session, states } = await ourPeer(media({ address: '0.0.0.0' }))
    browser.hearFrom(session)
    const offer = await browser.offer()
    browser.trickleTo(session)
    await browser.accept(await session.answer(offer))
    await until(() => states.at(-1) === 'connected')
    await hears(session, 10)
    if (whose === 'ours') await session.accept(await browser.answer(await session.offer({ iceRestart: true })))
    else await browser.accept(await session.answer(await browser.offer({ iceRestart: true })))
    await hears(session, 100)
    expect(states).toEqual(['connecting', 'connected'])
  },
)

test('both call at once: each gives up its own offer for the other one, in turn, and they connect', async () => {
  const caller = await ourPeer(media())
  const callee = await ourPeer(media())
  trickle(caller.session, callee.session)
  trickle(callee.session, caller.session)
  await caller.session.offer()
  await callee.session.offer()
  await join(caller.session, callee.session)
  await until(() => caller.states.at(-1) === 'connected' && callee.states.at(-1) === 'connected')
})

test('a restart that is under way outlives an offer that is given up for another', async () => {
  const [caller, callee] = await connected(media())
  void caller.session.play({ type: 'tone', frequency: 500, milliseconds: 1000 }, { loop: 0 })
  await join(callee.session, caller.session, { iceRestart: true })
  await callee.session.offer()
  await join(caller.session, callee.session)
  await hears(callee.session, 10)
  expect(callee.states).toEqual(['connecting', 'connected'])
})

test('what failed can be mended by a restart', async () => {
  const caller = await ourPeer(media({ iceTimeout: 2500 }))
  const callee = await ourPeer(media())
  trickle(callee.session, caller.session)
  const offer = await caller.session.offer()
  const answer = await callee.session.answer(offer)
  await caller.session.accept(answer.replace(/a=ice-pwd:\S+/, 'a=ice-pwd:nobodyknowsthispassword'))
  await until(() => caller.states.at(-1) === 'failed')
  trickle(caller.session, callee.session)
  await join(caller.session, callee.session)
  await until(() => caller.states.at(-1) === 'connected' && callee.states.at(-1) === 'connected')
  expect(caller.states).toEqual(['connecting', 'failed', 'connecting', 'connected'])
})
