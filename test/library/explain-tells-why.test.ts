import { describe, expect, test } from 'vitest'
import { explain } from '../../src/index.ts'

describe('explain', () => {
  test('gives the ending, whose words it was in, and a sentence', () => {
    expect(explain('SIP/2.0 603 Decline\r\nReason: Q.850;cause=21\r\n\r\n', { phase: 'ringing', at: 5 })).toEqual({
      cause: 'declined',
      actor: 'callee',
      phase: 'ringing',
      at: 5,
      codes: { sip: 603, q850: 21, text: 'Decline' },
      dialect: 'sip',
      summary: 'Ended while it rang, by the callee: a person refused.',
      raw: { dialect: 'sip', value: 'SIP/2.0 603 Decline\r\nReason: Q.850;cause=21\r\n\r\n' },
    })
  })

  test('takes the phase, the direction and the sender into account', () => {
    const stanza = '<call id="1"><terminate call-id="C"/></call>'
    expect(explain(stanza, { phase: 'answered' }).cause).toBe('hangup')
    expect(explain(stanza, { phase: 'ringing', direction: 'in' }).cause).toBe('cancelled')
    expect(explain(stanza, { phase: 'ringing', direction: 'out' }).cause).toBe('declined')
    expect(explain(stanza, { phase: 'ringing', direction: 'in', sender: 'callee' }).cause).toBe('declined')
  })

  test('keeps JSON and pairs as the objects that they stand for, and other text as it came', () => {
    expect(explain('{"Type":"Hangup","Parameters":{}}').raw).toEqual({
      dialect: 'chime',
      value: { Type: 'Hangup', Parameters: {} },
    })
    expect(explain('HangupCauseCode=3010&HangupSource=Carrier').raw.value).toEqual({
      HangupCauseCode: '3010',
      HangupSource: 'Carrier',
    })
    expect(explain('<Response/>').raw.value).toBe('<Response/>')
  })

  test('takes a bare word in a dialect that is named', () => {
    expect(explain('user_busy', { dialect: 'matrix' }).cause).toBe('busy')
    expect(explain('accepted_elsewhere', { dialect: 'whatsapp' }).cause).toBe('answered-elsewhere')
    expect(explain('timeout', { dialect: 'bandwidth' }).cause).toBe('no-answer')
    expect(explain('486', { dialect: 'chime' }).cause).toBe('busy')
    expect(explain('3020', { dialect: 'vobiz' }).cause).toBe('declined')
  })

  test('says when the message itself says it, and otherwise when it was heard', () => {
    const event = { type: 'm.call.hangup', content: {}, origin_server_ts: 1_000 }
    expect(explain(event, { at: 5 }).at).toBe(1_000)
    expect(explain('<terminate call-id="C"/>', { at: 5 }).at).toBe(5)
    expect(Math.abs(explain('<terminate call-id="C"/>').at - Date.now())).toBeLessThan(60_000)
  })

  test('names the fault of what it does not know', () => {
    expect(explain('what?')).toMatchObject({
      dialect: null,
      cause: 'unknown',
      actor: 'unknown',
      raw: { dialect: null, value: 'what?' },
      fault: { code: 'explain.not-recognised' },
    })
  })
})

test.each([
  ['found out', {}],
  ['given', { dialect: 'sip' }],
] as const)('bytes are read as the text that they are, the dialect %s', (_, options) => {
  const text = 'SIP/2.0 486 Busy Here\r\n\r\n'
  expect(explain(new TextEncoder().encode(text), options)).toMatchObject({ cause: 'busy', raw: { value: text } })
})
