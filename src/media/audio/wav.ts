import { MediaError } from '../error.ts'
import { decodeG711 } from './g711.ts'
import { type Linear, rates } from './linear.ts'

/** RIFF WAVE files: PCM of 8, 16, 24 and 32 bits, 32-bit float, A-law, µ-law; any number of channels. */

type Format = Readonly<{ coding: number; channels: number; rate: number; bits: number }>
/** Reads one sample, full scale ±1. */
type Reader = (view: DataView, at: number) => number

/** WAVE format tags. */
const pcm = 1
const float = 3
const aLaw = 6
const muLaw = 7
const extensible = 0xfffe

const lawReader = (codec: 'PCMU' | 'PCMA'): Reader => {
  const table = decodeG711(
    codec,
    Uint8Array.from({ length: 256 }, (_, code) => code),
  )
  return (view, at) => table[view.getUint8(at)]! / 32_768
}

/** `coding/bits` → reader. */
const readers: Readonly<Record<string, Reader>> = {
  [`${pcm}/8`]: (view, at) => (view.getUint8(at) - 128) / 128,
  [`${pcm}/16`]: (view, at) => view.getInt16(at, true) / 32_768,
  [`${pcm}/24`]: (view, at) => (view.getUint16(at, true) | (view.getInt8(at + 2) << 16)) / 8_388_608,
  [`${pcm}/32`]: (view, at) => view.getInt32(at, true) / 2_147_483_648,
  [`${float}/32`]: (view, at) => view.getFloat32(at, true) || 0,
  [`${aLaw}/8`]: lawReader('PCMA'),
  [`${muLaw}/8`]: lawReader('PCMU'),
}

/** Frames that are decoded at a time. */
const pieceLength = 65_536

export const isWav = (bytes: Uint8Array): boolean => tagAt(bytes, 0) === 'RIFF' && tagAt(bytes, 8) === 'WAVE'

/**
 * Sizes are taken as hints: streams are written with 0xFFFFFFFF or 0 where the length was not known, and files are cut off.
 * @throws MediaError `media.unsupported`
 */
export function readWav(bytes: Uint8Array): Linear {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let format: Format | null = null
  for (let at = 12; at + 8 <= bytes.length; ) {
    const tag = tagAt(bytes, at)
    const size = view.getUint32(at + 4, true)
    const start = at + 8
    if (tag === 'fmt ' && size >= 16 && start + 16 <= bytes.length) format = readFormat(view, start, size)
    if (tag === 'data') {
      if (format === null) break
      const unknown = size === 0 || size > bytes.length - start
      return { rate: format.rate, pieces: pieces(view, start, unknown ? bytes.length : start + size, format) }
    }
    at = start + size + (size % 2)
  }
  throw new MediaError('media.unsupported', format === null ? 'WAV without a format' : 'WAV without sound')
}

function readFormat(view: DataView, at: number, size: number): Format {
  const coding = view.getUint16(at, true)
  const format = {
    // The first two bytes of the long form's sub-format are the tag that would have stood here.
    coding: coding === extensible && size >= 26 && at + 26 <= view.byteLength ? view.getUint16(at + 24, true) : coding,
    channels: view.getUint16(at + 2, true),
    rate: view.getUint32(at + 4, true),
    bits: view.getUint16(at + 14, true),
  }
  if (readers[`${format.coding}/${format.bits}`] === undefined) {
    throw new MediaError('media.unsupported', `WAV with coding ${format.coding} of ${format.bits} bits`)
  }
  if (format.rate < rates.lowest || format.rate > rates.highest) {
    throw new MediaError('media.unsupported', `WAV with ${format.rate} samples a second`)
  }
  if (format.channels < 1 || format.channels > 8) {
    throw new MediaError('media.unsupported', `WAV with ${format.channels} channels`)
  }
  return format
}

function* pieces(view: DataView, start: number, end: number, format: Format): Generator<Float32Array> {
  const { channels, bits } = format
  const read = readers[`${format.coding}/${bits}`]!
  const width = bits / 8
  const frames = Math.floor((end - start) / (width * channels))
  for (let first = 0; first < frames; first += pieceLength) {
    const piece = new Float32Array(Math.min(pieceLength, frames - first))
    let at = start + first * width * channels
    for (let index = 0; index < piece.length; index++) {
      let sum = 0
      for (let channel = 0; channel < channels; channel++, at += width) sum += read(view, at)
      piece[index] = sum / channels
    }
    yield piece
  }
}

function tagAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}

export const wavHeaderLength = 44

/** The head of a file of 16-bit PCM, one channel. @param bytes of sound after it. */
export function wavHeader(rate: number, bytes: number): Uint8Array {
  const header = new Uint8Array(wavHeaderLength)
  const view = new DataView(header.buffer)
  const tag = (at: number, text: string): void => {
    for (let index = 0; index < 4; index++) header[at + index] = text.charCodeAt(index)
  }
  tag(0, 'RIFF')
  view.setUint32(4, wavHeaderLength - 8 + bytes, true)
  tag(8, 'WAVE')
  tag(12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, pcm, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  tag(36, 'data')
  view.setUint32(40, bytes, true)
  return header
}

/** 16 bits, the lower byte first, on every machine. */
export function writeSamples(samples: Int16Array, into: Uint8Array, at = 0): void {
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!
    into[at + 2 * index] = sample
    into[at + 2 * index + 1] = sample >> 8
  }
}

/** 16-bit PCM, one channel. */
export function writeWav(samples: Int16Array, rate: number): Uint8Array {
  const bytes = new Uint8Array(wavHeaderLength + samples.length * 2)
  bytes.set(wavHeader(rate, samples.length * 2))
  writeSamples(samples, bytes, wavHeaderLength)
  return bytes
}
