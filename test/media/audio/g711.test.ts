import { expect, test } from 'vitest'
import { decodeG711, encodeG711, silenceByte, transcoding } from '../../../src/media/audio/g711.ts'

const every = Int16Array.from({ length: 65_536 }, (_, index) => index - 32_768)
const codes = Uint8Array.from({ length: 256 }, (_, code) => code)

/** [law, code word, sample]: the extremes and the zeros of ITU-T G.711's tables, at 16 bits. */
const table = [
  ['PCMU', 0x00, -32_124],
  ['PCMU', 0x80, 32_124],
  ['PCMU', 0xff, 0],
  ['PCMU', 0x7f, 0],
  ['PCMU', 0xfe, 8],
  ['PCMA', 0x2a, -32_256],
  ['PCMA', 0xaa, 32_256],
  ['PCMA', 0xd5, 8],
  ['PCMA', 0x55, -8],
] as const

test.each(table)('%s decodes %i to %i', (codec, code, sample) => {
  expect(decodeG711(codec, Uint8Array.of(code))[0]).toBe(sample)
})

/** Half a step of the segment that a sample lies in. */
const bounds = { PCMU: (x: number) => (x + 132) / 32 + 1, PCMA: (x: number) => Math.max(16, x / 32 + 1) }

test.each(['PCMU', 'PCMA'] as const)('%s: every sample comes back within half a step', (codec) => {
  const back = decodeG711(codec, encodeG711(codec, every))
  const worst = every.reduce(
    (most, x, index) => Math.max(most, Math.abs(x - back[index]!) - bounds[codec](Math.abs(x))),
    -1,
  )
  expect(worst).toBeLessThanOrEqual(0)
})

test.each(['PCMU', 'PCMA'] as const)('%s: every code word comes back as itself, but for the second zero', (codec) => {
  const back = encodeG711(codec, decodeG711(codec, codes))
  const changed = [...codes].filter((code) => back[code] !== code)
  expect(changed).toEqual(codec === 'PCMU' ? [0x7f] : [])
})

test.each(['PCMU', 'PCMA'] as const)('%s: encoding is monotonous', (codec) => {
  const back = decodeG711(codec, encodeG711(codec, every))
  expect(back.findIndex((sample, index) => index > 0 && sample < back[index - 1]!)).toBe(-1)
})

test('transcoding equals decoding and encoding again', () => {
  expect(transcoding.PCMA).toEqual(encodeG711('PCMA', decodeG711('PCMU', codes)))
  expect(transcoding.PCMU).toEqual(encodeG711('PCMU', decodeG711('PCMA', codes)))
})

test('silence is the code word of zero', () => {
  expect(encodeG711('PCMU', Int16Array.of(0))[0]).toBe(silenceByte.PCMU)
  expect(encodeG711('PCMA', Int16Array.of(0))[0]).toBe(silenceByte.PCMA)
})
