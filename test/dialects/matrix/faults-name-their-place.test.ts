import { describe, expect, test } from 'vitest'
import { type OutgoingEvent, parseCallEvent, serialiseCallEvent } from '../../../src/dialects/matrix/index.ts'

const common = { call_id: 'c', party_id: 'p', version: '1' as const }

describe('what makes an event unusable', () => {
  test.each([
    ['not json', '$', 'matrix.json'],
    [5, '$', 'matrix.wrong-type'],
    [[], '$', 'matrix.wrong-type'],
    [{ type: 'm.room.message', content: {} }, '$.type', 'matrix.not-a-call-event'],
    [{ type: 'm.call.hangup' }, '$.content', 'matrix.wrong-type'],
    [{ type: 'm.call.hangup', content: { ...common, call_id: 7 } }, '$.content.call_id', 'matrix.wrong-type'],
    [{ type: 'm.call.hangup', content: { ...common, call_id: '' } }, '$.content.call_id', 'matrix.wrong-type'],
    [{ type: 'm.call.invite', content: { ...common, lifetime: 1 } }, '$.content.offer', 'matrix.missing'],
    [
      { type: 'm.call.invite', content: { ...common, offer: { type: 'offer' } } },
      '$.content.offer.sdp',
      'matrix.missing',
    ],
    [
      { type: 'm.call.answer', content: { ...common, answer: { sdp: 5 } } },
      '$.content.answer.sdp',
      'matrix.wrong-type',
    ],
    [{ type: 'm.call.candidates', content: common }, '$.content.candidates', 'matrix.missing'],
    [
      { type: 'm.call.candidates', content: { ...common, candidates: {} } },
      '$.content.candidates',
      'matrix.wrong-type',
    ],
    [{ type: 'm.call.select_answer', content: common }, '$.content.selected_party_id', 'matrix.missing'],
    [
      { type: 'm.call.negotiate', content: { ...common, description: { sdp: 'v=0' } } },
      '$.content.description.type',
      'matrix.missing',
    ],
    [{ type: 'm.call.asserted_identity', content: common }, '$.content.asserted_identity', 'matrix.missing'],
  ])('%j', (event, place, code) => {
    expect(parseCallEvent(event)).toMatchObject({ ok: false, faults: [{ place, code }] })
  })
})

describe('what is odd and harmless', () => {
  const invite = { ...common, offer: { type: 'offer', sdp: 'v=0' }, lifetime: 60_000 }
  test.each([
    [{ type: 'm.call.hangup', content: { ...common, reason: 5 } }, '$.content.reason'],
    [{ type: 'm.call.invite', content: { ...invite, lifetime: undefined } }, '$.content.lifetime'],
    [{ type: 'm.call.invite', content: { ...invite, lifetime: -1 } }, '$.content.lifetime'],
    [{ type: 'm.call.invite', content: { ...invite, offer: { sdp: 'v=0' } } }, '$.content.offer.type'],
    [
      { type: 'm.call.invite', content: { ...invite, sdp_stream_metadata: { s: 1 } } },
      "$.content.sdp_stream_metadata['s']",
    ],
    [{ type: 'm.call.candidates', content: { ...common, candidates: [1] } }, '$.content.candidates[0]'],
    [
      { type: 'm.call.candidates', content: { ...common, candidates: [{ candidate: 'x' }] } },
      '$.content.candidates[0]',
    ],
    [{ type: 'm.call.hangup', content: common, unsigned: { age: 'old' } }, '$.unsigned.age'],
  ])('%j', (event, place) => {
    expect(parseCallEvent(event)).toMatchObject({ ok: true, warnings: [{ place }] })
  })

  test('an invite without its lifetime is good for a minute', () => {
    const { lifetime: _, ...content } = invite
    expect(parseCallEvent({ type: 'm.call.invite', content })).toMatchObject({
      ok: true,
      value: { content: { lifetime: 60_000 } },
    })
  })
})

describe('what may not be sent', () => {
  const refused = (event: unknown) => serialiseCallEvent(event as OutgoingEvent)
  test.each([
    [{ type: 'm.call.hangup', content: { ...common, reason: 'userHangup' } }, '$.content.reason', 'matrix.value'],
    [{ type: 'm.call.hangup', content: { ...common, party_id: 'a/b' } }, '$.content.party_id', 'matrix.grammar'],
    [{ type: 'm.call.hangup', content: { call_id: 'c', version: '1' } }, '$.content.party_id', 'matrix.missing'],
    [{ type: 'm.call.reject', content: { call_id: 'c', version: 0 } }, '$.type', 'matrix.not-in-version-0'],
    [
      { type: 'm.call.invite', content: { ...common, lifetime: 1.5, offer: { type: 'offer', sdp: 'v' } } },
      '$.content.lifetime',
      'matrix.value',
    ],
    [
      { type: 'm.call.invite', content: { ...common, lifetime: 1, offer: { type: 'answer', sdp: 'v' } } },
      '$.content.offer.type',
      'matrix.value',
    ],
    [
      { type: 'm.call.candidates', content: { ...common, candidates: [{ candidate: 'x' }] } },
      '$.content.candidates[0]',
      'matrix.missing',
    ],
    [{ type: 'm.call.candidates', content: common }, '$.content.candidates', 'matrix.missing'],
    [{ type: 'm.nonsense', content: common }, '$.type', 'matrix.not-a-call-event'],
    [undefined, '$.type', 'matrix.not-a-call-event'],
  ])('%j', (event, place, code) => {
    expect(refused(event)).toMatchObject({ ok: false, faults: [{ place, code }] })
  })

  test('a version 0 peer gets an integer, no party, and no user_hangup', () => {
    expect(
      refused({ type: 'm.call.hangup', content: { call_id: 'c', version: 0, reason: 'user_hangup' } }),
    ).toMatchObject({
      ok: true,
      value: { type: 'm.call.hangup', content: { call_id: 'c', version: 0 } },
    })
  })

  test('a version 1 hangup always has its reason', () => {
    expect(refused({ type: 'm.call.hangup', content: common })).toMatchObject({
      ok: true,
      value: { content: { ...common, reason: 'user_hangup' } },
    })
  })
})

test('names that somebody else chose are said back as they came, with a warning', () => {
  const selected = { ...common, call_id: 'a/b', selected_party_id: 'q83v+/==' }
  const written = serialiseCallEvent({ type: 'm.call.select_answer', content: selected })
  expect(written).toMatchObject({
    ok: true,
    value: { content: selected },
    warnings: [{ code: 'matrix.grammar' }, { code: 'matrix.grammar' }],
  })
})
