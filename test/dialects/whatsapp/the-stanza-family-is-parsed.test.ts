import { describe, expect, test } from 'vitest'
import {
  actionNames,
  answersOwed,
  type CallStanza,
  type OutgoingCall,
  parseCall,
  parseStanza,
  serialiseCall,
  stanzaText,
} from '../../../src/dialects/whatsapp/index.ts'

const creator = '123456789012345:2@lid'

/** One stanza per action, as client libraries hold it, and what is understood of it. */
const family: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
  [
    'offer',
    {
      caller_pn: '15552223333@s.whatsapp.net',
      caller_country_code: 'DE',
      device_class: '2016',
      joinable: '1',
      'group-jid': '1@g.us',
      username: 'x',
    },
    { callerPn: '15552223333@s.whatsapp.net', callerCountryCode: 'DE', joinable: true, groupJid: '1@g.us' },
  ],
  ['offer_notice', { media: 'video', type: 'group' }, { media: 'video', type: 'group' }],
  ['preaccept', {}, {}],
  ['accept', {}, {}],
  ['reject', { count: '0', reason: 'busy' }, { count: 0, reason: 'busy' }],
  [
    'terminate',
    {
      reason: 'timeout',
      duration: '3670',
      audio_duration: '12',
      video_duration: '0',
      videostate: '1',
      count: '2',
      is_first_wave: '1',
    },
    {
      reason: 'timeout',
      duration: 3670,
      audioDuration: 12,
      videoDuration: 0,
      videoState: 1,
      count: 2,
      isFirstWave: true,
    },
  ],
  ['transport', { 'p2p-cand-round': '1', 'transport-message-type': '3' }, { candidateRound: 1, messageType: 3 }],
  ['relaylatency', { 'transaction-id': '9' }, { transactionId: '9' }],
  ['relayelection', { 'transaction-id': '9' }, { transactionId: '9' }],
  ['mute_v2', { 'mute-state': '1' }, { muteState: '1' }],
  ['mute', { state: 'begin' }, { state: 'begin' }],
  [
    'video',
    { state: '3', device_orientation: '1', dec: 'H264' },
    { state: 3, deviceOrientation: 1, more: { dec: 'H264' } },
  ],
  ['interruption', { state: 'end' }, { state: 'end' }],
  ['enc_rekey', { 'transaction-id': '1' }, { transactionId: '1' }],
  ['group_update', { 'transaction-id': '1' }, { transactionId: '1' }],
  ...[
    'heartbeat',
    'waiting_room_update',
    'user_action',
    'screen_share',
    'peer_state',
    'flowcontrol',
    'flow_control',
    'notify',
  ].map((name) => [name, {}, {}] as const),
  ...['web_client', 'group_info', 'dtmf', 'link_create', 'link_query', 'link_join'].map(
    (name) => [name, {}, {}] as const,
  ),
]

const stanza = (tag: string, attrs: Record<string, unknown>) => ({
  tag: 'call',
  attrs: {
    from: '123456789012345@lid',
    id: 'S1',
    t: '1700000000',
    platform: 'android',
    version: '2.24',
    notify: 'Ann',
  },
  content: [
    {
      tag,
      attrs: { 'call-id': 'ABCD', 'call-creator': creator, ...attrs },
      content: [{ tag: 'audio', attrs: { enc: 'opus' } }],
    },
  ],
})

test('every action has its stanza here', () => {
  expect(family.map(([name]) => name).sort()).toEqual([...actionNames].sort())
})

describe.each(family)('%s', (name, attrs, typed) => {
  const parsed = parseCall(stanza(name, attrs))

  test('is parsed', () => {
    expect(parsed).toMatchObject({
      ok: true,
      warnings: [],
      value: {
        from: '123456789012345@lid',
        id: 'S1',
        t: 1_700_000_000,
        platform: 'android',
        version: '2.24',
        notify: 'Ann',
        action: { name, callId: 'ABCD', callCreator: creator, children: [{ tag: 'audio' }], ...typed },
      },
    })
  })

  test('is written as it came', () => {
    if (!parsed.ok) expect.fail('not parsed')
    const written = serialiseCall({ ...parsed.value, to: 'B@lid' })
    expect(written).toMatchObject({ ok: true, value: { content: stanza(name, attrs).content } })
    const again = written.ok ? parseCall(stanzaText(written.value)) : written
    expect(again).toMatchObject({ ok: true, value: { action: parsed.value.action } })
  })
})

describe('what is odd and harmless', () => {
  const child = { tag: 'terminate', attrs: { 'call-id': 'C' } }
  const warned = (input: unknown) => {
    const parsed = parseCall(input)
    if (!parsed.ok) expect.fail(JSON.stringify(parsed.faults))
    return parsed
  }

  test.each([
    ['no id', { tag: 'call', attrs: {}, content: [child] }, 'call@id'],
    ['a time that is none', { tag: 'call', attrs: { id: '1', t: 'soon' }, content: [child] }, 'call@t'],
    ['a number for a string', { tag: 'call', attrs: { id: 1 }, content: [child] }, 'call@id'],
    ['an object for a string', { tag: 'call', attrs: { id: '1', to: {} }, content: [child] }, 'call@to'],
    ['a second child', { tag: 'call', attrs: { id: '1' }, content: [{ tag: 'x', attrs: {} }, child] }, 'call'],
    ['a child that is no node', { tag: 'call', attrs: { id: '1' }, content: [5, child] }, 'call'],
    [
      'a sender that is no address',
      { tag: 'call', attrs: { id: '1', from: 'somebody' }, content: [child] },
      'call@from',
    ],
    [
      'a duration that is none',
      { tag: 'call', attrs: { id: '1' }, content: [{ tag: 'terminate', attrs: { 'call-id': 'C', duration: '1.5' } }] },
      'call/terminate@duration',
    ],
    [
      'a duration too large',
      {
        tag: 'call',
        attrs: { id: '1' },
        content: [{ tag: 'terminate', attrs: { 'call-id': 'C', duration: '4294967296' } }],
      },
      'call/terminate@duration',
    ],
  ])('%s', (_, input, place) => {
    const parsed = warned(input)
    expect(parsed.warnings).toMatchObject([{ place }])
    expect(parsed.value.action).toMatchObject({ name: 'terminate', callId: 'C' })
    expect(parsed.value.action).not.toHaveProperty('duration')
  })

  test('an action nobody has told us of is kept whole', () => {
    const parsed = warned({ tag: 'call', attrs: { id: '1' }, content: [{ tag: 'teleport', attrs: { a: 'b' } }] })
    expect(parsed.value.action).toEqual({ name: 'other', tag: 'teleport', children: [], more: { a: 'b' } })
  })

  test('the ending is found behind other children', () => {
    const offer = { tag: 'offer', attrs: { 'call-id': 'C' } }
    const parsed = warned({ tag: 'call', attrs: { id: '1' }, content: [offer, child] })
    expect(parsed.value.action.name).toBe('terminate')
    expect(parsed.value.others).toEqual([offer])
  })

  test('a bare terminate is the same message', () => {
    const parsed = warned('<terminate call-id="C" reason="timeout" from="A@lid" id="4"/>')
    expect(parsed.value).toMatchObject({
      shape: 'bare',
      from: 'A@lid',
      id: '4',
      action: { name: 'terminate', reason: 'timeout', more: {} },
    })
    const written = serialiseCall(parsed.value)
    expect(written.ok && written.value.attrs).toEqual({ 'call-id': 'C', reason: 'timeout', from: 'A@lid', id: '4' })
  })

  test('underscores for hyphens, and the call’s own address for its id', () => {
    expect(warned('<call id="1"><terminate call_id="C" call_creator="A@lid"/></call>').value.action).toMatchObject({
      callId: 'C',
      callCreator: 'A@lid',
      more: {},
    })
    expect(warned('<call id="1" to="C@call"><heartbeat/></call>').value.action).toMatchObject({ callId: 'C' })
  })

  test('a replayed stanza says so, whatever the value', () => {
    expect(warned({ tag: 'call', attrs: { id: '1', offline: '' }, content: [child] }).value.offline).toBe(true)
    expect(warned({ tag: 'call', attrs: { id: '1', e: '1' }, content: [child] }).value.offline).toBe(false)
  })

  test.each(['a@b', 'abcdef', 'X', 'x'.repeat(127), 'x'.repeat(128), 'ünïcode ☎'])('a call id is a text: %s', (id) => {
    const node = { tag: 'call', attrs: { id: '1' }, content: [{ tag: 'terminate', attrs: { 'call-id': id } }] }
    expect(warned(stanzaText(node)).value.action.callId).toBe(id)
  })
})

describe('what leaves nothing to act upon', () => {
  test.each([
    [{ tag: 'message', attrs: {} }, 'message', 'whatsapp.not-a-stanza'],
    [5, '/', 'whatsapp.not-a-stanza'],
    [null, '/', 'whatsapp.not-a-stanza'],
    [{ tag: 'call', attrs: { id: '1' } }, 'call', 'whatsapp.missing'],
    ['<call id="1"><terminate reason="busy"/></call>', 'call/terminate@call-id', 'whatsapp.missing'],
    ['<terminate/>', 'terminate@call-id', 'whatsapp.missing'],
    ['<call>\n  <terminate', '2:13', 'xml.malformed'],
    ['<!DOCTYPE call><call/>', '1:1', 'xml.doctype'],
  ])('%j', (input, place, code) => {
    expect(parseCall(input)).toMatchObject({ ok: false, faults: [{ place, code }] })
  })
})

describe('what may not be sent', () => {
  const action = { name: 'terminate', callId: 'C', callCreator: 'A@lid' } as const
  const send = (stanza: unknown) => serialiseCall(stanza as OutgoingCall)
  test.each([
    [{ to: 'B@lid', action }, 'call@id', 'whatsapp.missing'],
    [{ id: '1', action }, 'call@to', 'whatsapp.missing'],
    [{ id: '1', to: 'nobody', action }, 'call@to', 'whatsapp.jid'],
    [{ id: '1', to: 'B@lid', action: { name: 'terminate' } }, 'call/terminate@call-id', 'whatsapp.missing'],
    [{ id: '1', to: 'B@lid', action: { ...action, callCreator: 'x' } }, 'call/terminate@call-creator', 'whatsapp.jid'],
    [{ id: '1', to: 'B@lid', action: { ...action, duration: -1 } }, 'call/terminate@duration', 'whatsapp.value'],
    [{ id: '1', to: 'B@lid', action: { ...action, duration: 2 ** 32 } }, 'call/terminate@duration', 'whatsapp.value'],
    [{ id: '1', to: 'B@lid' }, 'call', 'whatsapp.missing'],
    [undefined, 'call', 'whatsapp.missing'],
  ])('%j', (stanza, place, code) => {
    expect(send(stanza)).toMatchObject({ ok: false, faults: [{ place, code }] })
  })

  test('an empty reason is left out, and a missing creator is warned of', () => {
    const written = send({
      id: '1',
      to: 'B@lid',
      from: 'A@lid',
      action: { name: 'terminate', callId: 'C', reason: '' },
    })
    expect(written).toMatchObject({
      ok: true,
      value: { content: [{ attrs: { 'call-id': 'C' } }] },
      warnings: [{ place: 'call/terminate@call-creator' }],
    })
    expect(written.ok && JSON.stringify(written.value)).not.toContain('reason')
  })
})

test('a missing sender is warned of: the server fills it in', () => {
  const written = serialiseCall({
    id: '1',
    to: 'B@lid',
    action: { name: 'terminate', callId: 'C', callCreator: 'A@lid' },
  })
  expect(written).toMatchObject({ ok: true, warnings: [{ place: 'call@from', code: 'whatsapp.missing' }] })
})

describe('what is owed to the sender', () => {
  const owed = (tag: string, self?: string): readonly string[] => {
    const parsed = parseCall({
      tag: 'call',
      attrs: { from: 'A@lid', id: '7', participant: 'P@lid' },
      content: [{ tag, attrs: { 'call-id': 'C' } }],
    })
    if (!parsed.ok) expect.fail('not parsed')
    return answersOwed(parsed.value, self).map((node) => stanzaText(node).replaceAll(/\n\s*/g, ''))
  }

  test.each([
    ['terminate', ['<ack class="call" id="7" to="A@lid" type="terminate" participant="P@lid"/>']],
    ['video', ['<ack class="call" id="7" to="A@lid" type="video" participant="P@lid"/>']],
    ['accept', ['<receipt id="7" to="A@lid"><accept call-id="C"/></receipt>']],
    ['reject', ['<receipt id="7" to="A@lid"><reject call-id="C"/></receipt>']],
    ['teleport', ['<ack class="call" id="7" to="A@lid" participant="P@lid"/>']],
  ])('for %s', (tag, answers) => {
    expect(owed(tag)).toEqual(answers)
  })

  test('for an offer, a receipt from our own address, and an acknowledgement', () => {
    expect(owed('offer', 'B@lid')).toEqual([
      '<receipt id="7" to="A@lid" from="B@lid"><offer call-id="C"/></receipt>',
      '<ack class="call" id="7" to="A@lid" type="offer" participant="P@lid"/>',
    ])
  })

  test('without an id, nothing', () => {
    const parsed = parseCall({
      tag: 'call',
      attrs: { from: 'A@lid' },
      content: [{ tag: 'terminate', attrs: { 'call-id': 'C' } }],
    })
    expect(parsed.ok && answersOwed(parsed.value as CallStanza)).toEqual([])
  })
})

test('bytes are written as hexadecimal digits', () => {
  const node = { tag: 'call', attrs: {}, content: [{ tag: 'te', attrs: {}, content: new Uint8Array([0, 255, 16]) }] }
  expect(stanzaText(node)).toBe('<call>\n  <te>00ff10</te>\n</call>')
  expect(parseStanza(stanzaText(node))).toMatchObject({
    ok: true,
    value: { content: [{ tag: 'te', content: '00ff10' }] },
  })
})
