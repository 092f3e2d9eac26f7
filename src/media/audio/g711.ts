import type { Codec } from '../sdp/negotiated.ts'

/** G.711 (ITU-T 1988), both laws, by table. Linear samples are 16 bits signed; sound is at 8,000 samples a second. */

export const sampleRate = 8000

/** The code word of silence. */
export const silenceByte: Readonly<Record<Codec, number>> = { PCMU: 0xff, PCMA: 0xd5 }

const muBias = 0x84
const muClip = 32_635

function encodeMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const magnitude = Math.min(Math.abs(sample), muClip) + muBias
  const exponent = 31 - Math.clz32(magnitude) - 7
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f
  return ~(sign | (exponent << 4) | mantissa) & 0xff
}

function decodeMuLaw(code: number): number {
  const word = ~code & 0xff
  const magnitude = ((((word & 0x0f) << 3) + muBias) << ((word >> 4) & 0x07)) - muBias
  return word & 0x80 ? -magnitude : magnitude
}

/** A-law works on 13 bits; negative values are ones' complements, so that both signs have the same steps. */
function encodeALaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80
  const magnitude = (sample < 0 ? ~sample : sample) >> 3
  const top = 31 - Math.clz32(magnitude | 1)
  const code = top < 5 ? magnitude >> 1 : ((top - 4) << 4) | ((magnitude >> (top - 4)) & 0x0f)
  return (sign | code) ^ 0x55
}

function decodeALaw(code: number): number {
  const word = code ^ 0x55
  const exponent = (word >> 4) & 0x07
  const step = ((word & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? step : (step + 0x100) << (exponent - 1)
  return word & 0x80 ? magnitude : -magnitude
}

/** Indexed by the sample's 16 bits, taken as unsigned. */
function encodingTable(encode: (sample: number) => number): Uint8Array {
  const table = new Uint8Array(65_536)
  for (let index = 0; index < 65_536; index++) table[index] = encode((index << 16) >> 16)
  return table
}

function decodingTable(decode: (code: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => decode(code))
}

/** Code word → sample, for whoever decodes in place. */
export const decoding: Readonly<Record<Codec, Int16Array>> = {
  PCMU: decodingTable(decodeMuLaw),
  PCMA: decodingTable(decodeALaw),
}

/** Filled when first needed: the main thread never encodes. */
const encoding: Partial<Record<Codec, Uint8Array>> = {}

function encodingOf(codec: Codec): Uint8Array {
  encoding[codec] ??= encodingTable(codec === 'PCMU' ? encodeMuLaw : encodeALaw)
  return encoding[codec]
}

export function encodeG711(
  codec: Codec,
  samples: Int16Array,
  into: Uint8Array = new Uint8Array(samples.length),
): Uint8Array {
  const table = encodingOf(codec)
  for (let index = 0; index < samples.length; index++) into[index] = table[samples[index]! & 0xffff]!
  return into
}

export function decodeG711(codec: Codec, codes: Uint8Array): Int16Array {
  const table = decoding[codec]
  const samples = new Int16Array(codes.length)
  for (let index = 0; index < codes.length; index++) samples[index] = table[codes[index]!]!
  return samples
}

const toALaw = Uint8Array.from({ length: 256 }, (_, code) => encodeALaw(decodeMuLaw(code)))
const toMuLaw = Uint8Array.from({ length: 256 }, (_, code) => encodeMuLaw(decodeALaw(code)))

/** Code word of the other law → code word of this one. */
export const transcoding: Readonly<Record<Codec, Uint8Array>> = { PCMU: toMuLaw, PCMA: toALaw }
