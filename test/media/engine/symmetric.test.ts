import { expect, test } from 'vitest'
import { agreement, FarEnd, mediaForTest, until } from '../far-end.ts'

const packet = new Uint8Array(160)

test('a far end that sends from another port is answered there, after its third packet', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const named = await FarEnd.open()
  const real = await FarEnd.open(2)
  session.setRemote(agreement(named.port))
  const playing = session.play({ type: 'tone', frequency: 500, milliseconds: 60_000 })
  await until(() => named.arrivals.length > 2)
  for (let n = 0; n < 3; n++) real.send(session.localPort, packet)
  await until(() => real.arrivals.length > 2)
  const before = named.arrivals.length
  await until(() => real.arrivals.length > 6)
  expect(named.arrivals.length - before).toBeLessThanOrEqual(1)
  session.stop()
  await playing
})

test('a stranger cannot take the sound over from a far end that talks', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const far = await FarEnd.open()
  const stranger = await FarEnd.open(66)
  session.setRemote(agreement(far.port))
  const playing = session.play({ type: 'tone', frequency: 500, milliseconds: 60_000 })
  for (let n = 0; n < 20; n++) {
    far.send(session.localPort, packet)
    stranger.send(session.localPort, packet)
    const heard = far.arrivals.length
    await until(() => far.arrivals.length > heard)
  }
  expect(stranger.arrivals).toHaveLength(0)
  session.stop()
  await playing
})

test('where it is switched off, only the agreed address counts', async () => {
  const media = mediaForTest({ symmetric: 'off' })
  const session = await media.session()
  const far = await FarEnd.open()
  const other = await FarEnd.open(2)
  let first = 0
  session.onFirstPacket(() => first++)
  session.setRemote(agreement(far.port))
  await session.stats()
  for (let n = 0; n < 10; n++) other.send(session.localPort, packet)
  await session.play({ type: 'tone', frequency: 500, milliseconds: 100 })
  expect([first, other.arrivals.length]).toEqual([0, 0])
  far.send(session.localPort, packet)
  await until(() => first === 1)
})
