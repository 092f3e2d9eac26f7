import type { Codec, Direction } from '../sdp/negotiated.ts'

/** One m= line of a WebRTC end's description, with what we need of it. */
export type PeerSection = Readonly<{
  type: string
  protocol: string
  formats: string
  /** 0 and not bundle-only: rejected. */
  rejected: boolean
  mid: string | null
  /** In their order of preference. Empty for anything that is not G.711 over DTLS-SRTP. */
  codecs: readonly Readonly<{ codec: Codec; payloadType: number }>[]
  dtmfPayloadType: number | null
  direction: Direction
  ptime: number
  rtcpMux: boolean
  ice: IceNames | null
  fingerprints: readonly Fingerprint[]
  setup: Setup | null
  /** As they stand, without `a=`. */
  candidates: readonly string[]
}>

export type IceNames = Readonly<{ ufrag: string; password: string }>
/** `algorithm` in lower case, `value` in upper case with colons. */
export type Fingerprint = Readonly<{ algorithm: string; value: string }>
export type Setup = 'active' | 'passive' | 'actpass' | 'holdconn'

export type PeerDescription = Readonly<{
  sections: readonly PeerSection[]
  /** The far end only answers ICE's questions. */
  iceLite: boolean
  /** The mids that share one transport; the first one's m= line describes it (RFC 9143 §7.2). */
  bundle: readonly string[]
}>

const longestDescription = 262_144
const mostSections = 64
const ptimes = [60, 40, 30, 20, 10]
const staticCodecs: Readonly<Record<number, Codec>> = { 0: 'PCMU', 8: 'PCMA' }

/** Attributes by name, in their order. */
type Attributes = ReadonlyMap<string, readonly string[]>

/** Tolerant: anything at all gives sections or null (no session description). Never throws. */
export function readPeerDescription(text: string): PeerDescription | null {
  if (typeof text !== 'string' || text.length > longestDescription || !/^v=0\s*$/m.test(text)) return null
  const blocks: string[][] = [[]]
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.startsWith('m=') && blocks.push([]) > mostSections) return null
    blocks.at(-1)!.push(line)
  }
  const session = readAttributes(blocks[0]!)
  const media = blocks.slice(1).map((lines) => ({ line: lines[0]!, attributes: readAttributes(lines) }))
  const bundle =
    /^BUNDLE +(.*)$/i
      .exec(session.get('group')?.[0] ?? '')?.[1]
      ?.trim()
      .split(/ +/) ?? []
  const tagged = media.find(({ attributes }) => attributes.get('mid')?.[0] === bundle[0])?.attributes
  return {
    iceLite: session.has('ice-lite'),
    bundle,
    sections: media.map(({ line, attributes }) => {
      const mid = attributes.get('mid')?.[0] ?? null
      const shared = mid !== null && bundle.includes(mid) ? tagged : undefined
      return readSection(line, attributes, shared, session)
    }),
  }
}

function readAttributes(lines: readonly string[]): Attributes {
  const attributes = new Map<string, string[]>()
  for (const line of lines) {
    const match = /^a=([a-z0-9-]+)(?::(.*))?$/i.exec(line.trimEnd())
    if (match === null) continue
    const values = attributes.get(match[1]!)
    if (values === undefined) attributes.set(match[1]!, [match[2] ?? ''])
    else values.push(match[2] ?? '')
  }
  return attributes
}

function readSection(line: string, own: Attributes, shared: Attributes | undefined, session: Attributes): PeerSection {
  const [type = '', port = '0', protocol = '', ...formats] = line.slice(2).trim().split(/\s+/)
  const inherited = (name: string): readonly string[] => own.get(name) ?? shared?.get(name) ?? session.get(name) ?? []
  const secure = /^(?:UDP\/TLS\/)?RTP\/SAVPF?$/i.test(protocol)
  return {
    type,
    protocol,
    formats: formats.join(' '),
    rejected: Number.parseInt(port, 10) === 0 && !own.has('bundle-only'),
    mid: own.get('mid')?.[0] ?? null,
    codecs: type === 'audio' && secure ? readCodecs(formats, own) : [],
    dtmfPayloadType: readDtmf(formats, own),
    direction: readDirection(own) ?? readDirection(session) ?? 'sendrecv',
    ptime: readPtime(own),
    rtcpMux: inherited('rtcp-mux').length > 0,
    ice: readIce(inherited('ice-ufrag')[0], inherited('ice-pwd')[0]),
    fingerprints: inherited('fingerprint').flatMap(readFingerprint),
    setup: readSetup(inherited('setup')[0]),
    candidates: (own.get('candidate') ?? shared?.get('candidate') ?? []).map((value) => `candidate:${value}`),
  }
}

/** Payload number → name and rate. */
function readMap(attributes: Attributes, payloadType: number): string | undefined {
  for (const value of attributes.get('rtpmap') ?? []) {
    const match = /^(\d{1,3}) +([^/ ]+)\/(\d+)/.exec(value)
    if (match !== null && Number(match[1]) === payloadType) return `${match[2]!.toUpperCase()}/${match[3]}`
  }
  return undefined
}

const payloadNumbers = (formats: readonly string[]): number[] =>
  formats.filter((format) => /^\d{1,3}$/.test(format) && Number(format) <= 127).map(Number)

function readCodecs(formats: readonly string[], attributes: Attributes): PeerSection['codecs'] {
  return payloadNumbers(formats).flatMap((payloadType) => {
    const map = readMap(attributes, payloadType)
    const codec = map === undefined ? staticCodecs[payloadType] : /^(PCM[UA])\/8000$/.exec(map)?.[1]
    return codec === undefined ? [] : [{ codec: codec as Codec, payloadType }]
  })
}

function readDtmf(formats: readonly string[], attributes: Attributes): number | null {
  const found = payloadNumbers(formats).find((number) => readMap(attributes, number) === 'TELEPHONE-EVENT/8000')
  return found ?? null
}

function readDirection(attributes: Attributes): Direction | undefined {
  return (['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const).find((direction) => attributes.has(direction))
}

function readPtime(attributes: Attributes): number {
  const number = (name: string): number | undefined => {
    const value = Number(attributes.get(name)?.[0])
    return value > 0 ? value : undefined
  }
  const limit = Math.min(number('ptime') ?? 20, number('maxptime') ?? 60)
  return ptimes.find((length) => length <= limit) ?? 10
}

/** RFC 8839 §5.4: at least 4 and 22 characters, at most 256. Shorter ones than the law are taken: they still name a peer. */
function readIce(ufrag: string | undefined, password: string | undefined): IceNames | null {
  const fine = (value: string | undefined): value is string => value !== undefined && /^[^\s:]{1,256}$/.test(value)
  return fine(ufrag) && fine(password) ? { ufrag, password } : null
}

/** What a stranger's certificate may be checked with (RFC 8122 §5). SHA-1 and MD5 prove nothing any more. */
const algorithms = /^sha-(?:224|256|384|512)$/

function readFingerprint(value: string): Fingerprint[] {
  const [algorithm = '', digest = ''] = value.trim().split(/ +/)
  const fine = algorithms.test(algorithm.toLowerCase()) && /^[0-9a-f]{2}(?::[0-9a-f]{2})+$/i.test(digest)
  return fine ? [{ algorithm: algorithm.toLowerCase(), value: digest.toUpperCase() }] : []
}

function readSetup(value: string | undefined): Setup | null {
  const lower = value?.trim().toLowerCase()
  return lower === 'active' || lower === 'passive' || lower === 'actpass' || lower === 'holdconn' ? lower : null
}
