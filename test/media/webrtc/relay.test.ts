import { describe, expect, test } from 'vitest'
import { encodeG711 } from '../../../src/media/audio/g711.ts'
import { toneShare } from '../../../src/media/audio/goertzel.ts'
import type { Codec, Direction, Negotiated } from '../../../src/media/index.ts'
import { writeEvent } from '../../../src/media/rtp/telephone-event.ts'
import { agreement, FarEnd, mediaForTest, sleepFor } from '../far-end.ts'
import { connected, join, until } from './peers.ts'

const tone = (codec: Codec, frequency: number, packet: number) =>
  encodeG711(
    codec,
    Int16Array.from({ length: 160 }, (_, n) => 8000 * Math.sin((2 * Math.PI * frequency * (packet * 160 + n)) / 8000)),
  )

/**
 * A plain far end at each end, and WebRTC in the middle: near ─ RTP ─ ours ─ WebRTC ─ ours ─ RTP ─ far. Each half is a relay
 * between a plain session and one over WebRTC.
 */
async function chain(more: Partial<Negotiated> = {}) {
  const media = mediaForTest()
  const [left, right] = await connected(media)
  const ends = await Promise.all(
    [left, right].map(async ({ session }, n) => {
      const plain = await media.session()
      const far = await FarEnd.open(11 * (n + 1))
      plain.setRemote(agreement(far.port, more))
      plain.connect(session)
      await plain.stats()
      return { plain, far, peer: session }
    }),
  )
  return { near: ends[0]!, far: ends[1]!, left, right }
}

type End = Awaited<ReturnType<typeof chain>>['near']

async function talk({ far, plain }: End, frequency: number, codec: Codec = 'PCMU', count = 20): Promise<void> {
  for (let packet = 0; packet < count; packet++) {
    far.send(plain.localPort, tone(codec, frequency, packet), codec === 'PCMA' ? { payloadType: 8 } : {})
    await sleepFor(1)
  }
}

test.each<[Codec, number]>([
  ['PCMU', 0],
  ['PCMA', 8],
])('both ends hear each other, their law %s', async (codec, payloadType) => {
  const { near, far } = await chain({ codec, payloadType })
  await Promise.all([talk(near, 600, codec), talk(far, 1100, codec)])
  await until(() => near.far.arrivals.length === 20 && far.far.arrivals.length === 20)
  expect(toneShare(far.far.sound(payloadType), 600)).toBeGreaterThan(0.98)
  expect(toneShare(near.far.sound(payloadType), 1100)).toBeGreaterThan(0.98)
})

test('PCMU passes byte for byte', async () => {
  const { near, far } = await chain()
  await talk(near, 600)
  await until(() => far.far.arrivals.length === 20)
  expect(far.far.arrivals.map(({ payload }) => Buffer.from(payload).toString('hex'))).toEqual(
    Array.from({ length: 20 }, (_, n) => Buffer.from(tone('PCMU', 600, n)).toString('hex')),
  )
})

test('keys pass as events, and each session tells of them', async () => {
  const { near, far } = await chain()
  const heard = { plain: '', peer: '' }
  near.plain.onDigit((digit) => {
    heard.plain += digit
  })
  far.peer.onDigit((digit) => {
    heard.peer += digit
  })
  for (const [n, duration] of [160, 320, 480, 640, 800, 800, 800].entries()) {
    const payload = new Uint8Array(4)
    writeEvent(8, n >= 4, duration, payload)
    near.far.send(near.plain.localPort, payload, { payloadType: 101, timestamp: 777_000, marker: n === 0 })
    await sleepFor(1)
  }
  await until(() => far.far.arrivals.length === 7)
  expect(far.far.arrivals.every(({ payloadType, payload }) => payloadType === 101 && payload[0] === 8)).toBe(true)
  await until(() => heard.plain === '8' && heard.peer === '8')
})

test('a prompt to one side is heard there instead of the other side', async () => {
  const { near, far } = await chain()
  const playing = far.peer.play({ type: 'tone', frequency: 500, milliseconds: 300 })
  await until(() => near.far.arrivals.length > 1)
  await talk(far, 1100, 'PCMU', 5)
  await playing
  expect(toneShare(near.far.sound(), 500)).toBeGreaterThan(0.95)
})

describe('on hold nothing passes', () => {
  test.each<[Direction]>([['inactive'], ['recvonly']])('%s', async (direction) => {
    const { near, far, left, right } = await chain()
    await right.session.accept(await left.session.answer(await right.session.offer({ direction })))
    await right.session.stats()
    await talk(far, 1100)
    await talk(near, 600)
    await until(() => true)
    await left.session.stats()
    expect(near.far.arrivals).toHaveLength(0)
    await join(right.session, left.session)
    await talk(far, 1100)
    await until(() => near.far.arrivals.length === 20)
  })
})
