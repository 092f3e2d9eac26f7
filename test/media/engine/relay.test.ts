import { describe, expect, test } from 'vitest'
import { decodeG711, encodeG711, silenceByte } from '../../../src/media/audio/g711.ts'
import { toneShare } from '../../../src/media/audio/goertzel.ts'
import { KeyDetector } from '../../../src/media/audio/key-detector.ts'
import type { MediaSession, Negotiated } from '../../../src/media/index.ts'
import { writeEvent } from '../../../src/media/rtp/telephone-event.ts'
import { agreement, FarEnd, mediaForTest, sleepFor, until } from '../far-end.ts'

/** Two sessions, connected, each with a bare socket at its far end. */
async function bridge(first: Partial<Negotiated> = {}, second: Partial<Negotiated> = {}) {
  const media = mediaForTest()
  const near = await media.session()
  const other = await media.session()
  const caller = await FarEnd.open(11)
  const callee = await FarEnd.open(22)
  near.setRemote(agreement(caller.port, first))
  other.setRemote(agreement(callee.port, second))
  near.connect(other)
  // The far ends' first packets shall find the connection in place.
  await Promise.all([near.stats(), other.stats()])
  return { media, near, other, caller, callee }
}

const tone = (frequency: number, packet: number, codec: 'PCMU' | 'PCMA' = 'PCMU') =>
  encodeG711(
    codec,
    Int16Array.from({ length: 160 }, (_, n) => 8000 * Math.sin((2 * Math.PI * frequency * (packet * 160 + n)) / 8000)),
  )

async function talk(from: FarEnd, to: MediaSession, frequency: number, count = 20, codec: 'PCMU' | 'PCMA' = 'PCMU') {
  for (let packet = 0; packet < count; packet++) {
    from.send(to.localPort, tone(frequency, packet, codec), codec === 'PCMA' ? { payloadType: 8 } : {})
    await sleepFor(1)
  }
}

test('both hear each other, and each hears one stream of one name', async () => {
  const { near, other, caller, callee } = await bridge()
  await Promise.all([talk(caller, near, 600), talk(callee, other, 1100)])
  await until(() => caller.arrivals.length === 20 && callee.arrivals.length === 20)
  expect(toneShare(callee.sound(), 600)).toBeGreaterThan(0.98)
  expect(toneShare(caller.sound(), 1100)).toBeGreaterThan(0.98)
  expect(new Set(callee.arrivals.map(({ ssrc }) => ssrc)).size).toBe(1)
  expect(callee.arrivals[0]!.ssrc).not.toBe(caller.ssrc)
})

test('two laws are transcoded', async () => {
  const { near, other, caller, callee } = await bridge({}, { codec: 'PCMA', payloadType: 8 })
  await Promise.all([talk(caller, near, 600), talk(callee, other, 1100, 20, 'PCMA')])
  await until(() => caller.arrivals.length === 20 && callee.arrivals.length === 20)
  expect(toneShare(callee.sound(8), 600)).toBeGreaterThan(0.98)
  expect(toneShare(caller.sound(0), 1100)).toBeGreaterThan(0.98)
})

describe('keys', () => {
  const press = async (from: FarEnd, to: MediaSession, key: number) => {
    for (const [n, duration] of [160, 320, 480, 640, 800, 800, 800].entries()) {
      const payload = new Uint8Array(4)
      writeEvent(key, n >= 4, duration, payload)
      from.send(to.localPort, payload, { payloadType: 101, timestamp: 777_000, marker: n === 0 })
      await sleepFor(1)
    }
  }

  test('pass through under the number of the other side, and are reported', async () => {
    const { near, caller, callee } = await bridge({}, { dtmfPayloadType: 96 })
    let heard = ''
    near.onDigit((digit) => {
      heard += digit
    })
    await press(caller, near, 8)
    await until(() => callee.arrivals.length === 7)
    expect(callee.arrivals.every(({ payloadType, payload }) => payloadType === 96 && payload[0] === 8)).toBe(true)
    expect(new Set(callee.arrivals.map(({ timestamp }) => timestamp)).size).toBe(1)
    await until(() => heard === '8')
  })

  test('of a far end that is muted still pass', async () => {
    const { near, caller, callee } = await bridge()
    near.mute(true)
    await near.stats()
    await press(caller, near, 8)
    await until(() => callee.arrivals.length === 7)
  })

  test('become tones for a side that knows no events', async () => {
    const { near, caller, callee } = await bridge({}, { dtmfPayloadType: null })
    await press(caller, near, 8)
    const detector = new KeyDetector()
    let heard = ''
    let seen = 0
    await until(() => {
      for (; seen < callee.arrivals.length; seen++) {
        heard += detector.hear(decodeG711('PCMU', callee.arrivals[seen]!.payload))
      }
      return heard === '8'
    })
  })
})

test('a prompt played to one side takes the place of the other side there, and only there', async () => {
  const { near, other, caller, callee } = await bridge()
  const playing = near.play({ type: 'tone', frequency: 500, milliseconds: 200 })
  await until(() => caller.arrivals.length > 1)
  await Promise.all([talk(callee, other, 1100, 10), talk(caller, near, 600, 10)])
  await playing
  await until(() => callee.arrivals.length === 10)
  expect(toneShare(caller.sound().slice(0, 1440), 500)).toBeGreaterThan(0.95)
  expect(caller.arrivals).toHaveLength(10)
  await talk(callee, other, 1100, 10)
  await until(() => caller.arrivals.length === 20)
  expect(toneShare(caller.sound().slice(-1600), 1100)).toBeGreaterThan(0.98)
  const numbers = caller.arrivals.map(({ sequence }) => sequence)
  expect(numbers.slice(1).every((sequence, n) => ((sequence - numbers[n]!) & 0xffff) === 1)).toBe(true)
})

describe('nothing is relayed', () => {
  const quiet = Uint8Array.from({ length: 160 }, () => silenceByte.PCMU)

  test('to a side on hold', async () => {
    const { near, other, caller, callee } = await bridge({}, { direction: 'recvonly' })
    await talk(caller, near, 600)
    await talk(callee, other, 1100)
    await until(() => caller.arrivals.length === 20)
    expect(callee.arrivals).toHaveLength(0)
  })

  test('from a side that may not be heard', async () => {
    const { near, other, caller, callee } = await bridge({ direction: 'sendonly' })
    await talk(caller, near, 600)
    await talk(callee, other, 1100)
    await until(() => caller.arrivals.length === 20)
    expect(callee.arrivals).toHaveLength(0)
  })

  test.each([
    ['after the connection was ended', (near: MediaSession) => near.disconnect()],
    ['after the connection was ended by the other side', (_: MediaSession, other: MediaSession) => other.disconnect()],
    ['after the other side closed', (_: MediaSession, other: MediaSession) => other.close()],
  ])('%s', async (_, end) => {
    const { near, other, caller, callee } = await bridge()
    await talk(caller, near, 600, 5)
    await until(() => callee.arrivals.length === 5)
    end(near, other)
    await near.stats()
    await talk(caller, near, 600, 5)
    await until(() => true)
    const stats = async () => (await near.stats()).packetsReceived
    while ((await stats()) < 10) await sleepFor(5)
    expect(callee.arrivals).toHaveLength(5)
  })

  test('of comfort noise, of other payloads, of packets too large', async () => {
    const { near, caller, callee } = await bridge()
    caller.send(near.localPort, Uint8Array.of(60), { payloadType: 13 })
    caller.send(near.localPort, quiet, { payloadType: 18 })
    caller.send(near.localPort, new Uint8Array(2000))
    caller.send(near.localPort, quiet)
    await until(() => callee.arrivals.length > 0)
    expect(callee.arrivals.map(({ payload }) => payload.length)).toEqual([160])
  })
})

test('a muted far end is heard as silence, and the other side as before; unmuted, it is heard again', async () => {
  const { near, other, caller, callee } = await bridge({ codec: 'PCMA', payloadType: 8 })
  near.mute(true)
  await near.stats()
  await Promise.all([talk(caller, near, 600, 20, 'PCMA'), talk(callee, other, 1100)])
  await until(() => callee.arrivals.length === 20 && caller.arrivals.length === 20)
  expect(Math.max(...callee.sound().map(Math.abs))).toBeLessThan(10)
  expect(toneShare(caller.sound(8), 1100)).toBeGreaterThan(0.98)
  near.mute(false)
  await near.stats()
  await talk(caller, near, 600, 20, 'PCMA')
  await until(() => callee.arrivals.length === 40)
  expect(toneShare(callee.sound().slice(-3200), 600)).toBeGreaterThan(0.98)
})

test('a third session takes the place of the second', async () => {
  const { media, near, other, caller, callee } = await bridge()
  const third = await media.session()
  const newcomer = await FarEnd.open(33)
  third.setRemote(agreement(newcomer.port))
  third.connect(near)
  await Promise.all([near.stats(), third.stats()])
  await talk(caller, near, 600, 5)
  await talk(callee, other, 1100, 5)
  await until(() => newcomer.arrivals.length === 5)
  expect([callee.arrivals.length, caller.arrivals.length]).toEqual([0, 0])
})

test('sessions of two engines cannot be connected, and a session not with itself', async () => {
  const near = await mediaForTest().session()
  const other = await mediaForTest({}).session()
  expect(() => near.connect(other)).toThrow(TypeError)
  near.connect(near)
  expect(await near.play({ type: 'silence', milliseconds: 20 })).toBe('finished')
})
