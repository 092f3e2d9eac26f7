/** Descriptions as browsers write them, and what can be wrong with them. */

const ice = ['a=ice-ufrag:TrKk', 'a=ice-pwd:ZIJ5I899QFjTqB2KA4zS9faM', 'a=ice-options:trickle']
const print =
  'a=fingerprint:sha-256 BC:3C:FB:79:4A:81:40:4A:94:3E:41:1A:5C:93:CF:CF:DF:D6:3B:06:FA:F2:DE:D3:F2:BA:61:F4:CB:80:5C:29'
const transport = [...ice, print, 'a=setup:actpass']

const head = (bundle: string): string[] => [
  'v=0',
  'o=- 8626275742296920391 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  ...(bundle === '' ? [] : [`a=group:BUNDLE ${bundle}`]),
  'a=extmap-allow-mixed',
  'a=msid-semantic: WMS stream',
]

const audio = (mid: string, more: readonly string[] = transport): string[] => [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  ...more,
  `a=mid:${mid}`,
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=sendrecv',
  'a=msid:stream audio',
  'a=rtcp-mux',
  'a=rtcp-rsize',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:13 CN/8000',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtpmap:126 telephone-event/8000',
]

const video = (mid: string): string[] => [
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
  'c=IN IP4 0.0.0.0',
  ...transport,
  `a=mid:${mid}`,
  'a=sendrecv',
  'a=rtcp-mux',
  'a=rtpmap:96 VP8/90000',
]

const data = (mid: string): string[] => [
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  ...transport,
  `a=mid:${mid}`,
  'a=sctp-port:5000',
]

const text = (...parts: string[][]): string => `${parts.flat().join('\r\n')}\r\n`

export const offers = {
  audio: text(head('0'), audio('0')),
  everything: text(head('0 1 2'), audio('0'), video('1'), data('2')),
  /** The m= line that describes the transport of all is not the audio's (RFC 9143). */
  videoFirst: text(head('v a'), video('v'), audio('a', ['a=bundle-only'])),
  withoutBundle: text(
    head(''),
    audio('0').filter((line) => !line.startsWith('a=mid')),
  ),
  /** Firefox says for the whole session what is the same for all. */
  fingerprintAbove: text(head('0'), [print, ...ice], audio('0', ['a=setup:actpass'])),
  opusOnly: text(
    head('0'),
    audio('0')
      .map((line) => line.replace(/ 111 63 9 0 8 13 110 126/, ' 111'))
      .filter((line) => !/PCM|G722/.test(line)),
  ),
  videoOnly: text(head('0'), video('0')),
  rejected: text(
    head('0'),
    audio('0').map((line) => line.replace('m=audio 9', 'm=audio 0')),
  ),
  plainRtp: text(
    head('0'),
    audio('0').map((line) => line.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP')),
  ),
  withoutIce: text(head('0'), audio('0', [print, 'a=setup:actpass'])),
  withoutFingerprint: text(head('0'), audio('0', [...ice, 'a=setup:actpass'])),
  weakFingerprint: text(head('0'), audio('0', [...ice, 'a=fingerprint:sha-1 4A:AD:B9:B1:3F', 'a=setup:actpass'])),
  noDescription: 'hello',
  empty: '',
}
