import { isIP } from 'node:net'
import { type MediaDescription, parse, type SessionDescription } from 'sdp-transform'
import type { Codec, Direction } from './negotiated.ts'

/** One m= line of somebody's description, with what we need of it. */
export type Section = Readonly<{
  /** The three parts of the m= line that a rejection must repeat. */
  type: string
  protocol: string
  formats: string
  /** 0: rejected or disabled. */
  port: number
  /** In their order of preference. Empty for anything that is not G.711 over RTP. */
  codecs: readonly Readonly<{ codec: Codec; payloadType: number }>[]
  dtmfPayloadType: number | null
  /** null if it is missing or is no IP address. */
  address: string | null
  rtcpAddress: string | null
  rtcpPort: number
  /** Seen from their side. c=0.0.0.0 is told by `muted`. */
  direction: Direction
  /** c=0.0.0.0 or ::, the hold of RFC 2543: send nothing to them (RFC 3264 §8.4). */
  muted: boolean
  ptime: number
}>

const staticCodecs: Readonly<Record<number, Codec>> = { 0: 'PCMU', 8: 'PCMA' }
const directions: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] satisfies Direction[]
/** Packet lengths that we send, in milliseconds. */
const ptimes = [60, 40, 30, 20, 10]
const defaultPtime = 20
const longestDescription = 65_536
/** The lines that we read: not the hundred candidates of a browser, and none with a costly grammar. */
const relevant = /^(?:[cm]=|a=(?:rtpmap|ptime|maxptime|rtcp):|a=(?:sendrecv|sendonly|recvonly|inactive)\s*$)/

/** Tolerant: anything at all gives sections or null (no session description). Never throws. */
export function readDescription(text: string): readonly Section[] | null {
  if (text.length > longestDescription || !/^v=0/m.test(text)) return null
  try {
    // The grammar of sdp-transform has no port count (`m=audio 49170/2 …`, RFC 8866 §5.14), which means nothing for audio.
    const lines = text.split(/\r\n|\r|\n/).filter((line) => relevant.test(line))
    const plain = lines.map((line) => line.replace(/^(m=\S+ +\d+)\/\d+/, '$1'))
    const session = parse(plain.join('\r\n'))
    return plain
      .filter((line) => line.startsWith('m='))
      .map((line, index) => readSection(line, session, session.media[index]))
  } catch {
    return null
  }
}

function readSection(line: string, session: SessionDescription, media: MediaDescription | undefined): Section {
  const [type = '', port = '0', protocol = '', ...formats] = line.slice(2).trim().split(/\s+/)
  const portNumber = /^\d{1,5}$/.test(port) ? Number(port) : 0
  const connection = addressOf(media?.connection?.ip ?? session.connection?.ip)
  const rtcpAddress = addressOf(media?.rtcp?.address) ?? connection
  const rtcpPort = media?.rtcp?.port
  return {
    type,
    protocol,
    formats: formats.join(' '),
    port: portNumber < 65_536 ? portNumber : 0,
    codecs: type === 'audio' && /^RTP\/AVPF?$/.test(protocol) ? readCodecs(formats, media) : [],
    dtmfPayloadType: findFormat(formats, media, 'telephone-event'),
    address: connection,
    rtcpAddress,
    rtcpPort:
      typeof rtcpPort === 'number' && rtcpPort > 0 && rtcpPort < 65_536 ? rtcpPort : Math.min(portNumber + 1, 65_535),
    direction: readDirection(media?.direction ?? session.direction),
    muted: connection === '0.0.0.0' || connection === '::',
    ptime: readPtime(media?.ptime, media?.maxptime),
  }
}

function readCodecs(formats: readonly string[], media: MediaDescription | undefined): Section['codecs'] {
  const found: { codec: Codec; payloadType: number }[] = []
  for (const format of formats) {
    const payloadType = payloadNumber(format)
    if (payloadType === null) continue
    const map = media?.rtp.find((rtp) => rtp.payload === payloadType)
    const codec = map === undefined ? staticCodecs[payloadType] : codecNamed(map.codec, map.rate)
    if (codec !== undefined) found.push({ codec, payloadType })
  }
  return found
}

function codecNamed(name: unknown, rate: unknown): Codec | undefined {
  if (rate !== 8000) return undefined
  const upper = String(name).toUpperCase()
  return upper === 'PCMU' || upper === 'PCMA' ? upper : undefined
}

function findFormat(formats: readonly string[], media: MediaDescription | undefined, name: string): number | null {
  for (const format of formats) {
    const payloadType = payloadNumber(format)
    if (payloadType === null) continue
    const map = media?.rtp.find((rtp) => rtp.payload === payloadType)
    if (map !== undefined && String(map.codec).toLowerCase() === name && map.rate === 8000) return payloadType
  }
  return null
}

function payloadNumber(format: string): number | null {
  if (!/^\d{1,3}$/.test(format)) return null
  const value = Number(format)
  return value <= 127 ? value : null
}

/** Multicast is no far end; a TTL or count after a slash is dropped (RFC 8866 §5.7). */
function addressOf(raw: unknown): string | null {
  if (typeof raw !== 'string') return null
  const address = raw.split('/')[0] as string
  switch (isIP(address)) {
    case 4:
      return Number(address.split('.')[0]) >= 224 ? null : address
    case 6:
      // In the form that sockets report, so that sources can be compared.
      return /^ff/i.test(address) ? null : new URL(`http://[${address}]`).hostname.slice(1, -1)
    default:
      return null
  }
}

function readDirection(raw: unknown): Direction {
  return typeof raw === 'string' && directions.includes(raw) ? (raw as Direction) : 'sendrecv'
}

function readPtime(ptime: unknown, maxptime: unknown): number {
  const wanted = typeof ptime === 'number' && ptime > 0 ? ptime : defaultPtime
  const limit = typeof maxptime === 'number' && maxptime > 0 ? Math.min(wanted, maxptime) : wanted
  return ptimes.find((length) => length <= limit) ?? 10
}
