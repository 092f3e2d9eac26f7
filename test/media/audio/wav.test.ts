import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeG711 } from '../../../src/media/audio/g711.ts'
import { isWav, readWav, writeWav } from '../../../src/media/audio/wav.ts'
import { MediaError } from '../../../src/media/error.ts'

const runs = process.env.ONHOOK_LONG === undefined ? 1000 : 100_000

type Format = { coding: number; channels: number; rate: number; bits: number; extensible?: boolean }

/** A WAV file of any format, with an odd-sized chunk before the format as real files have. */
function wav(format: Format, data: Uint8Array, size = data.length): Uint8Array {
  const width = format.bits / 8
  const fmt = Buffer.alloc(format.extensible ? 40 : 16)
  fmt.writeUInt16LE(format.extensible ? 0xfffe : format.coding, 0)
  fmt.writeUInt16LE(format.channels, 2)
  fmt.writeUInt32LE(format.rate, 4)
  fmt.writeUInt32LE(format.rate * width * format.channels, 8)
  fmt.writeUInt16LE(width * format.channels, 12)
  fmt.writeUInt16LE(format.bits, 14)
  if (format.extensible) fmt.writeUInt16LE(format.coding, 24)
  const chunk = (tag: string, body: Uint8Array, length = body.length) => {
    const head = Buffer.alloc(8)
    head.write(tag, 'latin1')
    head.writeUInt32LE(length, 4)
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
  }
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('LIST', Buffer.from('abc')),
    chunk('fmt ', fmt),
    chunk('data', data, size),
  ])
  return chunk('RIFF', body, size === data.length ? body.length : size)
}

const read = (bytes: Uint8Array) => {
  const { rate, pieces } = readWav(bytes)
  return { rate, samples: [...pieces].flatMap((piece) => [...piece]) }
}

const wave = Array.from({ length: 50 }, (_, n) => Math.round(12_000 * Math.sin(n / 5)))

const writers: Record<string, { format: Format; bytes(): Uint8Array; precision: number }> = {
  '16-bit PCM': {
    format: { coding: 1, channels: 1, rate: 8000, bits: 16 },
    bytes: () => new Uint8Array(Int16Array.from(wave).buffer),
    precision: 0,
  },
  '8-bit PCM': {
    format: { coding: 1, channels: 1, rate: 11_025, bits: 8 },
    bytes: () => Uint8Array.from(wave, (x) => Math.round(x / 256) + 128),
    precision: 128,
  },
  '24-bit PCM': {
    format: { coding: 1, channels: 1, rate: 48_000, bits: 24 },
    bytes: () => Uint8Array.from(wave.flatMap((x) => [0, x & 0xff, (x >> 8) & 0xff])),
    precision: 0,
  },
  float: {
    format: { coding: 3, channels: 1, rate: 16_000, bits: 32 },
    bytes: () => new Uint8Array(Float32Array.from(wave, (x) => x / 32_768).buffer),
    precision: 0.01,
  },
  'µ-law': {
    format: { coding: 7, channels: 1, rate: 8000, bits: 8 },
    bytes: () => encodeG711('PCMU', Int16Array.from(wave)),
    precision: 400,
  },
  'A-law': {
    format: { coding: 6, channels: 1, rate: 8000, bits: 8 },
    bytes: () => encodeG711('PCMA', Int16Array.from(wave)),
    precision: 400,
  },
  'extensible 16-bit PCM': {
    format: { coding: 1, channels: 1, rate: 8000, bits: 16, extensible: true },
    bytes: () => new Uint8Array(Int16Array.from(wave).buffer),
    precision: 0,
  },
}

describe.each(Object.entries(writers))('%s', (_, { format, bytes, precision }) => {
  const near = (samples: readonly number[]) => {
    expect(samples).toHaveLength(wave.length)
    samples.forEach((sample, n) => {
      expect(Math.abs(sample * 32_768 - wave[n]!)).toBeLessThanOrEqual(precision)
    })
  }

  test('is read', () => {
    const { rate, samples } = read(wav(format, bytes()))
    expect(rate).toBe(format.rate)
    near(samples)
  })

  test.each([0xffff_ffff, 0x7fff_f000, 0])('is read as a stream whose length says %i', (size) => {
    near(read(wav(format, bytes(), size)).samples)
  })
})

test('two channels are mixed', () => {
  const stereo = Int16Array.of(1000, 3000, -2000, 2000)
  const { samples } = read(wav({ coding: 1, channels: 2, rate: 8000, bits: 16 }, new Uint8Array(stereo.buffer)))
  expect(samples.map((sample) => sample * 32_768)).toEqual([2000, 0])
})

test('what is written is read again', () => {
  const bytes = writeWav(Int16Array.from(wave), 8000)
  expect(isWav(bytes)).toBe(true)
  expect(read(bytes).samples.map((sample) => sample * 32_768)).toEqual(wave)
})

const refused: Record<string, Uint8Array> = {
  'a coding nobody knows': wav({ coding: 2, channels: 1, rate: 8000, bits: 4 }, new Uint8Array(10)),
  'an impossible rate': wav({ coding: 1, channels: 1, rate: 1, bits: 16 }, new Uint8Array(10)),
  'no channel': wav({ coding: 1, channels: 0, rate: 8000, bits: 16 }, new Uint8Array(10)),
  'no format': Buffer.from('RIFF\u0010\0\0\0WAVEdata\u0002\0\0\0ab', 'latin1'),
  'no sound': wav({ coding: 1, channels: 1, rate: 8000, bits: 16 }, new Uint8Array(0)).subarray(0, 44),
}

test.each(Object.entries(refused))('%s is refused', (_, bytes) => {
  expect(() => read(bytes)).toThrow(expect.objectContaining({ code: 'media.unsupported' }))
})

test('a damaged file is read or refused, never anything else', () => {
  const good = wav({ coding: 1, channels: 2, rate: 22_050, bits: 16 }, new Uint8Array(200))
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 })
  fc.assert(
    fc.property(damage, fc.nat(good.length), (changes, length) => {
      const bytes = Uint8Array.from(good)
      for (const [at, value] of changes) bytes[at] = value
      try {
        read(bytes.subarray(0, length))
      } catch (error) {
        expect(error).toBeInstanceOf(MediaError)
      }
    }),
    { numRuns: runs },
  )
})
