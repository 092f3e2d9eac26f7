import { expect, it } from 'vitest'
import { terminal } from './terminal-io.ts'

const response = (actions: unknown) => JSON.stringify({ SchemaVersion: '1.0', Actions: actions })

it.each([
  [
    'each action, and which leg a Hangup ends',
    response([
      { Type: 'Pause', Parameters: { DurationInMilliseconds: '1000' } },
      { Type: 'Hangup', Parameters: { ParticipantTag: 'LEG-B', SipResponseCode: '486' } },
      { Type: 'Hangup' },
    ]),
    0,
    `-: a Chime response, valid
  1  Pause
  2  Hangup: ends LEG-B, code 486
  3  Hangup: ends the leg of the event, code 0
`,
  ],
  [
    'what runs going on',
    '{"SchemaVersion":"1.0"}',
    0,
    `-: a Chime response, valid
  what runs goes on: no list of actions
`,
  ],
  [
    'an action that will fail',
    response([{ Type: 'Hangup', Parameters: { SipResponseCode: '603' } }]),
    1,
    `-: a Chime response, not valid
  1  Hangup
     fails  $.Actions[0].Parameters.SipResponseCode: 0, 480 or 486 is expected, and this is 603 [chime.value]; the rest of the list is dropped
`,
  ],
  [
    'a response that cannot be used',
    '{"SchemaVersion":"2.0"}',
    1,
    `-: a Chime response, not valid
  fault    $.SchemaVersion: the version must be "1.0", and this is "2.0" [chime.schema-version]
`,
  ],
])('lint tells of %s', async (_, stdin, code, text) => {
  const { onhook, out } = terminal({ stdin })
  expect(await onhook('lint', '-')).toBe(code)
  expect(out()).toBe(text)
})

it('as JSON too', async () => {
  const { onhook, out } = terminal({ stdin: response([{ Type: 'Hangup' }]) })
  expect(await onhook('lint', '-', '--json')).toBe(0)
  expect(JSON.parse(out())).toMatchObject([{ file: '-', ok: true, actions: 'replace', list: [{ type: 'Hangup' }] }])
})
