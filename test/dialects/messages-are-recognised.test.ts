import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/call/ending.ts'
import { recognise } from '../../src/dialects/recognise.ts'

const messages: readonly (readonly [Dialect, string, unknown])[] = [
  ['sip', 'a response', 'SIP/2.0 486 Busy Here\r\nVia: x\r\n\r\n'],
  ['sip', 'a request', 'BYE sip:a@b SIP/2.0\r\nReason: Q.850;cause=16\r\n\r\n'],
  ['sip', 'a request after blank lines', '\r\n\r\nCANCEL sip:a@b SIP/2.0\r\n\r\n'],
  ['sip', 'a Reason line', 'Reason: SIP;cause=200;text="Call completed elsewhere"'],
  ['sip', 'a Reason value', 'Q.850;cause=17'],
  ['sip', 'what the codec writes', { message: 'BYE', reasons: ['Q.850;cause=16'] }],
  [
    'matrix',
    'an event',
    { type: 'm.call.hangup', content: { call_id: 'c', version: '1', party_id: 'p', reason: 'user_busy' } },
  ],
  ['matrix', 'an event as text', '{"type":"m.call.reject","content":{"call_id":"c","version":"1","party_id":"p"}}'],
  ['matrix', 'an event by its old name', { type: 'org.matrix.call.asserted_identity', content: {} }],
  ['matrix', 'a membership', { type: 'm.room.member', content: { membership: 'leave' } }],
  ['matrix', 'content alone', { call_id: 'c', version: 0, reason: 'ice_failed' }],
  ['whatsapp', 'a stanza as text', '<call from="A@lid" id="1">\n  <terminate call-id="C"/>\n</call>'],
  ['whatsapp', 'a bare terminate', '<terminate call-id="C" reason="timeout"/>'],
  ['whatsapp', 'a node', { tag: 'call', attrs: {}, content: [{ tag: 'terminate', attrs: {} }] }],
  ['whatsapp', 'a node as JSON text', '{"tag":"call","attrs":{},"content":[]}'],
  ['chime', 'an event', { SchemaVersion: '1.0', Sequence: 2, InvocationEventType: 'HANGUP', CallDetails: {} }],
  ['chime', 'an action', { Type: 'Hangup', Parameters: { SipResponseCode: '0' } }],
  ['chime', 'an action without parameters', { Type: 'Hangup' }],
  ['chime', 'parameters alone', { SipResponseCode: 486, ParticipantTag: 'LEG-A' }],
  ['chime', 'a response', { SchemaVersion: '1.0', Actions: [{ Type: 'Hangup', Parameters: {} }] }],
  ['bandwidth', 'a disconnect', { eventType: 'disconnect', callId: 'c-1', cause: 'busy', accountId: '5' }],
  ['bandwidth', 'a disconnect in the names of its model', { EventType: 'disconnect', CallId: 'c-1', Cause: 'busy' }],
  [
    'bandwidth',
    'a call’s state',
    { callId: 'c-1', state: 'disconnected', disconnectCause: 'hangup', applicationId: 'a' },
  ],
  ['bandwidth', 'a document', '<?xml version="1.0"?><Bxml><Hangup/></Bxml>'],
  ['bandwidth', 'a document by its verbs', '<Response><SpeakSentence>Hi</SpeakSentence><Hangup/></Response>'],
  ['vobiz', 'a callback', 'CallUUID=1&HangupCause=USER_BUSY&HangupCauseCode=3010&HangupSource=Carrier'],
  ['vobiz', 'a callback as JSON', { HangupCauseCode: '4000', HangupSource: 'Vobiz' }],
  ['vobiz', 'a document', '<Response><Hangup reason="busy"/></Response>'],
  ['vobiz', 'a document after a comment', '<!-- a --><?pi?><Response/>'],
  ['plivo', 'a callback', 'CallUUID=1&HangupCauseCode=6000&HangupSource=Plivo'],
  ['plivo', 'a callback with a header of its', { CallUUID: '1', HangupCauseCode: '4000', 'X-PH-Test': '1' }],
  ['plivo', 'a document by its verbs', '<Response><GetDigits/><Hangup/></Response>'],
  ['twilio', 'a callback', 'CallSid=CA00000000000000000000000000000000&AccountSid=AC1&CallStatus=busy&CallDuration=0'],
  ['twilio', 'a callback with a SIP status', 'CallSid=CA1&AccountSid=AC1&CallStatus=failed&SipResponseCode=404'],
  ['twilio', 'a document by its verbs', '<Response><Reject reason="busy"/></Response>'],
  ['telnyx', 'an event', { data: { event_type: 'call.hangup', payload: { hangup_cause: 'user_busy' } } }],
  ['telnyx', 'a payload', { call_control_id: 'v3:x', hangup_cause: 'user_busy', hangup_source: 'callee' }],
  ['vonage', 'an event', { status: 'busy', uuid: 'u', conversation_uuid: 'CON-1', direction: 'outbound' }],
  ['signalwire', 'an event', { event_type: 'calling.call.state', params: { call_state: 'ended', end_reason: 'busy' } }],
  [
    'signalwire',
    'a JSON-RPC message',
    {
      jsonrpc: '2.0',
      method: 'signalwire.event',
      params: { event_type: 'calling.call.state', params: { end_reason: 'busy' } },
    },
  ],
  [
    'signalwire',
    'a callback with its kind of ids',
    { CallSid: '25ac29a2-1331-4a07-b215-b22865662d85', CallStatus: 'busy' },
  ],
  ['whatsapp-cloud', 'a webhook', { object: 'whatsapp_business_account', entry: [] }],
  ['whatsapp-cloud', 'a change', { field: 'calls', value: { calls: [] } }],
  ['whatsapp-cloud', 'a call', { id: 'wacid.ABC', event: 'terminate', status: 'COMPLETED' }],
]

describe('a message is known by its shape', () => {
  test.each(messages)('%s: %s', (dialect, _, message) => {
    expect(recognise(message)).toMatchObject({ dialect })
  })
})

describe('what is of no dialect says so', () => {
  test.each([
    ['', 'explain.empty'],
    ['  \n', 'explain.empty'],
    ['{"type":', 'explain.json'],
    ['[1,', 'explain.json'],
    ['hello', 'explain.not-recognised'],
    ['<html></html>', 'explain.not-recognised'],
    ['a=b', 'explain.not-recognised'],
    ['[]', 'explain.not-recognised'],
    [null, 'explain.not-recognised'],
    [5, 'explain.not-recognised'],
    [{}, 'explain.not-recognised'],
    [{ type: 'm.room.message', content: {} }, 'explain.not-recognised'],
  ])('%j', (message, code) => {
    expect(recognise(message)).toMatchObject({ dialect: null, fault: { code } })
  })
})
