import { describe, expect, test } from 'vitest'
import { parseCallEvent, readEra } from '../../../src/dialects/matrix/index.ts'

describe('a version is read as the specification asks', () => {
  test.each([
    ['1', 'p', 1],
    [0, 'p', 0],
    [0, undefined, 0],
    [1, 'p', 1],
    ['2', 'p', 1],
    [2, 'p', 1],
    ['org.matrix.1b', 'p', 1],
    ['', 'p', 1],
    ['0', 'p', 1],
    ['0', undefined, 0],
  ] as const)('%j (party %s) is %s', (version, party, era) => {
    expect(readEra(version, party)).toBe(era)
  })

  test.each([1.234, Number.NaN, true, false, [], {}, null, undefined])('%j drops the event', (version) => {
    expect(readEra(version, 'p')).toBeNull()
    const parsed = parseCallEvent({ type: 'm.call.hangup', content: { call_id: 'c', party_id: 'p', version } })
    expect(parsed).toMatchObject({ ok: false, faults: [{ place: '$.content.version' }] })
  })
})

test('the party of a version 0 event is ignored', () => {
  const parsed = parseCallEvent({ type: 'm.call.hangup', content: { call_id: 'c', version: 0, party_id: 'p' } })
  expect(parsed).toMatchObject({ ok: true, value: { era: 0, content: { call_id: 'c', version: 0 } } })
  expect(parsed.ok && parsed.value.content).not.toHaveProperty('party_id')
})

test('a version 1 event without its party is read, with a warning', () => {
  const parsed = parseCallEvent({ type: 'm.call.hangup', content: { call_id: 'c', version: '1' } })
  expect(parsed).toMatchObject({ ok: true, warnings: [{ code: 'matrix.missing', place: '$.content.party_id' }] })
})

test('a party outside the grammar is who it says it is', () => {
  const party_id = 'YWJj+/=='
  const parsed = parseCallEvent({ type: 'm.call.reject', content: { call_id: 'c', version: '1', party_id } })
  expect(parsed).toMatchObject({ ok: true, value: { content: { party_id } }, warnings: [{ code: 'matrix.grammar' }] })
})
