import { setImmediate } from 'node:timers/promises'
import { MPEGDecoder } from 'mpg123-decoder'
import { MediaError } from '../error.ts'

/** MPEG audio through mpg123 (WebAssembly). */

/** Bytes fed at a time. */
const feedLength = 16_384
/** Junk before the first frame that is searched through, bytes. */
const longestJunk = 8192

/** kbit/s by index, for layer III of MPEG 1 and of MPEG 2 and 2.5. */
const bitRates = {
  one: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  two: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const
const sampleRates = [44_100, 48_000, 32_000] as const

/** Length of the layer III frame at a place, from its header; 0 if there is none. */
function frameLength(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1]! & 0xe0) !== 0xe0) return 0
  const version = (bytes[at + 1]! >> 3) & 3
  const layer = (bytes[at + 1]! >> 1) & 3
  const bitRate = (version === 3 ? bitRates.one : bitRates.two)[bytes[at + 2]! >> 4]
  const base = sampleRates[(bytes[at + 2]! >> 2) & 3]
  if (version === 1 || layer !== 1 || !bitRate || base === undefined) return 0
  const rate = version === 3 ? base : version === 2 ? base / 2 : base / 4
  return Math.floor(((version === 3 ? 144_000 : 72_000) * bitRate) / rate) + ((bytes[at + 2]! >> 1) & 1)
}

/** Where the frames begin: behind an ID3v2 tag and a little junk; −1 if two frames do not follow each other there. */
function firstFrame(bytes: Uint8Array): number {
  let start = 0
  if (bytes.length > 10 && bytes[0] === 0x49 && bytes[1] === 0x44 && bytes[2] === 0x33) {
    start = 10 + ((bytes[6]! << 21) | (bytes[7]! << 14) | (bytes[8]! << 7) | bytes[9]!)
  }
  for (let at = start; at < Math.min(bytes.length, start + longestJunk); at++) {
    const length = frameLength(bytes, at)
    if (length > 0 && (at + length >= bytes.length || frameLength(bytes, at + length) > 0)) return at
  }
  return -1
}

export const isMp3 = (bytes: Uint8Array): boolean => firstFrame(bytes) >= 0

/**
 * Hands over one channel piece by piece; others get their turn between two pieces.
 * @throws MediaError `media.unsupported`
 */
export async function readMp3(bytes: Uint8Array, hear: (rate: number, piece: Float32Array) => void): Promise<void> {
  const decoder = new MPEGDecoder()
  try {
    await decoder.ready
    let total = 0
    for (let at = firstFrame(bytes); at < bytes.length; at += feedLength) {
      const { channelData, samplesDecoded, sampleRate } = decoder.decode(bytes.subarray(at, at + feedLength))
      if (samplesDecoded === 0) continue
      total += samplesDecoded
      hear(sampleRate, mixed(channelData, samplesDecoded))
      await setImmediate()
    }
    if (total === 0) throw new MediaError('media.unsupported', 'MP3 without sound')
  } finally {
    decoder.free()
  }
}

/** The decoder gives the same sound twice for one channel. */
function mixed([left, right]: readonly Float32Array[], length: number): Float32Array {
  const piece = new Float32Array(length)
  for (let index = 0; index < length; index++) piece[index] = (left![index]! + right![index]!) / 2
  return piece
}
