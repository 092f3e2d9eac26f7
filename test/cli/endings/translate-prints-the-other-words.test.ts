import { describe, expect, test } from 'vitest'
import { command } from '../../../src/cli/translate.ts'
import { runWith } from './surroundings.ts'

const stanza = `<call from="A@s.whatsapp.net" to="B@s.whatsapp.net" id="4D5E6F7081">
  <terminate call-id="CALLID-0001-synthetic" reason="timeout"/>
</call>`
const busy = 'SIP/2.0 486 Busy Here\r\nCall-ID: 1\r\n\r\n'

describe('onhook translate', () => {
  test('prints the value of the other dialect, as it stands on the wire', async () => {
    expect(await runWith(command, ['--from', 'whatsapp', '--to', 'matrix'], stanza)).toEqual({
      code: 0,
      out: '{"type":"m.call.hangup","content":{"version":"1","reason":"invite_timeout"}}\n',
      err: '',
    })
    expect((await runWith(command, ['--to', 'vobiz'], busy)).out).toContain(
      'HangupCause=USER_BUSY&HangupCauseCode=3010',
    )
  })

  test('writes the published example back byte for byte', async () => {
    expect((await runWith(command, ['--from', 'whatsapp', '--to', 'whatsapp'], stanza)).out).toBe(`${stanza}\n`)
  })

  test('names on standard error what is lost', async () => {
    const { code, out, err } = await runWith(command, ['--to', 'whatsapp'], 'SIP/2.0 404 Not Found\r\n\r\n')
    expect(code).toBe(0)
    expect(out).toBe('<call>\n  <terminate reason="declined"/>\n</call>\n')
    expect(err).toContain('lost: cause not-found is heard as declined\n')
    expect(err).toContain('lost: SIP status 404 is not said\n')
  })

  test('takes a vocabulary and identifiers', async () => {
    const args = [
      '--to',
      'whatsapp',
      '--vocabulary',
      'observed',
      '--id',
      'call-id=C',
      '--id',
      'to=B@lid',
      '--id',
      'id=7',
    ]
    const cancel = 'CANCEL sip:b@c SIP/2.0\r\nReason: SIP;cause=200;text="Call completed elsewhere"\r\n\r\n'
    expect((await runWith(command, args, cancel)).out).toBe(
      '<call to="B@lid" id="7">\n  <terminate call-id="C" reason="accepted_elsewhere"/>\n</call>\n',
    )
  })

  test('prints everything as JSON if asked, and in batches', async () => {
    const { out } = await runWith(command, ['--to', 'matrix', '--json'], busy)
    expect(JSON.parse(out)).toMatchObject({
      from: 'sip',
      to: 'matrix',
      value: { content: { reason: 'user_busy' } },
      losses: [{ what: 'sip', said: 486, heard: null }],
      ending: { cause: 'busy' },
    })
    const event = JSON.stringify({ type: 'm.call.hangup', content: { reason: 'user_busy' } })
    const lines = (await runWith(command, ['--to', 'chime', '--lines'], `${event}\n${event}\n`)).out
      .trimEnd()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line).value.Parameters)).toEqual([
      { SipResponseCode: '486' },
      { SipResponseCode: '486' },
    ])
  })

  test('translates several messages one after the other', async () => {
    const { out } = await runWith(command, ['--to', 'chime'], `${stanza}\n${stanza}`)
    expect(out.trimEnd().split('\n')).toHaveLength(2)
  })

  test('prints nothing for what it cannot read, and ends with 1', async () => {
    expect(await runWith(command, ['--to', 'sip'], 'hello')).toEqual({
      code: 1,
      out: '',
      err: expect.stringContaining('onhook translate: 1:1'),
    })
  })
})

describe('wrong usage is exit code 2', () => {
  test.each([
    [[], '--to is missing'],
    [['--to', 'smoke'], '--to is one of sip'],
    [['--to', 'sip', '--from', 'smoke'], '--from is one of sip'],
    [['--to', 'sip', '--id', 'novalue'], '--id takes NAME=VALUE'],
    [['--to', 'sip', 'a', 'b'], 'one file at a time'],
    [['--nonsense'], '--nonsense'],
  ])('%j', async (args, message) => {
    expect(await runWith(command, args, busy)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(message),
    })
  })
})
