import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCallback } from '../../../src/dialects/vobiz/callback.ts'
import { codec } from '../../../src/dialects/vobiz/codec.ts'
import { formatForm, type Pairs, withQuery } from '../../../src/dialects/vobiz/form.ts'
import {
  answerParams,
  type CallFacts,
  dialActionParams,
  dialEventParams,
  hangupParams,
  partyName,
  ringParams,
} from '../../../src/dialects/vobiz/params.ts'

const runs = process.env.ONHOOK_LONG ? 100_000 : 1_000
const at = Date.UTC(2026, 5, 11, 16, 3, 28, 586)

const facts: CallFacts = {
  callUuid: '5a9fd4a0-3d4c-11ef-bef9-0242ac110005',
  from: '14155551234',
  to: '14155550000',
  direction: 'inbound',
  sessionStart: at,
  account: 'MA_XXXXXXXX',
  headers: { 'X-VH-Tenant': 'a' },
}

const plain = (pairs: Pairs) => Object.fromEntries(pairs)

describe('parameters that we send', () => {
  it('of the answer URL', () => {
    expect(plain(answerParams(facts, 'StartApp', 'ringing'))).toEqual({
      CallUUID: facts.callUuid,
      From: '14155551234',
      To: '14155550000',
      Direction: 'inbound',
      CallStatus: 'ringing',
      Event: 'StartApp',
      CallerName: '14155551234',
      SessionStart: '2026-06-11 16:03:28.586000',
      BillRate: '0.00000',
      ParentAuthID: 'MA_XXXXXXXX',
      STIRVerification: 'Not Applicable',
      STIRAttestation: 'Not Applicable',
      'X-VH-Tenant': 'a',
    })
  })

  it('of an outgoing call name its request too', () => {
    const own = facts.callUuid
    const params = plain(answerParams({ ...facts, direction: 'outbound' }, 'StartApp', 'in-progress'))
    expect(params).toMatchObject({ RequestUUID: own, ALegUUID: own, ALegRequestUUID: own, CallStatus: 'in-progress' })
    expect(plain(ringParams({ ...facts, direction: 'outbound' }))).toMatchObject({
      Event: 'Ring',
      CallStatus: 'ringing',
    })
  })

  const words = codec.write({ cause: 'hangup', actor: 'caller', phase: 'answered', at })
  it('of the hangup URL', () => {
    const end = {
      words,
      status: 'completed',
      began: at,
      answered: at + 5_000,
      ended: at + 18_900,
    } as const
    expect(plain(hangupParams(facts, end))).toMatchObject({
      Event: 'Hangup',
      CallStatus: 'completed',
      HangupCause: 'NORMAL_CLEARING',
      HangupCauseCode: '4000',
      HangupCauseName: 'Normal Hangup',
      HangupSource: 'Caller',
      Duration: '14',
      BillDuration: '60',
      TotalCost: '0.00000',
      StartTime: '2026-06-11 16:03:28',
      AnswerTime: '2026-06-11 16:03:33',
      EndTime: '2026-06-11 16:03:47',
      stir_verification: 'Not Applicable',
    })
  })

  it('of an unanswered call have no answer time and no duration', () => {
    const end = { words, status: 'busy', began: at, answered: null, ended: at + 900 } as const
    expect(plain(hangupParams(facts, end))).toMatchObject({ AnswerTime: '', Duration: '0', BillDuration: '0' })
  })

  it.each([
    [0, '60'],
    [60_000, '60'],
    [61_000, '120'],
  ])('round %i ms up to the pulse', (talk, billed) => {
    const end = { words, status: 'completed', began: at, answered: at, ended: at + talk } as const
    expect(plain(hangupParams(facts, end)).BillDuration).toBe(billed)
  })

  it('of a dialled leg', () => {
    const leg = {
      callUuid: 'a',
      aLegUuid: 'a',
      bLegUuid: 'b',
      bLegFrom: '1',
      bLegTo: '2',
      position: 1,
      status: 'in-progress',
    } as const
    const hangup = { words, answered: at, ended: at + 7_000 }
    expect(plain(dialEventParams({ ...leg, event: 'DialHangup', hangup }, 'vobiz'))).toMatchObject({
      DialAction: 'hangup',
      DialBLegDuration: '7',
      DialBLegBillDuration: '60',
      DialBLegHangupCause: 'NORMAL_CLEARING',
      DialBLegHangupCauseCode: '4000',
      DialBLegHangupSource: 'Caller',
    })
    const digits = { pressed: '1', by: 'bleg' } as const
    const pressed = (vendor: 'vobiz' | 'plivo') =>
      plain(dialEventParams({ ...leg, event: 'DialDigitsMatch', digits }, vendor)).DialDigitsPressedBy
    expect([pressed('vobiz'), pressed('plivo')]).toEqual(['bleg', 'BLeg'])
    const dial = { status: 'no-answer', rang: true, hangupCause: 'NO_ANSWER', aLegUuid: 'a', bLegUuid: '' } as const
    expect(plain(dialActionParams(facts, 'in-progress', dial))).toMatchObject({
      DialStatus: 'no-answer',
      DialBLegUUID: '',
    })
  })

  it.each([
    ['+14155551234', '14155551234'],
    ['14155551234', '14155551234'],
    ['sip:+14155551234@example.com;user=phone', '14155551234'],
    ['tel:+1-415-555-1234', '14155551234'],
    ['"Alice" <sip:alice@example.com:5070;transport=udp>', 'sip:alice@example.com:5070'],
    ['sip:alice@example.com', 'sip:alice@example.com'],
    ['alice', 'alice'],
    ['anonymous@anonymous.invalid', 'anonymous@anonymous.invalid'],
    ['', ''],
  ])('show %s as %s', (address, shown) => {
    expect(partyName(address)).toBe(shown)
  })
})

describe('callbacks that we read', () => {
  const end = {
    words: codec.write({ cause: 'busy', actor: 'app', phase: 'offered', at }),
    status: 'busy',
    began: at,
    answered: null,
    ended: at,
  } as const

  it('are those that we write, as a body, a URL, JSON or an object', () => {
    const params = hangupParams(facts, end)
    const form = formatForm(params)
    for (const input of [
      form,
      `?${form}`,
      withQuery('https://x/h?a=1', params),
      plain(params),
      JSON.stringify(plain(params)),
    ]) {
      expect(parseCallback(input)).toMatchObject({
        ok: true,
        value: {
          kind: 'hangup',
          fields: { CallUUID: facts.callUuid, Duration: 0, HangupCauseCode: 3010, AnswerTime: '' },
        },
        warnings: [],
      })
    }
  })

  it.each([
    ['CallUUID=u&Event=StartApp', 'answer'],
    ['CallUUID=u&CallStatus=ringing', 'answer'],
    ['CallUUID=u&Event=Ring', 'ring'],
    ['CallUUID=u&Event=Redirect', 'redirect'],
    ['CallUUID=u&Event=MachineDetection&Machine=true', 'machine-detection'],
    ['CallUUID=u&Event=DialHangup&DialAction=hangup', 'dial-event'],
    ['CallUUID=u&Event=Redirect&DialStatus=completed', 'dial-action'],
    ['CallUUID=u&HangupCause=NORMAL_CLEARING', 'hangup'],
    ['CallUUID=u&Event=Hangup', 'hangup'],
    ['CallUUID=u&Event=Something', 'other'],
  ])('%s is kind %s', (form, kind) => {
    expect(parseCallback(form)).toMatchObject({ ok: true, value: { kind } })
  })

  it('warn of a number that is none, and keep it', () => {
    expect(parseCallback('CallUUID=u&Duration=long&x=1&x=2')).toMatchObject({
      ok: true,
      value: {
        params: [
          ['CallUUID', 'u'],
          ['Duration', 'long'],
          ['x', '1'],
          ['x', '2'],
        ],
      },
      warnings: [{ code: 'vobiz.callback', place: 'Duration' }],
    })
  })

  it.each([
    ['nothing', ''],
    ['a list', []],
    ['null', null],
    ['broken JSON', '{"a"'],
    ['a page', '<html></html>'],
    ['no call', 'From=1'],
  ])('refuse %s', (_name, input) => {
    expect(parseCallback(input)).toMatchObject({ ok: false, faults: [{ code: 'vobiz.callback' }] })
  })

  it('never throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.json()), (input) => {
        expect(typeof parseCallback(input).ok).toBe('boolean')
      }),
      { numRuns: runs },
    )
  })

  it('keep every parameter of a form', () => {
    const pair = fc.tuple(fc.string({ minLength: 1 }), fc.string())
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), (others) => {
        const params: Pairs = [['CallUUID', 'u'], ...others]
        const clean = params.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()])
        expect(parseCallback(formatForm(params))).toMatchObject({ ok: true, value: { params: clean } })
      }),
      { numRuns: runs },
    )
  })
})
