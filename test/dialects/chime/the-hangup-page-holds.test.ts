import { describe, expect, test } from 'vitest'
import { codec, parseAction, serialiseAction } from '../../../src/dialects/chime/index.ts'

/** The example of the developer guide's page "Hangup", in its own bytes. */
const example =
  '{ "Type": "Hangup", "Parameters": { "CallId": "call-id-1", "ParticipantTag": "LEG-A", "SipResponseCode": "0" } }'

describe('the example', () => {
  test('parses', () => {
    expect(parseAction(example)).toEqual({
      ok: true,
      value: { Type: 'Hangup', Parameters: { CallId: 'call-id-1', ParticipantTag: 'LEG-A', SipResponseCode: 0 } },
      warnings: [],
    })
  })

  test('is explained: the application ends the leg normally', () => {
    expect(codec.read(example, { at: 7 })).toEqual({
      cause: 'hangup',
      actor: 'app',
      phase: 'answered',
      at: 7,
      codes: { platform: 0 },
      raw: { dialect: 'chime', value: example },
    })
  })

  test('is written back byte for byte', () => {
    const ids = codec.identify?.(example) ?? {}
    expect(codec.text?.(codec.write(codec.read(example, { at: 0 }), { ids }))).toBe(example)
    const parsed = parseAction(example)
    if (!parsed.ok || parsed.value.Type !== 'Hangup') throw new Error('it does not parse')
    const written = serialiseAction({
      Type: 'Hangup',
      Parameters: { CallId: 'call-id-1', ParticipantTag: 'LEG-A', SipResponseCode: 0 },
    })
    expect(written).toMatchObject({ ok: true, value: JSON.parse(example) })
  })
})

describe('its parameters', () => {
  test.each([
    ['480', 480, 'unavailable'],
    ['486', 486, 'busy'],
    ['0', 0, 'hangup'],
  ])('code %s', (code, number, cause) => {
    const action = { Type: 'Hangup', Parameters: { SipResponseCode: code } }
    expect(parseAction(action)).toMatchObject({ ok: true, value: { Parameters: { SipResponseCode: number } } })
    for (const wire of [action, action.Parameters, code, number]) {
      expect(codec.read(wire, { at: 0 })).toMatchObject({ cause, actor: 'app' })
    }
  })

  test('none is required', () => {
    for (const action of [
      { Type: 'Hangup' },
      { Type: 'Hangup', Parameters: {} },
      { Type: 'Hangup', Parameters: null },
    ]) {
      expect(parseAction(action)).toEqual({ ok: true, value: { Type: 'Hangup', Parameters: {} }, warnings: [] })
      expect(codec.read(action, { at: 0 }).cause).toBe('hangup')
    }
  })

  test.each([
    [486, 486],
    ['486', 486],
    [' 486 ', 486],
    ['', undefined],
    [null, undefined],
    ['0', 0],
    [0, 0],
  ])('a code may be written as %j', (given, read) => {
    const parsed = parseAction({ Type: 'Hangup', Parameters: { SipResponseCode: given } })
    expect(parsed).toMatchObject({ ok: true })
    if (parsed.ok) expect((parsed.value.Parameters as { SipResponseCode?: number }).SipResponseCode).toBe(read)
  })

  test.each(['603', 'abc', 200, {}, [], true])('any other code, as %j, is a fault with its place', (code) => {
    expect(parseAction({ Type: 'Hangup', Parameters: { SipResponseCode: code } }, '$.Actions[0]')).toMatchObject({
      ok: false,
      faults: [{ place: '$.Actions[0].Parameters.SipResponseCode' }],
    })
  })

  test('empty identifiers are none, a tag in the wrong case is the tag', () => {
    expect(parseAction({ Type: 'Hangup', Parameters: { CallId: '', ParticipantTag: '' } })).toMatchObject({
      value: { Parameters: {} },
    })
    expect(parseAction({ Type: 'Hangup', Parameters: { ParticipantTag: 'Leg-B' } })).toMatchObject({
      value: { Parameters: { ParticipantTag: 'LEG-B' } },
    })
    expect(parseAction({ Type: 'Hangup', Parameters: { ParticipantTag: 'LEG-C' } })).toMatchObject({ ok: false })
  })

  test('unknown keys are ignored in, and refused out', () => {
    expect(parseAction({ Type: 'Hangup', Parameters: { sipResponseCode: '480' } })).toMatchObject({
      value: { Parameters: {} },
    })
    const action = { Type: 'Hangup', Parameters: { sipResponseCode: '480' } } as never
    expect(serialiseAction(action)).toMatchObject({ ok: false, faults: [{ code: 'chime.unknown-key' }] })
  })
})
