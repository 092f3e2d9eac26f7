import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeG711 } from '../../../src/media/audio/g711.ts'
import { toneShare } from '../../../src/media/audio/goertzel.ts'
import { isMp3 } from '../../../src/media/audio/mp3.ts'
import { writeWav } from '../../../src/media/audio/wav.ts'
import { decodeAudio } from '../../../src/media/studio/decode.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url))

/** [file, hertz, milliseconds] */
const files = [
  ['tone-440-22050-mono.mp3', 440, 500],
  ['tone-1000-44100-stereo-tagged.mp3', 1000, 400],
] as const

describe.each(files)('%s', (name, frequency, milliseconds) => {
  test('becomes a clip in both laws with its tone', async () => {
    const clip = await decodeAudio(fixture(name))
    // MP3 pads its ends.
    expect(clip.PCMU.length / 8).toBeGreaterThanOrEqual(milliseconds - 1)
    expect(clip.PCMU.length / 8).toBeLessThan(milliseconds + 100)
    for (const codec of ['PCMU', 'PCMA'] as const) {
      const middle = decodeG711(codec, clip[codec].subarray(800, 2400))
      expect(toneShare(middle, frequency)).toBeGreaterThan(0.99)
    }
  })

  test('cut off in the middle still gives what is there', async () => {
    const bytes = fixture(name)
    const clip = await decodeAudio(bytes.subarray(0, bytes.length / 2))
    expect(clip.PCMU.length).toBeGreaterThan(800)
  })
})

test('a clip lies in memory that threads share', async () => {
  const clip = await decodeAudio(writeWav(new Int16Array(80), 8000))
  expect(clip.PCMU.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect([clip.PCMU.length, clip.PCMA.length]).toEqual([80, 80])
})

const refused: Record<string, Uint8Array> = {
  'a web page': Buffer.from('<!doctype html><title>Not found</title>'),
  nothing: new Uint8Array(0),
  'an Ogg file': Buffer.from('OggS\0\u0002'),
  zeros: new Uint8Array(5000),
  'a tag with nothing behind it': fixture('tone-1000-44100-stereo-tagged.mp3').subarray(0, 100),
}

test.each(Object.entries(refused))('%s is refused', async (_, bytes) => {
  expect(isMp3(bytes)).toBe(false)
  await expect(decodeAudio(bytes)).rejects.toMatchObject({ code: 'media.unsupported' })
})
