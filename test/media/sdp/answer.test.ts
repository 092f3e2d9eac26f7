import { describe, expect, test } from 'vitest'
import { answerOffer, type LocalMedia } from '../../../src/media/sdp/offer-answer.ts'

const local: LocalMedia = { address: '192.0.2.1', port: 40_000, sessionId: '7' }

const sdp = (...media: string[]) =>
  ['v=0', 'o=bob 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0', ...media, ''].join('\r\n')

const agreed = (offer: string, mine: Partial<LocalMedia> = {}) => {
  const result = answerOffer(offer, { ...local, ...mine })
  if (!result.ok) throw new Error(`${result.error}: ${result.detail}`)
  return result
}

const mediaLines = (answer: string) => answer.split('\r\n').filter((line) => line.startsWith('m='))

test('a plain offer is answered with its codec, its numbers and our address', () => {
  const { answer, negotiated } = agreed(
    sdp('m=audio 5004 RTP/AVP 0 96', 'a=rtpmap:96 telephone-event/8000', 'a=fmtp:96 0-15', 'a=ptime:30'),
  )
  expect(answer.split('\r\n')).toEqual([
    'v=0',
    'o=- 7 1 IN IP4 192.0.2.1',
    's=-',
    'c=IN IP4 192.0.2.1',
    't=0 0',
    'm=audio 40000 RTP/AVP 0 96',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:96 telephone-event/8000',
    'a=fmtp:96 0-15',
    'a=ptime:20',
    'a=sendrecv',
    '',
  ])
  expect(negotiated).toEqual({
    codec: 'PCMU',
    payloadType: 0,
    dtmfPayloadType: 96,
    address: '192.0.2.9',
    port: 5004,
    rtcpAddress: '192.0.2.9',
    rtcpPort: 5005,
    direction: 'sendrecv',
    ptime: 30,
  })
})

/** [what, formats and attributes, codec, payload number, telephone-event] */
const choices: readonly [string, string[], string, number, number | null][] = [
  ["the offerer's order decides", ['m=audio 9 RTP/AVP 8 0'], 'PCMA', 8, null],
  ['codecs that we lack are passed over', ['m=audio 9 RTP/AVP 111 18 8', 'a=rtpmap:111 opus/48000/2'], 'PCMA', 8, null],
  ['a dynamic number may mean G.711', ['m=audio 9 RTP/AVP 98', 'a=rtpmap:98 pcmu/8000'], 'PCMU', 98, null],
  ['a static number may be named again', ['m=audio 9 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000/1'], 'PCMU', 0, null],
  [
    'events of another clock are not ours',
    ['m=audio 9 RTP/AVP 0 100 101', 'a=rtpmap:100 telephone-event/48000', 'a=rtpmap:101 telephone-event/8000'],
    'PCMU',
    0,
    101,
  ],
  ['a number mapped away from G.711 is not G.711', ['m=audio 9 RTP/AVP 0 8', 'a=rtpmap:0 G722/8000'], 'PCMA', 8, null],
  ['an AVPF profile is answered in kind', ['m=audio 9 RTP/AVPF 0'], 'PCMU', 0, null],
  ['a port count is no obstacle', ['m=audio 49170/2 RTP/AVP 0'], 'PCMU', 0, null],
]

test.each(choices)('%s', (_, media, codec, payloadType, dtmfPayloadType) => {
  expect(agreed(sdp(...media)).negotiated).toMatchObject({ codec, payloadType, dtmfPayloadType })
})

test('what the server does not take is passed over', () => {
  expect(agreed(sdp('m=audio 9 RTP/AVP 0 8'), { codecs: ['PCMA'] }).negotiated.codec).toBe('PCMA')
})

test('every other m= line is refused in its place', () => {
  const { answer } = agreed(
    sdp(
      'm=video 6000 RTP/AVP 31',
      'm=audio 5000 RTP/SAVP 0',
      'm=audio 5004 RTP/AVP 0',
      'm=audio 5008 RTP/AVP 8',
      'm=application 9 UDP/BFCP *',
      'm=x-what.ever 12 TCP/TLS/odd',
    ),
  )
  expect(mediaLines(answer)).toEqual([
    'm=video 0 RTP/AVP 31',
    'm=audio 0 RTP/SAVP 0',
    'm=audio 40000 RTP/AVP 0',
    'm=audio 0 RTP/AVP 8',
    'm=application 0 UDP/BFCP *',
    'm=x-what.ever 0 TCP/TLS/odd 0',
  ])
})

describe('the far address', () => {
  test('of the m= line goes before that of the session', () => {
    expect(agreed(sdp('m=audio 9 RTP/AVP 0', 'c=IN IP4 198.51.100.4/127')).negotiated.address).toBe('198.51.100.4')
  })

  test('of RTCP may be another one', () => {
    const { negotiated } = agreed(sdp('m=audio 9000 RTP/AVP 0', 'a=rtcp:9555 IN IP4 198.51.100.5'))
    expect(negotiated).toMatchObject({ rtcpAddress: '198.51.100.5', rtcpPort: 9555 })
  })

  test('may be of version 6 if ours is', () => {
    const offer = sdp('m=audio 9 RTP/AVP 0', 'c=IN IP6 2001:0DB8:0:0::0:9')
    expect(agreed(offer, { address: '2001:db8::1' }).negotiated.address).toBe('2001:db8::9')
    expect(answerOffer(offer, local)).toMatchObject({ ok: false, error: 'incompatible' })
  })
})

/** a=ptime, a=maxptime → what we send. */
const lengths = [
  [[], 20],
  [['a=ptime:10'], 10],
  [['a=ptime:25'], 20],
  [['a=ptime:60'], 60],
  [['a=ptime:240'], 60],
  [['a=ptime:40', 'a=maxptime:30'], 30],
  [['a=ptime:5'], 10],
  [['a=ptime:0'], 20],
] as const

test.each(lengths)('packet length for %j is %i ms', (lines, ptime) => {
  expect(agreed(sdp('m=audio 9 RTP/AVP 0', ...lines)).negotiated.ptime).toBe(ptime)
})

const refused: Record<string, [string, 'malformed' | 'incompatible']> = {
  nothing: ['', 'malformed'],
  'a web page': ['<html>', 'malformed'],
  'no m= line': [sdp(), 'incompatible'],
  'video alone': [sdp('m=video 9 RTP/AVP 31'), 'incompatible'],
  'no codec in common': [sdp('m=audio 9 RTP/AVP 18 111', 'a=rtpmap:111 opus/48000/2'), 'incompatible'],
  'encryption that we lack': [sdp('m=audio 9 RTP/SAVP 0'), 'incompatible'],
  WebRTC: [sdp('m=audio 9 UDP/TLS/RTP/SAVPF 0'), 'incompatible'],
  'port 0': [sdp('m=audio 0 RTP/AVP 0'), 'incompatible'],
  'an impossible port': [sdp('m=audio 70000 RTP/AVP 0'), 'incompatible'],
  'a multicast address': [sdp('m=audio 9 RTP/AVP 0', 'c=IN IP4 224.2.1.1/127'), 'incompatible'],
  'a host name': [sdp('m=audio 9 RTP/AVP 0', 'c=IN IP4 phone.example.com'), 'incompatible'],
  'no address': [sdp('m=audio 9 RTP/AVP 0').replaceAll(/c=.*\r\n/g, ''), 'incompatible'],
}

test.each(Object.entries(refused))('%s is refused', (_, [offer, error]) => {
  expect(answerOffer(offer, local)).toMatchObject({ ok: false, error, detail: expect.stringMatching(/./) })
})
