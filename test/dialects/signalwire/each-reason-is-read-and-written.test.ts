import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import type { Actor, Phase } from '../../../src/call/ending.ts'
import { codec, type EndReason } from '../../../src/dialects/signalwire/index.ts'

describe('the last state of a call is read', () => {
  const rows: readonly (readonly [string, Cause, Actor, Phase])[] = [
    ['hangup', 'hangup', 'unknown', 'answered'],
    ['cancel', 'cancelled', 'unknown', 'ringing'],
    ['busy', 'busy', 'callee', 'ringing'],
    ['noAnswer', 'no-answer', 'unknown', 'ringing'],
    ['decline', 'declined', 'callee', 'ringing'],
    ['error', 'error', 'unknown', 'offered'],
    ['failed', 'error', 'unknown', 'offered'],
    ['somethingNew', 'unknown', 'unknown', 'answered'],
  ]

  test.each(rows)('%s', (end_reason, cause, actor, phase) => {
    const params = { call_id: 'c', node_id: 'n', call_state: 'ended', end_reason }
    const event = { event_type: 'calling.call.state', params }
    const notification = { jsonrpc: '2.0', method: 'signalwire.event', params: event }
    const expected = { cause, actor, phase, codes: { platform: end_reason } }
    for (const wire of [params, event, notification, JSON.stringify(notification)]) {
      expect(codec.read(wire, { at: 0 })).toMatchObject({ ...expected, raw: { dialect: 'signalwire', value: wire } })
      expect(codec.identify?.(wire)).toEqual({ call_id: 'c', node_id: 'n' })
    }
    expect(codec.read(end_reason, { at: 0 })).toMatchObject(expected)
  })

  test('a caller who cancels is the caller', () => {
    expect(codec.read({ call_state: 'ended', end_reason: 'cancel', direction: 'inbound' }, { at: 0 }).actor).toBe(
      'caller',
    )
  })

  test.each(['created', 'ringing', 'answered'])('%s ends no call', (call_state) => {
    expect(codec.read({ call_id: 'c', call_state }, { at: 0 })).toMatchObject({
      cause: 'unknown',
      detail: `${call_state} ends no call`,
    })
  })

  test('a SWML hangup is the deed of the app', () => {
    expect(codec.read({ hangup: { reason: 'busy' } }, { at: 0 })).toMatchObject({ cause: 'busy', actor: 'app' })
    expect(codec.read({ hangup: {} }, { at: 0 })).toMatchObject({ cause: 'hangup', actor: 'app' })
  })

  test('the compatibility API speaks the words of Twilio', () => {
    const callback = 'CallSid=0a1b2c3d-0000-4000-8000-000000000001&CallStatus=failed&SipResponseCode=404'
    expect(codec.read(callback, { at: 0 })).toMatchObject({ cause: 'not-found', raw: { dialect: 'signalwire' } })
  })
})

const column: Record<Cause, EndReason> = {
  hangup: 'hangup',
  'script-end': 'hangup',
  scheduled: 'hangup',
  'time-limit': 'hangup',
  cancelled: 'cancel',
  'no-answer': 'noAnswer',
  busy: 'busy',
  declined: 'decline',
  unwanted: 'decline',
  blocked: 'decline',
  unavailable: 'noAnswer',
  'not-found': 'error',
  incompatible: 'error',
  'answered-elsewhere': 'cancel',
  'declined-elsewhere': 'cancel',
  transferred: 'hangup',
  superseded: 'cancel',
  'media-failed': 'error',
  'media-lost': 'error',
  'capture-failed': 'error',
  'session-expired': 'error',
  'no-ack': 'error',
  'peer-gone': 'error',
  'account-limit': 'error',
  congestion: 'error',
  'app-unreachable': 'error',
  'app-invalid': 'error',
  'app-failed': 'error',
  'machine-detected': 'hangup',
  'network-failed': 'error',
  shutdown: 'error',
  restarted: 'error',
  error: 'error',
  unknown: 'error',
}

test.each(causeNames)('%s is written', (cause) => {
  expect(codec.write({ cause, actor: 'unknown', phase: 'ringing', at: 0 }, { ids: { call_id: 'c' } })).toEqual({
    event_type: 'calling.call.state',
    params: { call_id: 'c', call_state: 'ended', end_reason: column[cause] },
  })
})
