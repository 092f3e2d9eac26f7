import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import type { Actor, Phase } from '../../../src/call/ending.ts'
import { type CallStatus, codec } from '../../../src/dialects/twilio/index.ts'

describe('a final status is read', () => {
  const rows: readonly (readonly [object | string, Cause, Actor, Phase])[] = [
    [{ CallStatus: 'completed' }, 'hangup', 'unknown', 'answered'],
    [{ CallStatus: 'completed', SipResponseCode: '200' }, 'hangup', 'unknown', 'answered'],
    [{ CallStatus: 'busy' }, 'busy', 'callee', 'ringing'],
    [{ CallStatus: 'busy', SipResponseCode: '486' }, 'busy', 'callee', 'ringing'],
    [{ CallStatus: 'busy', SipResponseCode: '603' }, 'declined', 'callee', 'ringing'],
    [{ CallStatus: 'busy', SipResponseCode: '607' }, 'unwanted', 'callee', 'ringing'],
    [{ CallStatus: 'no-answer' }, 'no-answer', 'unknown', 'ringing'],
    [{ CallStatus: 'no-answer', SipResponseCode: '480' }, 'unavailable', 'unknown', 'ringing'],
    [{ CallStatus: 'no-answer', SipResponseCode: '487' }, 'no-answer', 'unknown', 'ringing'],
    [{ CallStatus: 'canceled', Direction: 'outbound-api' }, 'cancelled', 'api', 'ringing'],
    [{ CallStatus: 'canceled', Direction: 'inbound' }, 'cancelled', 'caller', 'ringing'],
    [{ CallStatus: 'canceled', Direction: 'outbound-dial' }, 'cancelled', 'unknown', 'ringing'],
    [{ CallStatus: 'failed' }, 'error', 'unknown', 'offered'],
    [{ CallStatus: 'failed', SipResponseCode: '404' }, 'not-found', 'network', 'offered'],
    [{ CallStatus: 'failed', SipResponseCode: 480 }, 'unavailable', 'network', 'offered'],
    [{ CallStatus: 'failed', SipResponseCode: '403' }, 'blocked', 'network', 'offered'],
    [{ CallStatus: 'failed', SipResponseCode: '503' }, 'network-failed', 'network', 'offered'],
    [{ CallStatus: 'failed', ErrorCode: '11200' }, 'app-unreachable', 'platform', 'offered'],
    [{ CallStatus: 'failed', ErrorCode: 12100 }, 'app-invalid', 'platform', 'offered'],
    [{ DialCallStatus: 'answered' }, 'hangup', 'unknown', 'answered'],
    [{ DialCallStatus: 'busy' }, 'busy', 'callee', 'ringing'],
    [{ CallStatus: 'in-progress', DialCallStatus: 'no-answer' }, 'no-answer', 'unknown', 'ringing'],
    [{ sid: 'CA1', status: 'completed' }, 'hangup', 'unknown', 'answered'],
    ['completed', 'hangup', 'unknown', 'answered'],
    ['CallSid=CA1&CallStatus=no-answer&To=%2B15550100', 'no-answer', 'unknown', 'ringing'],
    ['{"CallSid":"CA1","CallStatus":"busy"}', 'busy', 'callee', 'ringing'],
  ]

  test.each(rows)('%j', (wire, cause, actor, phase) => {
    expect(codec.read(wire, { at: 0 })).toMatchObject({ cause, actor, phase, raw: { dialect: 'twilio', value: wire } })
  })

  test.each(['queued', 'initiated', 'ringing', 'in-progress', 'somethingNew'])('%s ends no call', (CallStatus) => {
    expect(codec.read({ CallStatus }, { at: 0 })).toMatchObject({
      cause: 'unknown',
      detail: `${CallStatus} ends no call`,
    })
  })

  test('its own time, and its code, are kept', () => {
    const callback = { CallStatus: 'busy', SipResponseCode: '486', Timestamp: 'Mon, 05 Aug 2024 20:44:37 +0000' }
    expect(codec.read(callback, { at: 0 })).toMatchObject({
      at: Date.parse('2024-08-05T20:44:37Z'),
      codes: { sip: 486, platform: 'busy' },
    })
  })
})

// What Twilio says of each cause, and the SIP code beside it where the call was not answered.
const column: Record<Cause, readonly [CallStatus, string?]> = {
  hangup: ['completed'],
  'script-end': ['completed'],
  scheduled: ['completed'],
  'time-limit': ['completed'],
  cancelled: ['canceled', '487'],
  'no-answer': ['no-answer'],
  busy: ['busy', '486'],
  declined: ['busy', '603'],
  unwanted: ['busy', '607'],
  blocked: ['failed', '403'],
  unavailable: ['no-answer', '480'],
  'not-found': ['failed', '404'],
  incompatible: ['failed', '488'],
  'answered-elsewhere': ['no-answer'],
  'declined-elsewhere': ['no-answer'],
  transferred: ['completed'],
  superseded: ['canceled'],
  'media-failed': ['completed'],
  'media-lost': ['completed'],
  'capture-failed': ['completed'],
  'session-expired': ['completed'],
  'no-ack': ['failed'],
  'peer-gone': ['completed'],
  'account-limit': ['failed'],
  congestion: ['failed'],
  'app-unreachable': ['failed'],
  'app-invalid': ['failed'],
  'app-failed': ['failed', '500'],
  'machine-detected': ['completed'],
  'network-failed': ['failed', '502'],
  shutdown: ['failed'],
  restarted: ['failed'],
  error: ['failed', '500'],
  unknown: ['failed'],
}

describe.each(causeNames)('%s is written', (cause) => {
  const [CallStatus, code] = column[cause]

  test('before the answer', () => {
    const written = codec.write({ cause, actor: 'unknown', phase: 'ringing', at: 0 })
    const said = cause === 'app-failed' ? {} : code === undefined ? {} : { SipResponseCode: code }
    expect(written).toEqual({ CallStatus, ...said })
  })

  test('after it, without a code', () => {
    expect(codec.write({ cause, actor: 'unknown', phase: 'answered', at: 0 })).toEqual({ CallStatus })
  })
})

test('what was heard is said again: a code that means the same', () => {
  const heard = codec.read({ CallStatus: 'busy', SipResponseCode: '600', CallSid: 'CA1' }, { at: 0 })
  const ids = codec.identify?.({ CallSid: 'CA1', From: '+1', to: 'x' }) ?? {}
  expect(codec.write(heard, { ids })).toEqual({
    CallSid: 'CA1',
    From: '+1',
    CallStatus: 'busy',
    SipResponseCode: '600',
  })
  expect(codec.text?.(codec.write(heard, { ids }))).toBe('CallSid=CA1&From=%2B1&CallStatus=busy&SipResponseCode=600')
})
