import { type Cipheriv, createCipheriv, hash } from 'node:crypto'
import { readUint32, sequenceDelta, writeUint32 } from '../rtp/packet.ts'

/**
 * Secure RTP (RFC 3711), the one profile that every WebRTC end must speak (RFC 8827 §6.5): AES in counter mode, 128 bits,
 * and HMAC-SHA1 cut to 80 bits.
 *
 * A cipher object for each packet would cost more than the work: the key stream comes from one lasting AES object, which
 * encrypts the counters, and the HMAC is two plain hashes over a buffer that begins with its padded key.
 */

/** Master key and salt of one direction. */
export type SrtpKeys = Readonly<{ key: Uint8Array; salt: Uint8Array }>

export const keyLength = 16
export const saltLength = 14
const tagLength = 10
const indexLength = 4
const sha1Block = 64
const longestDatagram = 2048
/** Streams of one far end that are told apart. A browser has one, and one more after each ICE restart at most. */
const mostStreams = 16
/** How far behind the newest a packet may be (§3.3.2). */
const replayWindow = 128

const labels = { rtp: [0, 1, 2], rtcp: [3, 4, 5] } as const

/** What encrypts and signs one kind of packet in one direction. */
class Protection {
  readonly #aes: Cipheriv
  readonly #salt: Uint8Array
  readonly #outer = new Uint8Array(sha1Block + 20)
  #counters = new Uint8Array(16 * 16)
  /** The padded key, then the packet that is worked on. */
  readonly #scratch = new Uint8Array(sha1Block + longestDatagram)
  readonly work = this.#scratch.subarray(sha1Block)

  constructor({ key, salt }: SrtpKeys, kind: keyof typeof labels) {
    const derived = labels[kind].map((label, n) => derive(key, salt, label, [keyLength, 20, saltLength][n]!))
    this.#aes = createCipheriv('aes-128-ecb', derived[0]!, null)
    this.#aes.setAutoPadding(false)
    this.#salt = derived[2]!
    for (let n = 0; n < sha1Block; n++) {
      const byte = derived[1]![n] ?? 0
      this.#scratch[n] = byte ^ 0x36
      this.#outer[n] = byte ^ 0x5c
    }
  }

  /** Encrypts, or decrypts, a part of the work in place (§4.1.1). */
  cipher(from: number, to: number, ssrc: number, indexHigh: number, indexLow: number): void {
    const blocks = (to - from + 15) >> 4
    if (this.#counters.length < blocks * 16) this.#counters = new Uint8Array(blocks * 16)
    const counters = this.#counters
    counters.set(this.#salt)
    xor32(counters, 4, ssrc)
    xor32(counters, 8, indexHigh)
    counters[12]! ^= indexLow >> 8
    counters[13]! ^= indexLow
    counters[14] = 0
    counters[15] = 0
    for (let block = 1; block < blocks; block++) {
      counters.copyWithin(block * 16, 0, 16)
      counters[block * 16 + 15] = block
    }
    const stream = this.#aes.update(counters.subarray(0, blocks * 16))
    const { work } = this
    for (let at = from, n = 0; at < to; at++, n++) work[at]! ^= stream[n]!
  }

  /** The whole HMAC over the first `length` bytes of the work; its first 10 bytes are the tag. */
  sign(length: number): Uint8Array {
    this.#outer.set(hash('sha1', this.#scratch.subarray(0, sha1Block + length), 'buffer'), sha1Block)
    return hash('sha1', this.#outer, 'buffer')
  }
}

/** §4.3.1, with a key derivation rate of zero. */
function derive(key: Uint8Array, salt: Uint8Array, label: number, length: number): Uint8Array {
  const input = new Uint8Array(16)
  input.set(salt)
  input[7]! ^= label
  const aes = createCipheriv('aes-128-ecb', key, null)
  aes.setAutoPadding(false)
  const blocks = new Uint8Array(Math.ceil(length / 16) * 16)
  for (let block = 0; block * 16 < length; block++) {
    input[15] = block
    blocks.set(input, block * 16)
  }
  return new Uint8Array(aes.update(blocks)).subarray(0, length)
}

function xor32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at]! ^= value >>> 24
  bytes[at + 1]! ^= value >>> 16
  bytes[at + 2]! ^= value >>> 8
  bytes[at + 3]! ^= value
}

/** Makes plain packets secure. Each result is a view that is good until the next one. */
export class SrtpSender {
  readonly #rtp: Protection
  readonly #rtcp: Protection
  #rollover = 0
  #sequence = -1
  #rtcpIndex = 0

  constructor(keys: SrtpKeys) {
    this.#rtp = new Protection(keys, 'rtp')
    this.#rtcp = new Protection(keys, 'rtcp')
  }

  /** A packet of our one stream, without CSRCs and extensions. */
  protect(packet: Uint8Array): Uint8Array {
    const { work } = this.#rtp
    const { length } = packet
    work.set(packet)
    const sequence = (work[2]! << 8) | work[3]!
    const rollover = this.#rolloverOf(sequence)
    this.#rtp.cipher(12, length, readUint32(work, 8), rollover, sequence)
    writeUint32(work, length, rollover)
    work.set(this.#rtp.sign(length + 4).subarray(0, tagLength), length)
    return work.subarray(0, length + tagLength)
  }

  /** A relayed packet may be late: it keeps the count of its own cycle. */
  #rolloverOf(sequence: number): number {
    if (this.#sequence < 0) this.#sequence = sequence
    const ahead = sequenceDelta(this.#sequence, sequence)
    const cycle = this.#sequence + ahead
    if (ahead > 0) {
      if (cycle > 0xffff) this.#rollover = (this.#rollover + 1) >>> 0
      this.#sequence = sequence
      return this.#rollover
    }
    return cycle < 0 ? Math.max(0, this.#rollover - 1) : this.#rollover
  }

  /** A compound control packet (§3.4). */
  protectControl(packet: Uint8Array): Uint8Array {
    const { work } = this.#rtcp
    const { length } = packet
    work.set(packet)
    const index = this.#rtcpIndex
    this.#rtcpIndex = (index + 1) & 0x7fff_ffff
    this.#rtcp.cipher(8, length, readUint32(work, 4), index >>> 16, index & 0xffff)
    writeUint32(work, length, (0x8000_0000 | index) >>> 0)
    work.set(this.#rtcp.sign(length + indexLength).subarray(0, tagLength), length + indexLength)
    return work.subarray(0, length + indexLength + tagLength)
  }
}

/** One stream's place in its numbers: the rollover count with the highest sequence number, and what came lately. */
type Place = { highest: number; seen: bigint }

/** Opens secure packets. Each result is a view that is good until the next one; null for whatever is not from the far end, or came before. */
export class SrtpReceiver {
  readonly #rtp: Protection
  readonly #rtcp: Protection
  readonly #streams = new Map<number, Place>()
  readonly #control: Place = { highest: -1, seen: 0n }

  constructor(keys: SrtpKeys) {
    this.#rtp = new Protection(keys, 'rtp')
    this.#rtcp = new Protection(keys, 'rtcp')
  }

  open(datagram: Uint8Array): Uint8Array | null {
    const length = datagram.length - tagLength
    const start = payloadStart(datagram, length)
    if (start < 0 || datagram.length > longestDatagram - 4) return null
    const ssrc = readUint32(datagram, 8)
    const sequence = (datagram[2]! << 8) | datagram[3]!
    const place = this.#streams.get(ssrc) ?? { highest: sequence, seen: 0n }
    // §3.3.1: the index nearest to the highest one so far.
    const index = place.highest + sequenceDelta(place.highest & 0xffff, sequence)
    if (index < 0 || isRepeated(place, index)) return null
    const rollover = Math.floor(index / 0x1_0000)
    const { work } = this.#rtp
    work.set(datagram)
    writeUint32(work, length, rollover)
    if (!agrees(this.#rtp.sign(length + 4), datagram, length)) return null
    note(place, index)
    this.#keep(ssrc, place)
    this.#rtp.cipher(start, length, ssrc, rollover, sequence)
    return work.subarray(0, length)
  }

  #keep(ssrc: number, place: Place): void {
    if (this.#streams.has(ssrc)) return
    if (this.#streams.size >= mostStreams) this.#streams.delete(this.#streams.keys().next().value as number)
    this.#streams.set(ssrc, place)
  }

  openControl(datagram: Uint8Array): Uint8Array | null {
    const signed = datagram.length - tagLength
    const length = signed - indexLength
    if (length < 8 || datagram.length > longestDatagram) return null
    const word = readUint32(datagram, length)
    const index = word & 0x7fff_ffff
    if (isRepeated(this.#control, index)) return null
    const { work } = this.#rtcp
    work.set(datagram)
    if (!agrees(this.#rtcp.sign(signed), datagram, signed)) return null
    note(this.#control, index)
    // The E bit: a far end may leave control packets in the clear.
    if (word >>> 31 === 1) this.#rtcp.cipher(8, length, readUint32(datagram, 4), index >>> 16, index & 0xffff)
    return work.subarray(0, length)
  }
}

/** Where the payload begins, behind CSRCs and extension; −1 for no packet. */
function payloadStart(datagram: Uint8Array, length: number): number {
  if (length < 12 || datagram[0]! >> 6 !== 2) return -1
  let start = 12 + 4 * (datagram[0]! & 0x0f)
  if ((datagram[0]! & 0x10) !== 0) {
    if (start + 4 > length) return -1
    start += 4 + 4 * ((datagram[start + 2]! << 8) | datagram[start + 3]!)
  }
  return start > length ? -1 : start
}

/** In the time that all ten bytes take, wherever they differ. */
function agrees(mac: Uint8Array, datagram: Uint8Array, at: number): boolean {
  let difference = 0
  for (let n = 0; n < tagLength; n++) difference |= mac[n]! ^ datagram[at + n]!
  return difference === 0
}

function isRepeated({ highest, seen }: Place, index: number): boolean {
  const behind = highest - index
  if (behind < 0) return false
  return behind >= replayWindow || ((seen >> BigInt(behind)) & 1n) === 1n
}

const windowMask = (1n << BigInt(replayWindow)) - 1n

function note(place: Place, index: number): void {
  const ahead = index - place.highest
  if (ahead > 0) {
    place.seen = ahead >= replayWindow ? 1n : ((place.seen << BigInt(ahead)) | 1n) & windowMask
    place.highest = index
  } else place.seen |= 1n << BigInt(-ahead)
}
