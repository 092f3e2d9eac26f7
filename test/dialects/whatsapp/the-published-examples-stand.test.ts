import { describe, expect, test } from 'vitest'
import { codec, parseCall, parseStanza, serialiseCall, stanzaText } from '../../../src/dialects/whatsapp/index.ts'

const cancelled = `<call from="A@s.whatsapp.net" to="B@s.whatsapp.net" id="4D5E6F7081">
  <terminate call-id="CALLID-0001-synthetic" reason="timeout"/>
</call>`

const companion = `<call from="A@s.whatsapp.net" to="B.12:3@s.whatsapp.net" id="4D5E6F7082">
  <terminate call-id="CALLID-0001-synthetic" reason="accept_elsewhere"/>
</call>`

describe.each([
  ['the caller cancels an unanswered call', cancelled, 'no-answer', 'B@s.whatsapp.net', 'timeout'],
  ['companion devices are torn down', companion, 'answered-elsewhere', 'B.12:3@s.whatsapp.net', 'accept_elsewhere'],
])('%s', (_, text, cause, to, reason) => {
  test('is parsed', () => {
    expect(parseCall(text)).toMatchObject({
      ok: true,
      value: {
        shape: 'call',
        from: 'A@s.whatsapp.net',
        to,
        offline: false,
        action: { name: 'terminate', callId: 'CALLID-0001-synthetic', reason },
      },
      warnings: [],
    })
  })

  test('is explained', () => {
    expect(codec.read(text, { at: 5 })).toMatchObject({ cause, at: 5, raw: { dialect: 'whatsapp', value: text } })
  })

  test('is written back byte for byte: as a node, as a typed message, and as an ending', () => {
    const node = parseStanza(text)
    expect(node.ok && stanzaText(node.value)).toBe(text)
    const parsed = parseCall(text)
    const written = parsed.ok ? serialiseCall(parsed.value) : parsed
    expect(written.ok && stanzaText(written.value)).toBe(text)
    const ids = codec.identify?.(text) ?? {}
    expect(codec.text?.(codec.write(codec.read(text, { at: 0 }), { ids }))).toBe(text)
  })
})

test('the page’s other samples: a reason may be absent, and a creator may be echoed', () => {
  const text =
    '<call from="B.0:7@s.whatsapp.net" to="A@s.whatsapp.net" id="1"><terminate call-id="C" call-creator="A@s.whatsapp.net"/></call>'
  const parsed = parseCall(text)
  expect(parsed).toMatchObject({ ok: true, value: { action: { callCreator: 'A@s.whatsapp.net' } } })
  expect(parsed.ok && parsed.value.action).not.toHaveProperty('reason')
  expect(codec.read(text, { at: 0, phase: 'answered' })).toMatchObject({ cause: 'hangup', actor: 'callee' })
})
