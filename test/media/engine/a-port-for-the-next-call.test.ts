import { expect, test } from 'vitest'
import { agreement, FarEnd, mediaForTest, sleepFor, until } from '../far-end.ts'

/** More sessions in a second than the engine has spare pairs, so that it keeps those that end. */
async function busy(media: ReturnType<typeof mediaForTest>) {
  const sessions = await Promise.all(Array.from({ length: 12 }, () => media.session()))
  const ports = new Set(sessions.map(({ localPort }) => localPort))
  for (const session of sessions) session.close()
  await Promise.all(sessions.map(({ closed }) => closed))
  return ports
}

/** A session on one of these ports, sooner or later. */
async function sessionOn(media: ReturnType<typeof mediaForTest>, ports: ReadonlySet<number>) {
  const others: { close(): void }[] = []
  try {
    for (;;) {
      const session = await media.session()
      if (ports.has(session.localPort)) return session
      others.push(session)
      await sleepFor(20)
    }
  } finally {
    for (const session of others) session.close()
  }
}

test('a port is used for the next call as if it were new: what was late for the last call is heard by nobody', async () => {
  const media = mediaForTest({ spare: 2 })
  const ports = await busy(media)
  const [old, far] = [await FarEnd.open(1), await FarEnd.open(2)]
  for (const port of ports) for (let n = 0; n < 5; n++) old.send(port, new Uint8Array(160))
  await sleepFor(1000)
  const session = await sessionOn(media, ports)
  let heard = 0
  session.onFirstPacket(() => heard++)
  session.setRemote(agreement(far.port))
  await sleepFor(50)
  expect(heard).toBe(0)
  far.send(session.localPort, new Uint8Array(160))
  await until(() => heard === 1)
  session.close()
  expect(await session.closed).toMatchObject({ packetsReceived: 1, packetsLost: 0 })
})
