import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { loudness, toneShare } from '../../../src/media/audio/goertzel.ts'
import { writeWav } from '../../../src/media/audio/wav.ts'
import { createMedia, type Media, type MediaOptions } from '../../../src/media/index.ts'
import { agreement, FarEnd, mediaForTest, pair, sleepFor, until } from '../far-end.ts'

const wavOf = (frequency: number, milliseconds: number, rate = 16_000) =>
  writeWav(
    Int16Array.from(
      { length: (rate * milliseconds) / 1000 },
      (_, n) => 8000 * Math.sin((2 * Math.PI * frequency * n) / rate),
    ),
    rate,
  )
const files: Record<string, Uint8Array> = {
  'http://app/600.wav': wavOf(600, 400),
  'http://app/440.mp3': readFileSync(new URL('../fixtures/tone-440-22050-mono.mp3', import.meta.url)),
  'http://app/page.html': Buffer.from('<html>'),
}
const fetchAudio = async (url: string) => {
  const file = files[url]
  if (file === undefined) throw new Error('404')
  return file
}

let withFiles: Media | undefined
afterAll(() => withFiles?.close())
const playing = () => (withFiles ??= createMedia({ address: '127.0.0.1', fetchAudio, idle: 'nothing' }))

async function listening(more = {}, options?: Partial<MediaOptions>) {
  const media = options === undefined ? playing() : mediaForTest(options)
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port, more))
  return { session, far }
}

describe('what is played arrives', () => {
  test.each([
    ['a WAV file', { type: 'audio', url: 'http://app/600.wav' } as const, 600],
    ['an MP3 file', { type: 'audio', url: 'http://app/440.mp3' } as const, 440],
    ['a tone', { type: 'tone', frequency: 850, milliseconds: 400 } as const, 850],
  ])('%s', async (_, prompt, frequency) => {
    const { session, far } = await listening()
    expect(await session.play(prompt)).toBe('finished')
    const sound = await far.soundOf(400)
    expect(toneShare(sound.slice(800, 2400), frequency)).toBeGreaterThan(0.98)
  })

  test('as A-law where that was agreed', async () => {
    const { session, far } = await listening({ codec: 'PCMA', payloadType: 8 })
    await session.play({ type: 'audio', url: 'http://app/600.wav' })
    expect(toneShare((await far.soundOf(400, 8)).slice(800, 2400), 600)).toBeGreaterThan(0.98)
  })

  test('as silence, for its time', async () => {
    const { session, far } = await listening()
    const start = performance.now()
    expect(await session.play({ type: 'silence', milliseconds: 200 })).toBe('finished')
    expect(performance.now() - start).toBeGreaterThan(180)
    const sound = await far.soundOf(200)
    expect(sound).toHaveLength(1600)
    expect(loudness(sound)).toBe(0)
  })

  test('from one session to another, which says when the first packet came', async () => {
    const [near, far] = await pair(mediaForTest())
    let first = 0
    far.onFirstPacket(() => first++)
    await near.play({ type: 'tone', frequency: 500, milliseconds: 100 })
    await until(() => first === 1)
    let again = 0
    far.onFirstPacket(() => again++)
    await until(() => again === 1)
    await expect.poll(async () => (await far.stats()).packetsReceived).toBe(5)
    expect(first).toBe(1)
  })
})

test.each([10, 20, 30, 40, 60])('packets hold %i ms where that was agreed, without a hole', async (ptime) => {
  const { session, far } = await listening({ ptime })
  await session.play({ type: 'tone', frequency: 500, milliseconds: 240 })
  expect(new Set(far.arrivals.map(({ payload }) => payload.length))).toEqual(new Set([ptime * 8]))
  expect(await far.soundOf(240)).toHaveLength(240 * 8)
  far.arrivals.slice(1).forEach(({ sequence, timestamp }, n) => {
    const before = far.arrivals[n]!
    expect((sequence - before.sequence) & 0xffff).toBe(1)
    // More only if the machine stood still for a while.
    expect((timestamp - before.timestamp) >>> 0).toBeGreaterThanOrEqual(ptime * 8)
  })
})

describe('loops', () => {
  test('count, and join without a gap', async () => {
    const { session, far } = await listening()
    // 30 ms: not a whole number of packets.
    expect(await session.play({ type: 'tone', frequency: 400, milliseconds: 30 }, { loop: 4 })).toBe('finished')
    const sound = await far.soundOf(120)
    expect(sound).toHaveLength(960)
    expect(toneShare(sound, 400)).toBeGreaterThan(0.98)
  })

  test('for ever last until they are stopped', async () => {
    const { session, far } = await listening()
    const endless = session.play({ type: 'tone', frequency: 400, milliseconds: 40 }, { loop: 0 })
    await until(() => far.arrivals.length > 10)
    session.stop()
    expect(await endless).toBe('stopped')
  })

  test('for ever of nothing end', async () => {
    const { session } = await listening()
    expect(await session.play({ type: 'silence', milliseconds: 0 }, { loop: 0 })).toBe('finished')
  })
})

describe('stopping', () => {
  const forever = { type: 'tone', frequency: 400, milliseconds: 60_000 } as const

  test('a signal stops it, and an aborted one never starts', async () => {
    const { session, far } = await listening()
    const abort = new AbortController()
    const playing = session.play(forever, { signal: abort.signal })
    await until(() => far.arrivals.length > 2)
    abort.abort()
    expect(await playing).toBe('stopped')
    expect(await session.play(forever, { signal: abort.signal })).toBe('stopped')
    await sleepFor(100)
    const heard = far.arrivals.length
    await sleepFor(200)
    expect(far.arrivals).toHaveLength(heard)
  })

  test('a later prompt takes the place of an earlier one', async () => {
    const { session, far } = await listening()
    const first = session.play(forever)
    const second = session.play({ type: 'tone', frequency: 1000, milliseconds: 200 })
    expect(await first).toBe('stopped')
    expect(await second).toBe('finished')
    expect(toneShare(far.sound().slice(-1200), 1000)).toBeGreaterThan(0.98)
  })

  test('a prompt that is still being fetched is stopped at once', async () => {
    let aborted = false
    const { session } = await listening(
      {},
      {
        fetchAudio: (_: string, signal: AbortSignal) =>
          new Promise(() => {
            signal.addEventListener('abort', () => {
              aborted = true
            })
          }),
      },
    )
    const playing = session.play({ type: 'audio', url: 'http://slow/' })
    await sleepFor(20)
    session.stop()
    expect(await playing).toBe('stopped')
    expect(aborted).toBe(true)
  })

  test('when nothing plays it does nothing', async () => {
    const { session } = await listening()
    session.stop()
    expect(await session.play({ type: 'silence', milliseconds: 20 })).toBe('finished')
  })
})

describe('what cannot be played is told by a code', () => {
  test.each([
    ['http://app/none.wav', 'media.fetch-failed'],
    ['http://app/page.html', 'media.unsupported'],
  ])('%s: %s', async (url, code) => {
    const { session } = await listening()
    await expect(session.play({ type: 'audio', url })).rejects.toMatchObject({ name: 'MediaError', code })
  })
})

test('a file asked for by many is fetched once while it is fresh, and again later', async () => {
  let fetched = 0
  let now = 0
  const media = mediaForTest({
    now: () => now,
    audioFreshness: 5000,
    fetchAudio: async () => {
      fetched++
      return wavOf(500, 40)
    },
  })
  const [a, b] = await pair(media)
  const prompt = { type: 'audio', url: 'http://app/x' } as const
  await Promise.all([a.play(prompt), b.play(prompt)])
  now = 4999
  await a.play(prompt)
  expect(fetched).toBe(1)
  now = 10_001
  await a.play(prompt)
  expect(fetched).toBe(2)
})

test('after a failure the next try fetches again', async () => {
  let fetched = 0
  const media = mediaForTest({
    fetchAudio: async () => {
      if (++fetched === 1) throw new Error('503')
      return wavOf(500, 40)
    },
  })
  const [a] = await pair(media)
  const prompt = { type: 'audio', url: 'http://app/x' } as const
  await expect(a.play(prompt)).rejects.toMatchObject({ code: 'media.fetch-failed' })
  expect(await a.play(prompt)).toBe('finished')
})

describe('while nothing plays', () => {
  test('a packet of silence a second keeps the way open', async () => {
    const { far } = await listening({}, { idle: 'keepalive' })
    await until(() => far.arrivals.length >= 2)
    expect(far.arrivals[1]!.at - far.arrivals[0]!.at).toBeGreaterThan(900)
    expect(loudness(far.sound())).toBe(0)
  })

  test('full silence, if wanted', async () => {
    const { far } = await listening({}, { idle: 'silence' })
    await until(() => far.arrivals.length >= 20)
    expect(loudness(far.sound())).toBe(0)
  })
})
