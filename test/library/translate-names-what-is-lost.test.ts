import { describe, expect, test } from 'vitest'
import { causeNames } from '../../src/call/causes.ts'
import { dialectNames } from '../../src/call/ending.ts'
import { codecOf } from '../../src/dialects/index.ts'
import { translate } from '../../src/index.ts'
import { naturalContext } from '../dialects/natural-context.ts'

const stanza = `<call from="A@s.whatsapp.net" to="B@s.whatsapp.net" id="4D5E6F7081">
  <terminate call-id="CALLID-0001-synthetic" reason="timeout"/>
</call>`

describe('translate', () => {
  test('gives the value, its text, and what was translated', () => {
    const found = translate(stanza, { to: 'matrix', at: 0 })
    expect(found.value).toEqual({ type: 'm.call.hangup', content: { version: '1', reason: 'invite_timeout' } })
    expect(found.text).toBe('{"type":"m.call.hangup","content":{"version":"1","reason":"invite_timeout"}}')
    expect(found).toMatchObject({ from: 'whatsapp', to: 'matrix', losses: [], ending: { cause: 'no-answer', at: 0 } })
  })

  test('into the same dialect, writes the same bytes', () => {
    expect(translate(stanza, { to: 'whatsapp' }).text).toBe(stanza)
    const action =
      '{ "Type": "Hangup", "Parameters": { "CallId": "call-id-1", "ParticipantTag": "LEG-A", "SipResponseCode": "0" } }'
    expect(translate(action, { to: 'chime' }).text).toBe(action)
  })

  test('chooses the vocabulary that it is asked for', () => {
    const found = translate(
      { cause: 'answered-elsewhere', actor: 'callee', phase: 'ringing', at: 0 },
      { to: 'whatsapp' },
    )
    expect(found.text).toContain('accept_elsewhere')
    const live = translate(found.ending, { to: 'whatsapp', vocabulary: 'observed' })
    expect(live.text).toContain('accepted_elsewhere')
  })

  test('puts in the identifiers that it is given', () => {
    const ids = { call_id: 'c1', party_id: 'p1' }
    expect(translate(stanza, { to: 'matrix', ids }).value.content).toMatchObject(ids)
  })

  test('takes an ending, and an explanation that has been through JSON', () => {
    const ending = { cause: 'busy', actor: 'callee', phase: 'ringing', at: 0 } as const
    expect(translate(ending, { to: 'matrix' }).value.content).toMatchObject({ reason: 'user_busy' })
    const { ending: explained } = translate(stanza, { to: 'matrix', at: 0 })
    expect(translate(JSON.parse(JSON.stringify(explained)), { to: 'sip' }).from).toBe('whatsapp')
  })

  test('lists what a listener does not hear', () => {
    const ending = {
      cause: 'time-limit',
      actor: 'timer',
      phase: 'answered',
      at: 0,
      detail: 'one hour',
      codes: { q850: 102 },
    } as const
    expect(translate(ending, { to: 'whatsapp' }).losses).toEqual([
      { what: 'cause', said: 'time-limit', heard: 'hangup', message: 'cause time-limit is heard as hangup' },
      { what: 'actor', said: 'timer', heard: null, message: 'actor timer is not said' },
      { what: 'q850', said: 102, heard: null, message: 'Q.850 value 102 is not said' },
      { what: 'detail', said: 'one hour', heard: null, message: 'detail one hour is not said' },
    ])
  })

  test('says that the cause is unknown where the source could not be read', () => {
    expect(translate('what?', { to: 'bandwidth' })).toMatchObject({
      from: null,
      fault: { code: 'explain.not-recognised' },
      ending: { cause: 'unknown' },
    })
  })
})

describe.each(dialectNames)('into %s', (to) => {
  test.each(causeNames)('a cause is lost exactly where the table says so: %s', (cause) => {
    const { phase, direction } = naturalContext(cause)
    const { losses } = translate({ cause, actor: 'unknown', phase, at: 0 }, { to, phase, direction })
    const heard = losses.find(({ what }) => what === 'cause')?.heard ?? cause
    expect(heard).toBe(codecOf(to).says[cause])
  })
})
