/** The sound's room of the composition root: where its sockets are bound, the address that far ends are told, where prompts come from. */
import { isIP } from 'node:net'
import type { Logger } from 'pino'
import { isPrivate, isWildcard } from '../config/address.ts'
import type { Config, SipConfig } from '../config/config.ts'
import { createMedia, type Media } from '../media/index.ts'
import type { Clock, WebClient } from '../switchboard/ports.ts'

export type MediaRoomOptions = Readonly<{
  config: Config
  web: WebClient
  clock: Clock
  log: Logger
  /** A prompt by its address `object://BUCKET/KEY`. */
  inBucket(url: string): Promise<Uint8Array>
}>

export function openMedia({ config, web, clock, log, inBucket }: MediaRoomOptions): Media {
  const { sip } = config
  return createMedia({
    address: bindAddress(sip),
    portRange: { first: sip.media.ports[0], last: sip.media.ports[1] },
    lostAfter: sip.media.silenceSeconds * 1000,
    rtcp: sip.media.rtcp,
    webrtc: config.matrix === undefined ? 'first' : 'start',
    iceAddresses: [sip.media.address ?? sip.advertised ?? ''].filter((address) => isIP(address) > 0),
    fetchAudio: (url, signal) => (url.startsWith('object://') ? inBucket(url) : fetchAudio(web, url, signal)),
    warn: (warning) => log.warn(warning, 'media'),
    now: () => clock.now(),
  })
}

/** What session descriptions say. */
export function mediaAddress(sip: SipConfig): string {
  const first = firstHost(sip)
  return sip.media.address ?? sip.advertised ?? (isWildcard(first) ? '127.0.0.1' : first)
}

/** Where RTP sockets are bound: everywhere, unless all of SIP stays on one address. */
function bindAddress(sip: SipConfig): string {
  const first = firstHost(sip)
  const one = sip.listen.every(({ host }) => host === first)
  return one && (isWildcard(first) || isPrivate(first) || sip.advertised === undefined) ? first : '0.0.0.0'
}

function firstHost({ listen }: SipConfig): string {
  return listen[0]?.host ?? '127.0.0.1'
}

const audioLimits = {
  connectTimeout: 3_000,
  readTimeout: 10_000,
  totalTimeout: 20_000,
  maxBytes: 20_000_000,
  maxRedirects: 3,
}

async function fetchAudio(web: WebClient, url: string, signal: AbortSignal): Promise<Uint8Array> {
  const result = await web.fetch({ ...audioLimits, url, method: 'GET', headers: {}, signal })
  if (!result.ok) throw new Error(`${result.error}: ${result.detail}`)
  if (result.status < 200 || result.status > 299) throw new Error(`status ${result.status}`)
  return result.body
}
