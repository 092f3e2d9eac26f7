import { describe, expect, test } from 'vitest'
import { type Cause, causeNames } from '../../../src/call/causes.ts'
import type { Actor, Phase } from '../../../src/call/ending.ts'
import { codec, type HangupCause } from '../../../src/dialects/telnyx/index.ts'

const event = (payload: object) => ({ data: { record_type: 'event', event_type: 'call.hangup', payload } })

describe('a hangup is read', () => {
  const rows: readonly (readonly [object, Cause, Actor, Phase])[] = [
    [{ hangup_cause: 'normal_clearing', hangup_source: 'caller' }, 'hangup', 'caller', 'answered'],
    [{ hangup_cause: 'normal_clearing', hangup_source: 'callee' }, 'hangup', 'callee', 'answered'],
    [{ hangup_cause: 'normal_clearing', hangup_source: 'unknown' }, 'hangup', 'unknown', 'answered'],
    [{ hangup_cause: 'call_rejected', sip_hangup_cause: '603' }, 'declined', 'callee', 'ringing'],
    [{ hangup_cause: 'call_rejected', sip_hangup_cause: '607' }, 'unwanted', 'callee', 'ringing'],
    [{ hangup_cause: 'call_rejected', sip_hangup_cause: '403' }, 'blocked', 'network', 'ringing'],
    [{ hangup_cause: 'originator_cancel' }, 'cancelled', 'caller', 'ringing'],
    [{ hangup_cause: 'timeout' }, 'no-answer', 'timer', 'ringing'],
    [{ hangup_cause: 'time_limit' }, 'time-limit', 'timer', 'answered'],
    [{ hangup_cause: 'user_busy', sip_hangup_cause: '486' }, 'busy', 'callee', 'ringing'],
    [{ hangup_cause: 'not_found', sip_hangup_cause: '404' }, 'not-found', 'network', 'ringing'],
    [{ hangup_cause: 'no_answer' }, 'no-answer', 'unknown', 'ringing'],
    [{ hangup_cause: 'no_answer', sip_hangup_cause: '480' }, 'unavailable', 'unknown', 'ringing'],
    [{ hangup_cause: 'unspecified', sip_hangup_cause: 'unspecified' }, 'unknown', 'unknown', 'answered'],
    [{ hangup_cause: 'unspecified', sip_hangup_cause: '503' }, 'network-failed', 'network', 'answered'],
    [{ hangup_cause: 'something_new' }, 'unknown', 'unknown', 'ringing'],
  ]

  test.each(rows)('%j', (payload, cause, actor, phase) => {
    const wire = event(payload)
    expect(codec.read(wire, { at: 0 })).toMatchObject({ cause, actor, phase, raw: { dialect: 'telnyx', value: wire } })
    expect(codec.read(JSON.stringify(wire), { at: 0 })).toMatchObject({ cause, actor, phase })
    expect(codec.read(payload, { at: 0 }).cause, 'the payload alone').toBe(cause)
  })

  test('with its time, its code and its word', () => {
    const payload = { hangup_cause: 'call_rejected', sip_hangup_cause: '603', end_time: '2018-02-02T22:25:27.521992Z' }
    expect(codec.read(event(payload), { at: 0 })).toMatchObject({
      at: Date.parse('2018-02-02T22:25:27.521Z'),
      codes: { sip: 603, platform: 'call_rejected' },
    })
  })

  test('TeXML speaks the words of Twilio, and says who hung up', () => {
    const callback = {
      CallSid: 'v2:7V3r',
      CallStatus: 'completed',
      HangupSource: 'callee',
      Timestamp: '2021-04-28 21:51:18.731479Z',
    }
    expect(codec.read(callback, { at: 0 })).toMatchObject({
      cause: 'hangup',
      actor: 'callee',
      at: Date.parse('2021-04-28T21:51:18.731Z'),
      raw: { dialect: 'telnyx' },
    })
  })

  test('other events end no call', () => {
    const answered = { data: { event_type: 'call.answered', payload: {} } }
    expect(codec.read(answered, { at: 0 })).toMatchObject({ cause: 'unknown', detail: 'call.answered ends no call' })
  })
})

const column: Record<Cause, readonly [HangupCause, string?]> = {
  hangup: ['normal_clearing'],
  'script-end': ['normal_clearing'],
  scheduled: ['normal_clearing'],
  'time-limit': ['time_limit'],
  cancelled: ['originator_cancel', '487'],
  'no-answer': ['no_answer'],
  busy: ['user_busy', '486'],
  declined: ['call_rejected', '603'],
  unwanted: ['call_rejected', '607'],
  blocked: ['call_rejected', '403'],
  unavailable: ['no_answer', '480'],
  'not-found': ['not_found', '404'],
  incompatible: ['unspecified', '488'],
  'answered-elsewhere': ['originator_cancel'],
  'declined-elsewhere': ['originator_cancel'],
  transferred: ['normal_clearing'],
  superseded: ['originator_cancel'],
  'media-failed': ['unspecified'],
  'media-lost': ['unspecified'],
  'capture-failed': ['unspecified'],
  'session-expired': ['unspecified'],
  'no-ack': ['unspecified'],
  'peer-gone': ['unspecified'],
  'account-limit': ['unspecified'],
  congestion: ['unspecified'],
  'app-unreachable': ['unspecified'],
  'app-invalid': ['unspecified'],
  'app-failed': ['unspecified'],
  'machine-detected': ['normal_clearing'],
  'network-failed': ['unspecified', '502'],
  shutdown: ['unspecified'],
  restarted: ['unspecified'],
  error: ['unspecified', '500'],
  unknown: ['unspecified'],
}

test.each(causeNames)('%s is written', (cause) => {
  const [hangup_cause, code = 'unspecified'] = column[cause]
  const { payload } = codec.write({ cause, actor: 'callee', phase: 'ringing', at: 0 }).data
  expect(payload).toEqual({
    end_time: '1970-01-01T00:00:00.000Z',
    state: 'hangup',
    hangup_cause,
    hangup_source: 'callee',
    sip_hangup_cause: code,
  })
})

test("our own ring limit is a timeout, and nobody's deed", () => {
  const { payload } = codec.write({ cause: 'no-answer', actor: 'timer', phase: 'ringing', at: 0 }).data
  expect(payload).toMatchObject({ hangup_cause: 'timeout', hangup_source: 'unknown' })
})

test('identifiers go with it', () => {
  const ids = { call_control_id: 'v3:1', call_leg_id: 'l', call_session_id: 's', from: '+1', to: '+2' }
  const written = codec.write({ cause: 'hangup', actor: 'caller', phase: 'answered', at: 0 }, { ids })
  expect(written.data.payload).toMatchObject(ids)
  expect(codec.identify?.(written)).toEqual(ids)
})
