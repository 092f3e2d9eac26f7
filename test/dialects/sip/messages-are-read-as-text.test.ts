import { describe, expect, test } from 'vitest'
import { codec, parseSipMessage, sipLines } from '../../../src/dialects/sip/index.ts'

const busy = `SIP/2.0 486 Busy Here\r
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r
From: <sip:alice@example.com>;tag=1\r
To: <sip:bob@example.com>;tag=2\r
Call-ID: 1@example.com\r
CSeq: 1 INVITE\r
reason: Q.850;cause=17\r
 ;text="User, busy"\r
Content-Length: 0\r
\r
`

const cancel = `CANCEL sip:bob@192.0.2.4 SIP/2.0
Call-ID: 1@example.com
CSeq: 1 CANCEL
Reason: SIP;cause=200;text="Call completed elsewhere"
`

const bye =
  'BYE sip:bob@192.0.2.4 SIP/2.0\r\nReason: SIP;cause=408\r\nReason: Q.850;cause=102\r\n\r\nReason: in the body'

describe('a SIP message as text', () => {
  test('a final response, folded and cased anyhow', () => {
    expect(parseSipMessage(busy)).toMatchObject({
      ok: true,
      value: {
        content: {
          message: 'response',
          status: 486,
          reason: 'Busy Here',
          reasons: ['Q.850;cause=17 ;text="User, busy"'],
        },
        method: 'INVITE',
        startLine: 'SIP/2.0 486 Busy Here',
      },
    })
    expect(codec.read(busy, { at: 5 })).toEqual({
      cause: 'busy',
      actor: 'callee',
      phase: 'offered',
      at: 5,
      codes: { sip: 486, q850: 17, text: 'User, busy' },
      raw: { dialect: 'sip', value: busy },
    })
  })

  test('a CANCEL with bare line feeds', () => {
    expect(codec.read(cancel, { at: 0 })).toMatchObject({
      cause: 'answered-elsewhere',
      actor: 'callee',
      phase: 'ringing',
    })
  })

  test('a BYE, whose body is no header', () => {
    expect(codec.read(bye, { at: 0, direction: 'in' })).toMatchObject({
      cause: 'session-expired',
      phase: 'answered',
      codes: { sip: 408, q850: 102 },
    })
    expect(codec.read('BYE sip:b@c SIP/2.0', { at: 0, direction: 'in' })).toMatchObject({
      cause: 'hangup',
      actor: 'caller',
    })
    expect(codec.read('BYE sip:b@c SIP/2.0', { at: 0, direction: 'out' })).toMatchObject({
      cause: 'hangup',
      actor: 'callee',
    })
    expect(codec.read('BYE sip:b@c SIP/2.0', { at: 0 })).toMatchObject({ cause: 'hangup', actor: 'unknown' })
  })

  test('an answer to a BYE confirms the end, or says that the call was forgotten', () => {
    expect(codec.read('SIP/2.0 200 OK\r\nCSeq: 2 BYE\r\n', { at: 0 }).cause).toBe('hangup')
    expect(codec.read('SIP/2.0 481 Gone\r\nCSeq: 2 BYE\r\n', { at: 0 }).cause).toBe('peer-gone')
  })

  test('a bare Reason value, a bare status', () => {
    expect(codec.read('Q.850;cause=17', { at: 0 }).cause).toBe('busy')
    expect(codec.read('Reason: Q.850;cause=102;text="Media timeout"', { at: 0 }).cause).toBe('media-lost')
    expect(codec.read(486, { at: 0 }).cause).toBe('busy')
  })

  test.each([
    ['', 'sip.message-empty', '1:1'],
    ['INVITE sip:a@b SIP/2.0\r\n', 'sip.message-start-line', '1:1'],
    ['SIP/2.0 180 Ringing\r\n', 'sip.message-not-final', '1:9'],
    ['hello', 'sip.message-start-line', '1:1'],
  ])('%j is a fault', (text, code, place) => {
    expect(parseSipMessage(text)).toMatchObject({ ok: false, faults: [{ code, place }] })
    expect(codec.read(text, { at: 0 })).toMatchObject({ cause: 'unknown', raw: { value: text } })
  })

  test('a line that is no header is a warning with its place', () => {
    expect(parseSipMessage('SIP/2.0 486 Busy\r\nCSeq: 1 INVITE\r\nnonsense\r\n')).toMatchObject({
      ok: true,
      warnings: [{ code: 'sip.message-header', place: '3:1' }],
    })
  })

  test.each(['valueOf', 'constructor', '__proto__'])('the text %s, which every object has, is no word', (name) => {
    expect(codec.read(`BYE sip:a@b SIP/2.0\r\nReason: SIP;text="${name}"`, { at: 0 }).cause).toBe('hangup')
    expect(codec.read(`SIP/2.0 500 Error\r\nReason: ${name};cause=1`, { at: 0 }).cause).toBe('error')
  })

  test('what is written is read back', () => {
    expect(sipLines({ message: 'response', status: 603, reason: 'Decline', reasons: ['Q.850;cause=21'] })).toBe(
      'SIP/2.0 603 Decline\r\nReason: Q.850;cause=21',
    )
    const written = sipLines({ message: 'CANCEL', reasons: ['SIP;cause=603'] })
    expect(codec.read(written, { at: 0 }).cause).toBe('declined-elsewhere')
  })
})
