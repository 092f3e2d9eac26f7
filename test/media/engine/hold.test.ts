import { expect, test } from 'vitest'
import { agreement, FarEnd, mediaForTest, sleepFor, until } from '../far-end.ts'

test('nothing is sent on hold; what plays goes on by the clock and is heard again afterwards', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port))
  const playing = session.play({ type: 'tone', frequency: 500, milliseconds: 100_000 })
  await until(() => far.arrivals.length > 3)
  session.setRemote(agreement(far.port, { direction: 'inactive' }))
  await session.stats()
  await sleepFor(50)
  const held = far.arrivals.length
  await sleepFor(150)
  expect(far.arrivals).toHaveLength(held)
  const last = far.arrivals.at(-1)!
  session.setRemote(agreement(far.port))
  await until(() => far.arrivals.length > held + 3)
  const next = far.arrivals[held]!
  expect((next.sequence - last.sequence) & 0xffff).toBe(1)
  // At least 120 ms in samples: the timestamp went on with the clock.
  expect((next.timestamp - last.timestamp) >>> 0).toBeGreaterThan(960)
  expect(next.marker).toBe(true)
  session.close()
  expect(await playing).toBe('stopped')
})

test('a prompt that plays wholly on hold still finishes', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port, { direction: 'recvonly' }))
  expect(await session.play({ type: 'tone', frequency: 500, milliseconds: 100 })).toBe('finished')
  expect(await session.sendDigits('1')).toBe('finished')
  expect(far.arrivals).toHaveLength(0)
})

test('without a far end a prompt passes unheard', async () => {
  const session = await mediaForTest().session()
  expect(await session.play({ type: 'tone', frequency: 500, milliseconds: 60 })).toBe('finished')
})

test('a new agreement moves the sound to its address and codec at once', async () => {
  const media = mediaForTest()
  const session = await media.session()
  const before = await FarEnd.open()
  const after = await FarEnd.open()
  session.setRemote(agreement(before.port))
  const playing = session.play({ type: 'tone', frequency: 500, milliseconds: 100_000 })
  await until(() => before.arrivals.length > 3)
  session.setRemote(agreement(after.port, { codec: 'PCMA', payloadType: 8 }))
  await until(() => after.arrivals.length > 3)
  expect(after.arrivals.every(({ payloadType }) => payloadType === 8)).toBe(true)
  expect(after.arrivals[0]!.ssrc).toBe(before.arrivals[0]!.ssrc)
  session.stop()
  expect(await playing).toBe('stopped')
})
