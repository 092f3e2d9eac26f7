import { expect, test } from 'vitest'
import { agreement, FarEnd, mediaForTest, until } from '../far-end.ts'

test('a far port that closes while it is sent to throws nothing, and the session goes on', async () => {
  const warnings: unknown[] = []
  const media = mediaForTest({ warn: (warning) => warnings.push(warning) })
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port))
  const playing = session.play({ type: 'tone', frequency: 400, milliseconds: 600 })
  await until(() => far.arrivals.length > 3)
  far.close()
  expect(await playing).toBe('finished')
  const next = await FarEnd.open()
  session.setRemote(agreement(next.port))
  expect(await session.play({ type: 'tone', frequency: 400, milliseconds: 100 })).toBe('finished')
  expect(await next.soundOf(100)).toHaveLength(800)
  expect(warnings).toEqual([])
})

test.each([
  ['nobody listens there', agreement(9)],
  ['the network cannot be reached', agreement(9, { address: '255.255.255.255', rtcpAddress: '255.255.255.255' })],
  ['the address is of another family', agreement(9, { address: '::1', rtcpAddress: '::1' })],
])('%s: prompts finish, nothing throws', async (_, negotiated) => {
  const media = mediaForTest()
  const session = await media.session()
  session.setRemote(negotiated)
  expect(await session.play({ type: 'tone', frequency: 400, milliseconds: 100 })).toBe('finished')
  session.close()
  await session.closed
})
