import { readUint32, writeUint32 } from './packet.ts'

/** RTP control packets (RFC 3550 §6): what we send of our own account, and what we read of theirs. */

/** What we tell of the stream that we hear (§6.4.1). */
export type ReceptionReport = Readonly<{
  ssrc: number
  /** 0–255, of 256, since the last report. */
  fractionLost: number
  /** Since the beginning; 24 bits, signed. */
  lost: number
  /** Highest sequence number with its count of cycles. */
  highest: number
  /** In samples. */
  jitter: number
  /** Middle 32 bits of their last sender report's time, and how long ago it came, in 1/65536 s; both 0 if none came. */
  lastReport: number
  sinceLastReport: number
}>

/** What a sender report tells of us; absent for a receiver report. */
export type SenderInfo = Readonly<{
  /** Milliseconds since the Unix epoch, and the RTP timestamp of the same moment. */
  at: number
  timestamp: number
  packets: number
  bytes: number
}>

const senderReport = 200
const receiverReport = 201
const sourceDescription = 202
const goodbye = 203
/** Seconds from 1900 to 1970. */
const ntpOffset = 2_208_988_800

/** A compound packet: SR or RR, SDES with the CNAME, and BYE if the stream ends (§6.1). */
export function buildReport(
  ssrc: number,
  cname: string,
  sender: SenderInfo | null,
  reports: readonly ReceptionReport[],
  bye: boolean,
): Uint8Array {
  const nameLength = Math.min(255, cname.length)
  const headLength = (sender === null ? 8 : 28) + reports.length * 24
  // The chunk ends with at least one zero byte and on a word boundary (§6.5).
  const chunkLength = 4 + Math.ceil((2 + nameLength + 1) / 4) * 4
  // From Node's pool: a short packet needs no memory of its own.
  const packet = Buffer.allocUnsafe(headLength + 4 + chunkLength + (bye ? 8 : 0)).fill(0)
  writeHead(packet, 0, reports.length, sender === null ? receiverReport : senderReport, headLength)
  writeUint32(packet, 4, ssrc)
  if (sender !== null) writeSender(packet, sender)
  reports.forEach((report, index) => {
    writeReception(packet, (sender === null ? 8 : 28) + index * 24, report)
  })
  writeHead(packet, headLength, 1, sourceDescription, 4 + chunkLength)
  writeUint32(packet, headLength + 4, ssrc)
  packet[headLength + 8] = 1
  packet[headLength + 9] = nameLength
  packet.write(cname, headLength + 10, nameLength, 'latin1')
  if (bye) {
    const at = headLength + 4 + chunkLength
    writeHead(packet, at, 1, goodbye, 8)
    writeUint32(packet, at + 4, ssrc)
  }
  return packet
}

function writeHead(packet: Uint8Array, at: number, count: number, type: number, length: number): void {
  packet[at] = 0x80 | count
  packet[at + 1] = type
  packet[at + 2] = (length / 4 - 1) >> 8
  packet[at + 3] = length / 4 - 1
}

function writeSender(packet: Uint8Array, { at, timestamp, packets, bytes }: SenderInfo): void {
  writeUint32(packet, 8, Math.floor(at / 1000) + ntpOffset)
  writeUint32(packet, 12, ((at % 1000) / 1000) * 0x1_0000_0000)
  writeUint32(packet, 16, timestamp)
  writeUint32(packet, 20, packets)
  writeUint32(packet, 24, bytes)
}

function writeReception(packet: Uint8Array, at: number, report: ReceptionReport): void {
  writeUint32(packet, at, report.ssrc)
  writeUint32(packet, at + 4, (report.fractionLost << 24) | (Math.max(-0x80_0000, report.lost) & 0xff_ffff))
  writeUint32(packet, at + 8, report.highest)
  writeUint32(packet, at + 12, report.jitter)
  writeUint32(packet, at + 16, report.lastReport)
  writeUint32(packet, at + 20, report.sinceLastReport)
}

/** The middle 32 bits of the time in a sender report at the head of a compound packet; null if there is none. */
export function senderReportTime(packet: Uint8Array): number | null {
  if (packet.length < 28 || packet[0]! >> 6 !== 2 || packet[1] !== senderReport) return null
  return ((readUint32(packet, 8) << 16) | (readUint32(packet, 12) >>> 16)) >>> 0
}
