import { describe, expect, test } from 'vitest'
import type { Cause } from '../../../src/call/causes.ts'
import type { Actor } from '../../../src/call/ending.ts'
import { readBye, readCancel, readFinalResponse } from '../../../src/dialects/sip/index.ts'

describe('a final response', () => {
  const rows: readonly (readonly [number, string, Cause])[] = [
    [301, '', 'not-found'],
    [400, '', 'error'],
    [401, '', 'blocked'],
    [403, '', 'blocked'],
    [403, 'Q.850;cause=21', 'blocked'],
    [403, 'Q.850;cause=21;location=U', 'declined'],
    [404, '', 'not-found'],
    [406, '', 'incompatible'],
    [408, '', 'no-answer'],
    [408, 'Q.850;cause=102', 'no-answer'],
    [410, '', 'not-found'],
    [415, '', 'incompatible'],
    [480, '', 'unavailable'],
    [480, 'Q.850;cause=18', 'no-answer'],
    [480, 'Q.850;cause=19;text="NO_ANSWER"', 'no-answer'],
    [480, 'Q.850;cause=20', 'unavailable'],
    [480, 'Q.850;cause=16;text="NORMAL_CLEARING"', 'hangup'],
    [480, 'Q.850;cause=17', 'busy'],
    [480, 'Q.850;cause=21', 'declined'],
    [480, 'Q.850;cause=31', 'unknown'],
    [480, 'Q.850;cause=41', 'unavailable'],
    [481, '', 'peer-gone'],
    [482, '', 'network-failed'],
    [484, '', 'not-found'],
    [486, '', 'busy'],
    [486, 'Q.850;cause=16', 'busy'],
    [487, '', 'cancelled'],
    [487, 'Q.850;cause=16', 'cancelled'],
    [487, 'Q.850;cause=19', 'no-answer'],
    [487, 'Q.850;cause=26', 'answered-elsewhere'],
    [487, 'SIP;cause=200;text="Call completed elsewhere"', 'answered-elsewhere'],
    [488, '', 'incompatible'],
    [488, 'Q.850;cause=41', 'incompatible'],
    [499, '', 'error'],
    [500, '', 'error'],
    [500, 'Q.850;cause=1', 'not-found'],
    [501, '', 'error'],
    [502, '', 'network-failed'],
    [503, '', 'network-failed'],
    [503, 'Q.850;cause=34', 'congestion'],
    [503, 'Q.850;cause=42', 'congestion'],
    [503, 'Q.850;cause=41', 'network-failed'],
    [503, 'Q.850;cause=88', 'incompatible'],
    [503, 'SIP;cause=606;text="USER_NOT_REGISTERED"', 'unavailable'],
    [504, '', 'network-failed'],
    [600, '', 'busy'],
    [603, '', 'declined'],
    [603, 'Q.850;cause=21', 'declined'],
    [603, 'Q.850;cause=16', 'hangup'],
    [604, '', 'not-found'],
    [606, '', 'incompatible'],
    [607, '', 'unwanted'],
    [608, '', 'blocked'],
    [699, '', 'busy'],
    [200, '', 'unknown'],
    [180, '', 'unknown'],
    [799, '', 'unknown'],
  ]

  test.each(rows)('%i %s is %s', (status, reason, cause) => {
    expect(readFinalResponse({ status, reasons: reason === '' ? [] : [reason] }).cause).toBe(cause)
  })

  test('keeps its status, its Q.850 value, its words and itself', () => {
    const message = { status: 480, reason: 'Nobody home', reasons: ['Q.850 ; cause=19 ; text="NO_ANSWER"'] }
    expect(readFinalResponse(message)).toEqual({
      cause: 'no-answer',
      actor: 'network',
      codes: { sip: 480, q850: 19, text: 'NO_ANSWER' },
      raw: { dialect: 'sip', value: { message: 'response', ...message } },
    })
    expect(readFinalResponse({ status: 486, reason: 'Busy Here' }).codes).toEqual({ sip: 486, text: 'Busy Here' })
  })

  test.each([
    [486, 'party'],
    [603, 'party'],
    [607, 'party'],
    [608, 'network'],
    [404, 'network'],
    [480, 'network'],
    [503, 'network'],
  ] satisfies (readonly [number, Actor | 'party'])[])('%i was decided by the %s', (status, actor) => {
    expect(readFinalResponse({ status }).actor).toBe(actor)
  })
})

describe('a BYE', () => {
  const rows: readonly (readonly [string, Cause])[] = [
    ['', 'hangup'],
    ['Q.850;cause=16', 'hangup'],
    ['Q.850;cause=16;text="Normal call clearing"', 'hangup'],
    ['Q.850;cause=16;text="Max duration"', 'time-limit'],
    ['Q.850;cause=17', 'busy'],
    ['Q.850;cause=19', 'no-answer'],
    ['Q.850;cause=21', 'declined'],
    ['Q.850;cause=26', 'hangup'],
    ['Q.850;cause=31;text=NORMAL_UNSPECIFIED', 'unknown'],
    ['Q.850;cause=38', 'network-failed'],
    ['Q.850;cause=41', 'error'],
    ['Q.850;cause=102;text="Media timeout"', 'media-lost'],
    ['Q.850;cause=102', 'error'],
    ['Q.850;cause=127', 'error'],
    ['Q.850;cause=5', 'unknown'],
    ['SIP;cause=200', 'hangup'],
    ['SIP;cause=200;text="Call completed elsewhere"', 'hangup'],
    ['SIP;cause=200;text="ACK timeout"', 'no-ack'],
    ['SIP;cause=200;text="Session timer expired"', 'session-expired'],
    ['SIP;cause=200;text="CANCEL after 200 OK"', 'hangup'],
    ['SIP;cause=408;text="ACK timeout"', 'no-ack'],
    ['SIP;cause=408, Q.850;cause=102', 'session-expired'],
    ['SIP;cause=408', 'session-expired'],
    ['SIP;cause=481', 'peer-gone'],
    ['SIP;cause=486', 'busy'],
    ['SIP;cause=487', 'hangup'],
    ['SIP;cause=488', 'incompatible'],
    ['SIP;cause=500, Q.850;cause=41', 'error'],
    ['SIP;cause=503;text="Server stopping", Q.850;cause=41', 'network-failed'],
    ['SIP;cause=603', 'declined'],
    ['SIP;cause=607', 'unwanted'],
    ['SIP;cause=608', 'blocked'],
    ['SIP;cause=604;text="MEDIA_TIMEOUT"', 'media-lost'],
    ['SIP;cause=602;text="ALLOTTED_TIMEOUT"', 'time-limit'],
    ['SIP;cause=600;text="BLIND_TRANSFER"', 'transferred'],
    ['Q.850;cause=804', 'media-lost'],
    ['Q.850;cause=16;text="RTP Timeout"', 'media-lost'],
    ['RELEASE_CAUSE ;cause=1 ;text="User ends call"', 'hangup'],
    ['RELEASE_CAUSE;cause=2;text="RTP/RTCP time-out"', 'media-lost'],
    ['RELEASE_CAUSE;cause=3', 'media-lost'],
    ['RELEASE_CAUSE;cause=4', 'no-ack'],
    ['FAILURE_CAUSE;cause=1', 'media-lost'],
    ['FAILURE_CAUSE;cause=2', 'network-failed'],
    ['preemption;cause=1;text="UA Preemption"', 'network-failed'],
    ['X.int;reasoncode=0x00000481;add-info=0730', 'hangup'],
    ['X.int;reasoncode=0x00000481, Q.850;cause=17', 'busy'],
    ['nonsense here', 'hangup'],
  ]

  test.each(rows)('%s is %s', (reason, cause) => {
    expect(readBye({ reasons: reason === '' ? [] : [reason] }, { phase: 'answered' }).cause).toBe(cause)
  })

  test('before the answer it is the caller that withdraws', () => {
    expect(readBye({}, { phase: 'ringing' }).cause).toBe('cancelled')
    expect(readBye({ reasons: ['Q.850;cause=16'] }, { phase: 'early' }).cause).toBe('cancelled')
    expect(readBye({}).cause).toBe('hangup')
  })

  test('is the deed of whoever sent it, unless a machine says that it broke', () => {
    expect(readBye({}).actor).toBe('party')
    expect(readBye({ reasons: ['Q.850;cause=102;text="Media timeout"'] }).actor).toBe('network')
  })

  test('keeps both codes of two lines', () => {
    expect(readBye({ reasons: ['SIP;cause=500', 'Q.850;cause=41;text="Temporary failure"'] }).codes).toEqual({
      sip: 500,
      q850: 41,
      text: 'Temporary failure',
    })
  })
})

describe('a CANCEL', () => {
  const rows: readonly (readonly [string, Cause])[] = [
    ['', 'cancelled'],
    ['Q.850;cause=16', 'cancelled'],
    ['Q.850;cause=31', 'cancelled'],
    ['Q.850;cause=19', 'no-answer'],
    ['Q.850;cause=18', 'no-answer'],
    ['Q.850;cause=102;text="RECOVERY_ON_TIMER_EXPIRE"', 'no-answer'],
    ['Q.850;cause=26', 'answered-elsewhere'],
    ['Q.850;cause=26, SIP;cause=200;text="Call completed elsewhere"', 'answered-elsewhere'],
    ['SIP;cause=200', 'answered-elsewhere'],
    ['SIP;cause=200;text="Call completed elsewhere"', 'answered-elsewhere'],
    ['SIP;text="Answered elsewhere"', 'answered-elsewhere'],
    ['SIP;cause=502;text="LOSE_RACE"', 'answered-elsewhere'],
    ['SIP;cause=605;text="PICKED_OFF"', 'answered-elsewhere'],
    ['SIP;cause=602;text="ALLOTTED_TIMEOUT"', 'no-answer'],
    ['SIP;cause=487;text="ORIGINATOR_CANCEL"', 'cancelled'],
    ['SIP;cause=487', 'cancelled'],
    ['SIP;cause=603', 'declined-elsewhere'],
    ['SIP;cause=600', 'declined-elsewhere'],
    ['SIP;cause=486', 'declined-elsewhere'],
    ['Q.850;cause=21', 'declined-elsewhere'],
    ['SIP;cause=607', 'unwanted'],
    ['SIP;cause=608', 'blocked'],
    ['SIP;cause=408', 'no-answer'],
    ['SIP;cause=480', 'no-answer'],
    ['SIP;cause=500', 'error'],
    ['SIP;cause=503', 'network-failed'],
    ['RELEASE_CAUSE;cause=1;text="User ends call"', 'cancelled'],
    ['RELEASE_CAUSE;cause=6', 'no-answer'],
  ]

  test.each(rows)('%s is %s', (reason, cause) => {
    expect(readCancel({ reasons: reason === '' ? [] : [reason] }).cause).toBe(cause)
  })

  test('that says elsewhere was decided by the called user, any other by its sender or its network', () => {
    expect(readCancel({ reasons: ['SIP;cause=200'] }).actor).toBe('callee')
    expect(readCancel({}).actor).toBe('party')
    expect(readCancel({ reasons: ['Q.850;cause=19'] }).actor).toBe('network')
  })
})
