import { expect, test } from 'vitest'
import { toneShare } from '../../../src/media/audio/goertzel.ts'
import { agreement, FarEnd, mediaForTest } from '../far-end.ts'
import { Browser } from './libwebrtc.ts'
import { ourPeer, until } from './peers.ts'

const media = () => mediaForTest({ address: '0.0.0.0' })

test('it calls us: it hears our tone, and a plain far end hears its', async () => {
  const engine = media()
  const browser = new Browser({ say: 600 })
  const { session, states } = await ourPeer(engine)
  const offer = await browser.offer()
  browser.trickleTo(session)
  browser.hearFrom(session)
  const answer = await session.answer(offer)
  await browser.accept(answer)
  await until(() => states.at(-1) === 'connected')
  void session.play({ type: 'tone', frequency: 1100, milliseconds: 1000 }, { loop: 0 })
  await until(() => toneShare(browser.lately, 1100) > 0.9)
  const plain = await engine.session()
  const far = await FarEnd.open()
  plain.setRemote(agreement(far.port))
  session.stop()
  session.connect(plain)
  await until(() => far.arrivals.length > 50)
  expect(toneShare(far.sound().slice(-4000), 600)).toBeGreaterThan(0.9)
  browser.pc.close()
  await until(() => states.at(-1) === 'disconnected')
})

test('we call it', async () => {
  const engine = media()
  const browser = new Browser({ say: 600 })
  const { session, states } = await ourPeer(engine)
  const answer = await browser.answer(await session.offer())
  browser.trickleTo(session)
  browser.hearFrom(session)
  await session.accept(answer)
  await until(() => states.at(-1) === 'connected')
  void session.play({ type: 'tone', frequency: 1100, milliseconds: 1000 }, { loop: 0 })
  await until(() => toneShare(browser.lately, 1100) > 0.9)
  expect((await session.stats()).packetsReceived).toBeGreaterThan(10)
})
