import { describe, expect, test } from 'vitest'
import {
  type CallEventType,
  callEventTypes,
  type OutgoingEvent,
  parseCallEvent,
  serialiseCallEvent,
} from '../../../src/dialects/matrix/index.ts'

const common = { call_id: '12345', party_id: '67890', version: '1' as const }
const metadata = { '271828182845': { purpose: 'm.usermedia', audio_muted: false, video_muted: true } }

/** One full event of each type, in the form of the specification's own examples. */
const events: { [T in CallEventType]: Extract<OutgoingEvent, { type: T }> } = {
  'm.call.invite': {
    type: 'm.call.invite',
    content: {
      ...common,
      offer: { type: 'offer', sdp: 'v=0\r\no=- 6584580628695956864 2 IN IP4 127.0.0.1' },
      lifetime: 60000,
      invitee: '@bob:example.org',
      sdp_stream_metadata: metadata,
      capabilities: { 'm.call.dtmf': true },
    },
  },
  'm.call.candidates': {
    type: 'm.call.candidates',
    content: {
      ...common,
      candidates: [
        {
          sdpMid: 'audio',
          sdpMLineIndex: 0,
          candidate: 'candidate:863018703 1 udp 2122260223 10.9.64.156 43670 typ host',
        },
        { candidate: '' },
      ],
    },
  },
  'm.call.answer': {
    type: 'm.call.answer',
    content: { ...common, answer: { type: 'answer', sdp: 'v=0\r\n' }, sdp_stream_metadata: metadata },
  },
  'm.call.select_answer': { type: 'm.call.select_answer', content: { ...common, selected_party_id: '111213' } },
  'm.call.reject': { type: 'm.call.reject', content: common },
  'm.call.hangup': { type: 'm.call.hangup', content: { ...common, reason: 'user_hangup' } },
  'm.call.negotiate': {
    type: 'm.call.negotiate',
    content: {
      ...common,
      description: { type: 'offer', sdp: 'v=0\r\n' },
      lifetime: 10000,
      sdp_stream_metadata: metadata,
    },
  },
  'm.call.sdp_stream_metadata_changed': {
    type: 'm.call.sdp_stream_metadata_changed',
    content: { ...common, sdp_stream_metadata: metadata },
  },
  'm.call.asserted_identity': {
    type: 'm.call.asserted_identity',
    content: {
      ...common,
      asserted_identity: { id: '@sip_1:example.org', display_name: 'Desk', avatar_url: 'mxc://a/b' },
    },
  },
  'm.call.replaces': {
    type: 'm.call.replaces',
    content: { ...common, replacement_id: 'r1', target_user: { id: '@c:example.org' }, create_call: 'c2' },
  },
  'm.call.reject_locally': { type: 'm.call.reject_locally', content: { ...common, reason: 'unwanted' } },
}

describe('written, then parsed', () => {
  test.each(callEventTypes)('%s', (type) => {
    const written = serialiseCallEvent(events[type])
    expect(written).toMatchObject({ ok: true })
    if (!written.ok) return
    const parsed = parseCallEvent(JSON.stringify(written.value))
    expect(parsed).toMatchObject({ ok: true, value: { type, era: 1, content: events[type].content }, warnings: [] })
    expect(parsed.ok && Object.keys(parsed.value.content).sort()).toEqual(Object.keys(events[type].content).sort())
  })
})

test('the envelope is kept', () => {
  const event = {
    ...events['m.call.hangup'],
    event_id: '$1',
    room_id: '!r:example.org',
    sender: '@a:example.org',
    origin_server_ts: 1,
    unsigned: { age: 20, other: 1 },
  }
  expect(parseCallEvent(event)).toMatchObject({
    ok: true,
    value: {
      envelope: { event_id: '$1', room_id: '!r:example.org', sender: '@a:example.org', unsigned: { age: 20 } },
      raw: event,
    },
  })
})

describe('names and keys from before the specification', () => {
  test('org.matrix.call.* is m.call.*', () => {
    for (const short of ['asserted_identity', 'sdp_stream_metadata_changed'] as const) {
      const { content } = events[`m.call.${short}`]
      expect(parseCallEvent({ type: `org.matrix.call.${short}`, content })).toMatchObject({
        ok: true,
        value: { type: `m.call.${short}` },
      })
    }
  })

  test('an asserted identity of null is the room profile again', () => {
    const parsed = parseCallEvent({ type: 'm.call.asserted_identity', content: { ...common, asserted_identity: null } })
    expect(parsed).toMatchObject({ ok: true, value: { content: { asserted_identity: null } } })
  })

  test('the stream metadata of MSC3077', () => {
    const content = { ...common, 'org.matrix.msc3077.sdp_stream_metadata': metadata }
    expect(parseCallEvent({ type: 'm.call.sdp_stream_metadata_changed', content })).toMatchObject({
      ok: true,
      value: { content: { sdp_stream_metadata: metadata } },
    })
  })

  test('a typing error in the published example is no fault', () => {
    const sdp_stream_metadata = { s: { purpose: 'm.usermedia', 'audio_muted:': true } }
    const parsed = parseCallEvent({
      type: 'm.call.sdp_stream_metadata_changed',
      content: { ...common, sdp_stream_metadata },
    })
    expect(parsed).toMatchObject({
      ok: true,
      value: { content: { sdp_stream_metadata: { s: { purpose: 'm.usermedia' } } } },
    })
  })

  test('a negotiate with `offer` for its description', () => {
    const content = { ...common, offer: { type: 'offer', sdp: 'v=0' }, lifetime: 1 }
    expect(parseCallEvent({ type: 'm.call.negotiate', content })).toMatchObject({
      ok: true,
      value: { content: { description: { type: 'offer', sdp: 'v=0' } } },
    })
  })
})
