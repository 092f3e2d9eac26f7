import { describe, expect, test } from 'vitest'
import type { Cause } from '../../../src/call/causes.ts'
import type { Actor, Phase } from '../../../src/call/ending.ts'
import { codec } from '../../../src/dialects/bandwidth/index.ts'

const speak = '<SpeakSentence>Goodbye</SpeakSentence>'

describe('what a document ends a call with', () => {
  const rows: readonly (readonly [string, Cause, Actor, Phase])[] = [
    ['<Hangup/>', 'hangup', 'app', 'offered'],
    [`${speak}<Hangup/>`, 'hangup', 'app', 'answered'],
    [`<Tag>x</Tag><Hangup/>${speak}`, 'hangup', 'app', 'offered'],
    ['<Ring answerCall="false"/><Hangup/>', 'hangup', 'app', 'offered'],
    ['<Ring/><Hangup/>', 'hangup', 'app', 'answered'],
    ['', 'script-end', 'platform', 'offered'],
    [speak, 'script-end', 'platform', 'answered'],
    ['<Transfer><PhoneNumber>+15550100</PhoneNumber></Transfer>', 'script-end', 'platform', 'answered'],
    ['<Redirect redirectUrl="/next"/>', 'unknown', 'unknown', 'offered'],
    ['<Gather gatherUrl="/digits"/><Hangup/>', 'unknown', 'unknown', 'answered'],
    ['<Forward to="+15550100"/>', 'unknown', 'unknown', 'offered'],
    ['<Refer><SipUri>sip:a@b</SipUri></Refer><Hangup/>', 'unknown', 'unknown', 'answered'],
    ['<hangup/>', 'app-invalid', 'platform', 'offered'],
  ]

  test.each(rows)('%s', (verbs, cause, actor, phase) => {
    const document = `<Response>${verbs}</Response>`
    expect(codec.read(document, { at: 3 })).toMatchObject({
      cause,
      actor,
      phase,
      at: 3,
      raw: { dialect: 'bandwidth', value: document },
    })
    expect(codec.read(document, { at: 0, phase: 'answered' }).phase).toBe('answered')
  })

  test('a fault names its place, the rest says where it goes on', () => {
    expect(codec.read('<Response>\n <Dial/></Response>', { at: 0 }).detail).toMatch(/^2:2: Dial is no verb/)
    expect(codec.read('<Response><Redirect redirectUrl="/next"/></Response>', { at: 0 }).detail).toBe(
      'goes on with /next',
    )
    expect(codec.read('<Response><Gather gatherUrl="/d"/></Response>', { at: 0 }).detail).toBe('goes on with /d')
  })

  test('a Hangup alone is the document that holds nothing else', () => {
    expect(codec.read('<Hangup/>', { at: 0 })).toMatchObject({ cause: 'hangup', actor: 'app' })
  })

  test('what it ends with is told as a Disconnect', () => {
    expect(codec.write(codec.read('<Response/>', { at: 0 }))).toMatchObject({
      eventType: 'disconnect',
      cause: 'hangup',
    })
    expect(codec.write(codec.read('<Response><x/></Response>', { at: 0 })).cause).toBe('invalid-bxml')
  })
})
