import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Direction } from '../../../src/media/index.ts'
import {
  composeAnswer,
  composeOffer,
  firstLayout,
  readOffer,
  readPeerAnswer,
} from '../../../src/media/webrtc/negotiate.ts'
import { offers } from './descriptions.ts'

const local = {
  sessionId: '1',
  ice: { ufrag: 'abcd', password: 'a'.repeat(24) },
  fingerprint: { algorithm: 'sha-256', value: 'AA:BB' },
  ssrc: 5,
  cname: 'c',
  streamId: 's',
  candidates: ['candidate:1 1 udp 5 192.0.2.2 4000 typ host'],
}

function answerTo(offer: string, wish: Direction = 'sendrecv') {
  const read = readOffer(offer, wish)
  if (!read.ok) throw new Error(read.detail)
  const { agreed } = read
  const say = { version: 1, direction: agreed.agreement.direction, setup: 'active' as const, layout: agreed.layout }
  return { agreed, answer: composeAnswer(local, say, agreed.agreement) }
}

const linesOf = (sdp: string, start: string): string[] => sdp.split('\r\n').filter((line) => line.startsWith(start))

test('of all that a browser offers, PCMU and its keys are taken', () => {
  const { agreed, answer } = answerTo(offers.audio)
  expect(agreed.agreement).toEqual({
    codec: 'PCMU',
    payloadType: 0,
    dtmfPayloadType: 126,
    direction: 'sendrecv',
    ptime: 20,
  })
  expect(linesOf(answer, 'm=')).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 0 126'])
  expect(linesOf(answer, 'a=rtpmap')).toEqual(['a=rtpmap:0 PCMU/8000', 'a=rtpmap:126 telephone-event/8000'])
  expect(answer).toContain('a=group:BUNDLE 0\r\n')
  expect(answer).toContain('a=rtcp-mux\r\n')
  expect(answer).toContain('a=setup:active\r\n')
})

test('video and data are refused, each in its place', () => {
  const { answer } = answerTo(offers.everything)
  expect(linesOf(answer, 'm=')).toEqual([
    'm=audio 9 UDP/TLS/RTP/SAVPF 0 126',
    'm=video 0 UDP/TLS/RTP/SAVPF 96 97',
    'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
  ])
  expect(linesOf(answer, 'a=mid')).toEqual(['a=mid:0', 'a=mid:1', 'a=mid:2'])
  expect(answer).toContain('a=group:BUNDLE 0\r\n')
})

test('a bundled m= line is described by the first of its group', () => {
  const { agreed, answer } = answerTo(offers.videoFirst)
  expect(agreed.ice.ufrag).toBe('TrKk')
  expect(linesOf(answer, 'm=')[0]).toMatch(/^m=video 0/)
  expect(answer).toContain('a=group:BUNDLE a\r\n')
})

test('without BUNDLE and mids there are none in the answer', () => {
  const { answer } = answerTo(offers.withoutBundle)
  expect(linesOf(answer, 'a=group')).toEqual([])
  expect(linesOf(answer, 'a=mid')).toEqual([])
})

test('what stands above all m= lines counts for each', () => {
  expect(answerTo(offers.fingerprintAbove).agreed.fingerprints).toHaveLength(1)
})

describe('directions: theirs, our wish, the answer', () => {
  test.each<[Direction, Direction, Direction]>([
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['inactive', 'sendrecv', 'inactive'],
    ['sendrecv', 'sendonly', 'sendonly'],
    ['sendrecv', 'inactive', 'inactive'],
  ])('%s, %s: %s', (theirs, wish, expected) => {
    const { answer } = answerTo(offers.audio.replace('a=sendrecv', `a=${theirs}`), wish)
    expect(answer).toContain(`a=${expected}\r\n`)
  })
})

describe('refused', () => {
  test.each<[keyof typeof offers, string, RegExp]>([
    ['opusOnly', 'media.incompatible', /no G\.711 over DTLS-SRTP.* 111$/],
    ['videoOnly', 'media.incompatible', /no audio/],
    ['rejected', 'media.incompatible', /rejected/],
    ['plainRtp', 'media.incompatible', /RTP\/AVP/],
    ['withoutIce', 'media.malformed', /ICE/],
    ['withoutFingerprint', 'media.malformed', /fingerprint/],
    ['weakFingerprint', 'media.malformed', /fingerprint/],
    ['noDescription', 'media.malformed', /no session description/],
    ['empty', 'media.malformed', /no session description/],
  ])('%s: %s', (name, code, detail) => {
    expect(readOffer(offers[name], 'sendrecv')).toEqual({ ok: false, code, detail: expect.stringMatching(detail) })
  })
})

describe('our own offer', () => {
  const say = { version: 1, direction: 'sendrecv' as const, setup: 'actpass' as const, layout: firstLayout }
  const offer = composeOffer(local, say)
  const theirAnswer = (line: string, more: readonly string[] = ['a=rtpmap:101 telephone-event/8000']) =>
    offers.audio
      .replace(/m=audio.*\r\n/, `${line}\r\n`)
      .replace('actpass', 'active')
      .concat(more.map((one) => `${one}\r\n`).join(''))

  test('says what we speak', () => {
    expect(linesOf(offer, 'm=')).toEqual(['m=audio 9 UDP/TLS/RTP/SAVPF 0 8 101'])
    expect(offer).toContain('a=setup:actpass\r\n')
  })

  test('is answered with one of the codecs', () => {
    const read = readPeerAnswer(theirAnswer('m=audio 9 UDP/TLS/RTP/SAVPF 8 101'), firstLayout, 'sendrecv')
    expect(read).toMatchObject({ agreed: { role: 'server', agreement: { codec: 'PCMA', dtmfPayloadType: 101 } } })
  })

  test('is answered without keys', () => {
    const read = readPeerAnswer(theirAnswer('m=audio 9 UDP/TLS/RTP/SAVPF 0', []), firstLayout, 'sendrecv')
    expect(read).toMatchObject({ agreed: { agreement: { codec: 'PCMU', dtmfPayloadType: null } } })
  })

  test.each([
    ['refused', 'm=audio 0 UDP/TLS/RTP/SAVPF 0'],
    ['answered with what was not offered', 'm=audio 9 UDP/TLS/RTP/SAVPF 111'],
  ])('%s: incompatible', (_, line) => {
    expect(readPeerAnswer(theirAnswer(line), firstLayout, 'sendrecv')).toMatchObject({ code: 'media.incompatible' })
  })

  test('hold is answered by recvonly, and nothing is heard', () => {
    const sdp = theirAnswer('m=audio 9 UDP/TLS/RTP/SAVPF 0').replace('a=sendrecv', 'a=recvonly')
    expect(readPeerAnswer(sdp, firstLayout, 'sendonly')).toMatchObject({
      agreed: { agreement: { direction: 'sendonly' } },
    })
  })
})

test('anything at all is read as an offer and as an answer; nothing is thrown, and what is answered can be read again', () => {
  const lines = fc.array(
    fc.constantFrom(...Object.values(offers).flatMap((offer) => offer.split('\r\n')), 'm=', 'a=', 'm=audio'),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        lines.map((all) => ['v=0', ...all].join('\r\n')),
      ),
      (sdp) => {
        readPeerAnswer(sdp, firstLayout, 'sendrecv')
        const read = readOffer(sdp, 'sendrecv')
        if (!read.ok) return
        const { answer } = answerTo(sdp)
        expect(linesOf(answer, 'm=')).toHaveLength(linesOf(sdp, 'm=').length)
        expect(readPeerAnswer(answer, read.agreed.layout, 'sendrecv').ok).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})
