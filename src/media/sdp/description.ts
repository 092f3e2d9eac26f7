import { isIP } from 'node:net'
import { type Attributes, type MediaLines, readLines } from './lines.ts'
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
/** Packet lengths that we send, in milliseconds. */
const ptimes = [60, 40, 30, 20, 10]
const defaultPtime = 20
const longestDescription = 65_536
/** Tolerant: anything at all gives sections or null (no session description). Never throws. */
export function readDescription(text: string): readonly Section[] | null {
  if (text.length > longestDescription || !/^v=0/m.test(text)) return null
  const { session, media } = readLines(text)
  return media.map((section) => readSection(section, session))
}

function readSection(media: MediaLines, session: Attributes): Section {
  const [type = '', wholePort = '0', protocol = '', ...formats] = media.head.trim().split(/\s+/)
  // A count of ports (`m=audio 49170/2 …`, RFC 8866 §5.14) means nothing for audio.
  const port = wholePort.replace(/\/\d+$/, '')
  const portNumber = /^\d{1,5}$/.test(port) ? Number(port) : 0
  const connection = addressOf(media.address ?? session.address)
  const rtcpAddress = addressOf(media.rtcp?.address) ?? connection
  const rtcpPort = media.rtcp?.port
  return {
    type,
    protocol,
    formats: formats.join(' '),
    port: portNumber < 65_536 ? portNumber : 0,
    codecs: type === 'audio' && (protocol === 'RTP/AVP' || protocol === 'RTP/AVPF') ? readCodecs(formats, media) : [],
    dtmfPayloadType: findFormat(formats, media, 'telephone-event'),
    address: connection,
    rtcpAddress,
    rtcpPort: rtcpPort !== undefined && rtcpPort > 0 && rtcpPort < 65_536 ? rtcpPort : Math.min(portNumber + 1, 65_535),
    direction: (media.direction ?? session.direction ?? 'sendrecv') as Direction,
    muted: connection === '0.0.0.0' || connection === '::',
    ptime: readPtime(media.ptime, media.maxptime),
  }
}

function readCodecs(formats: readonly string[], { maps }: Attributes): Section['codecs'] {
  const found: { codec: Codec; payloadType: number }[] = []
  for (const format of formats) {
    const payloadType = payloadNumber(format)
    if (payloadType === null) continue
    const map = maps.find((each) => each.payloadType === payloadType)
    const codec = map === undefined ? staticCodecs[payloadType] : codecNamed(map.name, map.rate)
    if (codec !== undefined) found.push({ codec, payloadType })
  }
  return found
}

function codecNamed(name: string, rate: number | undefined): Codec | undefined {
  if (rate !== 8000) return undefined
  const upper = name.toUpperCase()
  return upper === 'PCMU' || upper === 'PCMA' ? upper : undefined
}

function findFormat(formats: readonly string[], { maps }: Attributes, name: string): number | null {
  if (maps.length === 0) return null
  for (const format of formats) {
    const payloadType = payloadNumber(format)
    const map = payloadType === null ? undefined : maps.find((each) => each.payloadType === payloadType)
    if (map !== undefined && map.name.toLowerCase() === name && map.rate === 8000) return payloadType
  }
  return null
}

function payloadNumber(format: string): number | null {
  if (!/^\d{1,3}$/.test(format)) return null
  const value = Number(format)
  return value <= 127 ? value : null
}

/** Multicast is no far end; a TTL or count after a slash is dropped (RFC 8866 §5.7). */
function addressOf(raw: string | undefined): string | null {
  if (raw === undefined) return null
  const address = raw.split('/', 1)[0] as string
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

function readPtime(ptime: number | undefined, maxptime: number | undefined): number {
  const wanted = ptime !== undefined && ptime > 0 ? ptime : defaultPtime
  const limit = maxptime !== undefined && maxptime > 0 ? Math.min(wanted, maxptime) : wanted
  return ptimes.find((length) => length <= limit) ?? 10
}
