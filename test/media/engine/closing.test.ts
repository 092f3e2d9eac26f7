import { createSocket } from 'node:dgram'
import { describe, expect, test } from 'vitest'
import { agreement, FarEnd, mediaForTest, pair, sleepFor, until } from '../far-end.ts'

const forever = { type: 'tone', frequency: 400, milliseconds: 3_600_000 } as const

async function canBind(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  return await new Promise((resolve) => {
    socket.once('error', () => resolve(false))
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
  })
}

test('closing stops the sound, settles everything, frees both ports; closing again changes nothing', async () => {
  const media = mediaForTest({})
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port))
  const playing = session.play(forever)
  const dialling = session.sendDigits('WWWW1')
  const counting = session.stats()
  await until(() => far.arrivals.length > 3)
  session.close()
  session.close()
  expect(await playing).toBe('stopped')
  expect(await dialling).toBe('stopped')
  expect((await counting).packetsReceived).toBe(0)
  const stats = await session.closed
  expect(stats.packetsSent).toBeGreaterThanOrEqual(far.arrivals.length)
  expect(await canBind(session.localPort)).toBe(true)
  expect(await canBind(session.localPort + 1)).toBe(true)
  const heard = far.arrivals.length
  await sleepFor(100)
  expect(far.arrivals).toHaveLength(heard)
})

test('after the close every verb does nothing and nothing hangs', async () => {
  const media = mediaForTest({})
  const [session, other] = await pair(media)
  session.close()
  session.setRemote(agreement(9))
  session.stop()
  session.connect(other)
  session.disconnect()
  session.onDigit(() => {})()
  session.onFirstPacket(() => {})()
  expect(await session.play(forever)).toBe('stopped')
  expect(await session.sendDigits('1')).toBe('stopped')
  expect(await session.stats()).toEqual(await session.closed)
})

describe('the engine', () => {
  test('closes its sessions, and has none to give afterwards', async () => {
    const media = mediaForTest({})
    const [session] = await pair(media)
    const playing = session.play(forever)
    await media.close()
    await media.close()
    expect(await playing).toBe('stopped')
    await session.closed
    expect(await canBind(session.localPort)).toBe(true)
    await expect(media.session()).rejects.toMatchObject({ code: 'media.closed' })
  })

  test('closed while somebody waits for a port or a prompt leaves nobody waiting', async () => {
    const media = mediaForTest({ spare: 1, fetchAudio: () => new Promise(() => {}) })
    const [session] = await pair(media)
    const playing = session.play({ type: 'audio', url: 'http://slow/' })
    const waiting = Promise.allSettled(Array.from({ length: 5 }, () => media.session()))
    await media.close()
    expect(await playing).toBe('stopped')
    for (const result of await waiting) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'media.closed' })
      else await result.value.closed
    }
  })

  test('that cannot bind says so', async () => {
    const media = mediaForTest({ address: '192.0.2.1' })
    await expect(media.ready).rejects.toMatchObject({ code: 'media.no-port' })
    await expect(media.session()).rejects.toMatchObject({ code: 'media.no-port' })
  })

  test('gives many sessions at once, and each closed one makes room for the next', async () => {
    const media = mediaForTest({ spare: 2 })
    const sessions = await Promise.all(Array.from({ length: 30 }, () => media.session()))
    expect(new Set(sessions.map(({ localPort }) => localPort)).size).toBe(30)
    for (const session of sessions) session.close()
    await Promise.all(sessions.map(({ closed }) => closed))
    expect((await media.session()).localPort % 2).toBe(0)
  })
})
