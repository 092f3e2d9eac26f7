import { isIPv6 } from 'node:net'
import { readDescription, type Section } from './description.ts'
import { type Codec, codecs, type Direction, type Negotiated } from './negotiated.ts'

/** What we say of ourselves. */
export type LocalMedia = Readonly<{
  /** The address and port that the far end shall send to: the advertised ones. */
  address: string
  port: number
  /** The codecs we accept, best first; all by default. An answer follows the offerer's order (RFC 3264 §6.1). */
  codecs?: readonly Codec[]
  /** What we want; `sendrecv` by default. `sendonly` or `inactive` puts the far end on hold. */
  direction?: Direction
  /** Numeric session id of the o= line, digits; the port by default. Not used if `previous` is given. */
  sessionId?: string
  /** The description that we sent last in this dialog: id and version follow from it (RFC 3264 §8). */
  previous?: string
  /** Packet length in milliseconds; 20 by default. */
  ptime?: number
  /** Payload number that our offers use for telephone-event; 101 by default. Keep it for a dialog's whole life. */
  dtmfPayloadType?: number
}>

/** `malformed`: no session description. `incompatible`: nothing in common, or rejected. Both are SIP 488. */
export type SdpFailure = Readonly<{ ok: false; error: 'malformed' | 'incompatible'; detail: string }>
export type Answered = Readonly<{ ok: true; answer: string; negotiated: Negotiated }>
export type Agreed = Readonly<{ ok: true; negotiated: Negotiated }>

/** Their direction → the directions that an answer may take (RFC 3264 §6.1), by what we want. */
export const answerDirections: Readonly<Record<Direction, Readonly<Record<Direction, Direction>>>> = {
  sendrecv: { sendrecv: 'sendrecv', sendonly: 'sendonly', recvonly: 'recvonly', inactive: 'inactive' },
  sendonly: { sendrecv: 'recvonly', sendonly: 'inactive', recvonly: 'recvonly', inactive: 'inactive' },
  recvonly: { sendrecv: 'sendonly', sendonly: 'sendonly', recvonly: 'inactive', inactive: 'inactive' },
  inactive: { sendrecv: 'inactive', sendonly: 'inactive', recvonly: 'inactive', inactive: 'inactive' },
}

/** With c=0.0.0.0 nothing may be sent, whatever the direction says (RFC 3264 §8.4). */
const mutedDirections: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'recvonly',
  sendonly: 'inactive',
  recvonly: 'recvonly',
  inactive: 'inactive',
}

/** Answers an offer (RFC 3264 §6): one G.711 codec, telephone-event, every other m= line rejected. Never throws. */
export function answerOffer(offer: string, local: LocalMedia): Answered | SdpFailure {
  const sections = readDescription(offer)
  if (sections === null) return { ok: false, error: 'malformed', detail: 'no session description' }
  const accepted = local.codecs ?? codecs
  let negotiated: Negotiated | undefined
  const lines: string[] = []
  for (const section of sections) {
    const agreed =
      negotiated === undefined ? agree(section, accepted, local.direction ?? 'sendrecv', local.address) : null
    if (agreed === null) lines.push(`m=${section.type} 0 ${section.protocol} ${section.formats || '0'}`)
    else {
      negotiated = agreed
      lines.push(...audioLines(local, section.protocol, [agreed], agreed.dtmfPayloadType, agreed.direction))
    }
  }
  if (negotiated === undefined) return incompatible(sections)
  return { ok: true, answer: describe(local, lines), negotiated }
}

/** An offer of ours: G.711, telephone-event, one m= line. */
export function makeOffer(local: LocalMedia): string {
  const offered = (local.codecs ?? codecs).map((codec) => ({ codec, payloadType: codec === 'PCMU' ? 0 : 8 }))
  const dtmf = local.dtmfPayloadType ?? 101
  return describe(local, audioLines(local, 'RTP/AVP', offered, dtmf, local.direction ?? 'sendrecv'))
}

/**
 * Reads the answer to an offer made by `makeOffer`. An answer that lists several codecs means the first (RFC 3264 §7).
 * `offer` tells which direction we had asked for. Never throws.
 */
export function readAnswer(offer: string, answer: string): Agreed | SdpFailure {
  const mine = readDescription(offer)?.[0]
  const address = mine?.address ?? undefined
  const sections = readDescription(answer)
  if (sections === null) return { ok: false, error: 'malformed', detail: 'no session description' }
  // m= lines of an answer match those of the offer one by one (RFC 3264 §6); ours is the first and only one.
  const first = sections[0]
  const offered = mine?.codecs.map(({ codec }) => codec) ?? codecs
  const negotiated = first === undefined ? null : agree(first, offered, mine?.direction ?? 'sendrecv', address)
  return negotiated === null ? incompatible(sections.slice(0, 1)) : { ok: true, negotiated }
}

/** @param address ours: a socket of one family cannot send to the other. */
function agree(
  section: Section,
  accepted: readonly Codec[],
  wanted: Direction,
  address: string | undefined,
): Negotiated | null {
  const match = section.codecs.find(({ codec }) => accepted.includes(codec))
  if (match === undefined || section.port === 0 || section.address === null) return null
  if (address !== undefined && !section.muted && isIPv6(address) !== isIPv6(section.address)) return null
  const direction = answerDirections[section.direction][wanted]
  return {
    ...match,
    dtmfPayloadType: section.dtmfPayloadType,
    address: section.address,
    port: section.port,
    rtcpAddress: section.rtcpAddress ?? section.address,
    rtcpPort: section.rtcpPort,
    direction: section.muted ? mutedDirections[direction] : direction,
    ptime: section.ptime,
  }
}

function incompatible(sections: readonly Section[]): SdpFailure {
  const audio = sections.filter(({ type }) => type === 'audio')
  const detail =
    audio.length === 0
      ? 'no audio'
      : audio.every(({ port }) => port === 0)
        ? 'audio was rejected'
        : audio.every(({ codecs: found }) => found.length === 0)
          ? `no G.711 over plain RTP: ${audio.map(({ protocol, formats }) => `${protocol} ${formats}`).join(', ')}`
          : 'no usable IP address, or no codec in common'
  return { ok: false, error: 'incompatible', detail }
}

function audioLines(
  local: LocalMedia,
  protocol: string,
  offered: readonly Readonly<{ codec: Codec; payloadType: number }>[],
  dtmf: number | null,
  direction: Direction,
): string[] {
  const formats = [...offered.map(({ payloadType }) => payloadType), ...(dtmf === null ? [] : [dtmf])]
  return [
    `m=audio ${local.port} ${protocol} ${formats.join(' ')}`,
    ...offered.map(({ codec, payloadType }) => `a=rtpmap:${payloadType} ${codec}/8000`),
    // Events 0–15: the keys, no flash and no tones (RFC 4733 §3.2).
    ...(dtmf === null ? [] : [`a=rtpmap:${dtmf} telephone-event/8000`, `a=fmtp:${dtmf} 0-15`]),
    `a=ptime:${local.ptime ?? 20}`,
    `a=${direction}`,
  ]
}

/**
 * The o= version grows by one whenever the description differs from the one sent before, and only then (RFC 3264 §8).
 */
function describe(local: LocalMedia, lines: readonly string[]): string {
  const before = local.previous === undefined ? null : /^o=\S+ (\d+) (\d+) /m.exec(local.previous)
  const id = before?.[1] ?? local.sessionId ?? String(local.port)
  const version = before === null ? 1 : Number(before[2])
  const same = compose(local, lines, id, version)
  return before === null || same === local.previous ? same : compose(local, lines, id, version + 1)
}

function compose(local: LocalMedia, lines: readonly string[], id: string, version: number): string {
  const address = `IN ${isIPv6(local.address) ? 'IP6' : 'IP4'} ${local.address}`
  return `v=0\r\no=- ${id} ${version} ${address}\r\ns=-\r\nc=${address}\r\nt=0 0\r\n${lines.join('\r\n')}\r\n`
}
