import type { MediaErrorCode } from '../error.ts'
import type { Agreement, Codec, Direction } from '../sdp/negotiated.ts'
import { answerDirections } from '../sdp/offer-answer.ts'
import {
  type Fingerprint,
  type IceNames,
  type PeerDescription,
  type PeerSection,
  readPeerDescription,
  type Setup,
} from './description.ts'

/** Offers and answers of WebRTC (JSEP, RFC 8829): one audio m= line of ours, every other one refused. Pure; nothing throws. */

/** What our descriptions say of ourselves. */
export type LocalPeer = Readonly<{
  /** Numeric session id of the o= line. */
  sessionId: string
  ice: IceNames
  fingerprint: Fingerprint
  ssrc: number
  cname: string
  streamId: string
  /** Known so far, as in a=candidate lines. */
  candidates: readonly string[]
}>

/** The m= lines of a session: they stay in their places for its whole life (RFC 3264 §8). */
export type Layout = Readonly<{
  lines: readonly Readonly<{ type: string; protocol: string; formats: string; mid: string | null }>[]
  /** Which of them is our audio. */
  audio: number
  /** The payload numbers of our offers are kept (§8.3.2). */
  payloads: Payloads
  bundled: boolean
  rtcpMux: boolean
}>

type Payloads = Readonly<{ codecs: readonly Readonly<{ codec: Codec; payloadType: number }>[]; dtmf: number | null }>

export const firstLayout: Layout = {
  lines: [{ type: 'audio', protocol: 'UDP/TLS/RTP/SAVPF', formats: '0 8 101', mid: '0' }],
  audio: 0,
  payloads: {
    codecs: [
      { codec: 'PCMU', payloadType: 0 },
      { codec: 'PCMA', payloadType: 8 },
    ],
    dtmf: 101,
  },
  bundled: true,
  rtcpMux: true,
}

export type Role = 'client' | 'server'

/** What both descriptions together say. */
export type PeerAgreed = Readonly<{
  layout: Layout
  agreement: Agreement
  ice: IceNames
  iceLite: boolean
  fingerprints: readonly Fingerprint[]
  /** Ours in DTLS; null if the description leaves it as it was. */
  role: Role | null
  /** Theirs, as they stand in the description. */
  candidates: readonly string[]
  /** The m= line that candidates belong to, if they name one. */
  mid: string | null
}>

export type Refusal = Readonly<{ ok: false; code: MediaErrorCode; detail: string }>

/** Reads an offer. What we answer, `composeAnswer` says. */
export function readOffer(text: string, wish: Direction): Readonly<{ ok: true; agreed: PeerAgreed }> | Refusal {
  const description = readPeerDescription(text)
  if (description === null) return malformed('no session description')
  const audio = description.sections.findIndex(({ rejected, codecs }) => !rejected && codecs.length > 0)
  const section = description.sections[audio]
  if (section === undefined) return incompatible(description.sections)
  // The offerer must leave the choice to us (RFC 8842 §5.2); whoever does not has chosen.
  const role = section.setup === 'active' ? 'server' : 'client'
  return agree(description, section, audio, wish, role, { ...firstLayout.payloads, dtmf: section.dtmfPayloadType })
}

/** Reads the answer to an offer of ours. */
export function readPeerAnswer(
  text: string,
  offered: Layout,
  wish: Direction,
): Readonly<{ ok: true; agreed: PeerAgreed }> | Refusal {
  const description = readPeerDescription(text)
  if (description === null) return malformed('no session description')
  const section = description.sections[offered.audio]
  if (section === undefined || section.rejected) return incompatible(description.sections.slice(0, offered.audio + 1))
  const { codecs, dtmf } = offered.payloads
  const known = { ...section, codecs: section.codecs.filter((one) => isOffered(one, codecs)) }
  if (known.codecs.length === 0) return incompatible([section])
  const role = section.setup === 'active' ? 'server' : section.setup === 'passive' ? 'client' : null
  const keys = dtmf !== null && section.dtmfPayloadType === dtmf ? dtmf : null
  const read = agree(description, known, offered.audio, wish, role, { codecs, dtmf: keys })
  if (!read.ok) return read
  // Ours stands, down to the names: an answer only says what of it is accepted.
  const { bundled, rtcpMux } = read.agreed.layout
  return { ok: true, agreed: { ...read.agreed, layout: { ...offered, bundled, rtcpMux } } }
}

type Offered = PeerSection['codecs'][number]
const isOffered = (one: Offered, codecs: readonly Offered[]): boolean =>
  codecs.some(({ codec, payloadType }) => codec === one.codec && payloadType === one.payloadType)

function agree(
  description: PeerDescription,
  section: PeerSection,
  audio: number,
  wish: Direction,
  role: Role | null,
  payloads: Payloads,
): Readonly<{ ok: true; agreed: PeerAgreed }> | Refusal {
  if (section.ice === null) return malformed('no ICE user name and password')
  if (section.fingerprints.length === 0) return malformed('no fingerprint of a certificate, or none by SHA-2')
  // PCMU first: it needs no transcoding to most of what is on the other side.
  const chosen = section.codecs.find(({ codec }) => codec === 'PCMU') ?? section.codecs[0]!
  const { mid } = section
  const bundled = mid !== null && description.bundle.includes(mid)
  const layout: Layout = {
    lines: description.sections.map(({ type, protocol, formats, mid: name }) => ({
      type,
      protocol,
      formats,
      mid: name,
    })),
    audio,
    payloads: { codecs: payloadsOf(section, payloads), dtmf: payloads.dtmf },
    bundled,
    rtcpMux: section.rtcpMux,
  }
  const agreement: Agreement = {
    ...chosen,
    dtmfPayloadType: payloads.dtmf,
    direction: answerDirections[section.direction][wish],
    ptime: section.ptime,
  }
  const { ice, fingerprints, candidates } = section
  const { iceLite } = description
  return { ok: true, agreed: { layout, agreement, ice, iceLite, fingerprints, role, candidates, mid } }
}

/** One number for each codec: that of the description, which both sides know. */
function payloadsOf(section: PeerSection, { codecs }: Payloads): Payloads['codecs'] {
  const found = codecs.flatMap(({ codec }) => section.codecs.find((one) => one.codec === codec) ?? [])
  return found.length > 0 ? found : section.codecs.slice(0, 1)
}

const malformed = (detail: string): Refusal => ({ ok: false, code: 'media.malformed', detail })

function incompatible(sections: readonly PeerSection[]): Refusal {
  const audio = sections.filter(({ type }) => type === 'audio')
  const detail =
    audio.length === 0
      ? 'no audio'
      : audio.every(({ rejected }) => rejected)
        ? 'audio was rejected'
        : `no G.711 over DTLS-SRTP: ${audio.map(namesOf).join('; ')}`
  return { ok: false, code: 'media.incompatible', detail }
}

const namesOf = ({ protocol, formats }: PeerSection): string => `${protocol} ${formats}`.slice(0, 100)

export type Say = Readonly<{ version: number; direction: Direction; setup: Setup; layout: Layout }>

/** An offer: every codec we speak under the numbers of the layout. */
export function composeOffer(local: LocalPeer, say: Say): string {
  return compose(local, say, say.layout.payloads.codecs, say.layout.payloads.dtmf)
}

/** An answer: the one codec that was chosen, so that nobody switches to another. */
export function composeAnswer(local: LocalPeer, say: Say, agreement: Agreement): string {
  return compose(local, say, [agreement], agreement.dtmfPayloadType)
}

function compose(local: LocalPeer, say: Say, codecs: Payloads['codecs'], dtmf: number | null): string {
  const { layout } = say
  const mid = layout.lines[layout.audio]!.mid
  const lines = [
    'v=0',
    `o=- ${local.sessionId} ${say.version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    ...(layout.bundled && mid !== null ? [`a=group:BUNDLE ${mid}`] : []),
    `a=msid-semantic: WMS ${local.streamId}`,
    ...layout.lines.flatMap((line, index) =>
      index === layout.audio
        ? audioLines(local, say, line.protocol, mid, codecs, dtmf)
        : [
            `m=${line.type} 0 ${line.protocol} ${line.formats || '0'}`,
            'c=IN IP4 0.0.0.0',
            ...(line.mid === null ? [] : [`a=mid:${line.mid}`]),
            'a=inactive',
          ],
    ),
  ]
  return `${lines.join('\r\n')}\r\n`
}

function audioLines(
  local: LocalPeer,
  { direction, setup, layout }: Say,
  protocol: string,
  mid: string | null,
  codecs: Payloads['codecs'],
  dtmf: number | null,
): string[] {
  const formats = [...codecs.map(({ payloadType }) => payloadType), ...(dtmf === null ? [] : [dtmf])]
  return [
    `m=audio 9 ${protocol} ${formats.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    ...local.candidates.map((candidate) => `a=${candidate}`),
    `a=ice-ufrag:${local.ice.ufrag}`,
    `a=ice-pwd:${local.ice.password}`,
    'a=ice-options:trickle',
    `a=fingerprint:${local.fingerprint.algorithm} ${local.fingerprint.value}`,
    `a=setup:${setup}`,
    ...(mid === null ? [] : [`a=mid:${mid}`]),
    `a=${direction}`,
    `a=msid:${local.streamId} audio`,
    ...(layout.rtcpMux ? ['a=rtcp-mux'] : []),
    ...codecs.map(({ codec, payloadType }) => `a=rtpmap:${payloadType} ${codec}/8000`),
    // Events 0–15: the keys, no flash and no tones (RFC 4733 §3.2).
    ...(dtmf === null ? [] : [`a=rtpmap:${dtmf} telephone-event/8000`, `a=fmtp:${dtmf} 0-15`]),
    'a=ptime:20',
    `a=ssrc:${local.ssrc} cname:${local.cname}`,
  ]
}
