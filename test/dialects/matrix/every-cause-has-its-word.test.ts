import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import type { Ending } from '../../../src/call/ending.ts'
import { codec } from '../../../src/dialects/matrix/index.ts'

/** The Matrix column of the catalogue: the type of the event, and its reason where it has one. */
const column: Record<Cause, readonly [type: string, reason?: string]> = {
  hangup: ['m.call.hangup', 'user_hangup'],
  'script-end': ['m.call.hangup', 'user_hangup'],
  scheduled: ['m.call.hangup', 'user_hangup'],
  'time-limit': ['m.call.hangup', 'user_hangup'],
  cancelled: ['m.call.hangup', 'user_hangup'],
  'no-answer': ['m.call.hangup', 'invite_timeout'],
  busy: ['m.call.hangup', 'user_busy'],
  declined: ['m.call.reject'],
  unwanted: ['m.call.reject'],
  blocked: ['m.call.reject'],
  unavailable: ['m.call.hangup', 'unknown_error'],
  'not-found': ['m.call.hangup', 'unknown_error'],
  incompatible: ['m.call.hangup', 'unknown_error'],
  'answered-elsewhere': ['m.call.select_answer'],
  'declined-elsewhere': ['m.call.select_answer'],
  transferred: ['m.call.hangup', 'user_hangup'],
  superseded: ['m.call.hangup', 'user_hangup'],
  'media-failed': ['m.call.hangup', 'ice_failed'],
  'media-lost': ['m.call.hangup', 'ice_timeout'],
  'capture-failed': ['m.call.hangup', 'user_media_failed'],
  'session-expired': ['m.call.hangup', 'unknown_error'],
  'no-ack': ['m.call.hangup', 'unknown_error'],
  'peer-gone': ['m.call.hangup', 'unknown_error'],
  'account-limit': ['m.call.hangup', 'unknown_error'],
  congestion: ['m.call.hangup', 'unknown_error'],
  'app-unreachable': ['m.call.hangup', 'unknown_error'],
  'app-invalid': ['m.call.hangup', 'unknown_error'],
  'app-failed': ['m.call.hangup', 'unknown_error'],
  'machine-detected': ['m.call.hangup', 'user_hangup'],
  'network-failed': ['m.call.hangup', 'unknown_error'],
  shutdown: ['m.call.hangup', 'unknown_error'],
  restarted: ['m.call.hangup', 'unknown_error'],
  error: ['m.call.hangup', 'unknown_error'],
  unknown: ['m.call.hangup', 'unknown_error'],
}

const ended = (cause: Cause): Ending => ({ cause, actor: 'unknown', phase: 'answered', at: 0 })

describe('each cause is told in the words of the table', () => {
  test.each(causeNames)('%s', (cause) => {
    const [type, reason] = column[cause]
    const { type: writtenType, content } = codec.write(ended(cause))
    expect(writtenType).toBe(type)
    expect('reason' in content ? content.reason : undefined).toBe(reason)
    expect(content.version).toBe('1')
  })
})

test('the winner is named to the losers', () => {
  const ids = { call_id: 'c1', party_id: 'ours', selected_party_id: 'winner' }
  expect(codec.write(ended('answered-elsewhere'), { ids })).toEqual({
    type: 'm.call.select_answer',
    content: { call_id: 'c1', party_id: 'ours', version: '1', selected_party_id: 'winner' },
  })
})

test('without a party to name, a leg that is over elsewhere hears a hangup', () => {
  const ids = { call_id: 'c1', party_id: 'ours' }
  expect(codec.write(ended('answered-elsewhere'), { ids })).toMatchObject({ content: { reason: 'user_hangup' } })
  expect(codec.write(ended('answered-elsewhere'), { ids, vocabulary: 'clients' })).toMatchObject({
    type: 'm.call.hangup',
    content: { reason: 'org.matrix.msc4006.completed_elsewhere' },
  })
})

describe('a reject is only sent where it may be', () => {
  test.each([
    { phase: 'ringing', direction: 'in', type: 'm.call.reject' },
    { phase: 'answered', direction: 'in', type: 'm.call.hangup' },
    { phase: 'ringing', direction: 'out', type: 'm.call.hangup' },
  ] as const)('$phase, $direction', ({ phase, direction, type }) => {
    expect(codec.write(ended('declined'), { phase, direction }).type).toBe(type)
  })
})

test('to the large clients, a callee refuses with a reject that names the reason', () => {
  const context = { vocabulary: 'clients', direction: 'in', phase: 'ringing' } as const
  expect(codec.write(ended('busy'), context)).toEqual({
    type: 'm.call.reject',
    content: { version: '1', reason: 'user_busy' },
  })
  expect(codec.write(ended('superseded'), { vocabulary: 'clients' })).toMatchObject({ content: { reason: 'replaced' } })
})

describe('a version 0 peer is told in version 0', () => {
  test.each(causeNames)('%s', (cause) => {
    const { type, content } = codec.write(ended(cause), { vocabulary: 'v0', ids: { call_id: 'c', party_id: 'p' } })
    expect(type).toBe('m.call.hangup')
    expect(content.version).toBe(0)
    expect(content).not.toHaveProperty('party_id')
    const reason = 'reason' in content ? content.reason : undefined
    expect([undefined, 'ice_failed', 'invite_timeout']).toContain(reason)
  })
})
