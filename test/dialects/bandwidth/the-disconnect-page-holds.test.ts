import { describe, expect, test } from 'vitest'
import {
  codec,
  type OutgoingDisconnect,
  parseWebhook,
  serialiseWebhook,
} from '../../../src/dialects/bandwidth/index.ts'

/** Every key of the page, each with a value of its type. */
const page = {
  eventType: 'disconnect',
  eventTime: '2024-08-05T20:44:37.600Z',
  accountId: '5000000',
  applicationId: '7fc9698a-b04a-468b-9e8f-91238c0d0086',
  from: '+15550100',
  to: '+15550101',
  direction: 'outbound',
  callId: 'c-95ac8d6e-1a31c52e-b38f-4198-93c1-51633ec68f8d',
  callUrl: 'https://voice.bandwidth.com/api/v2/accounts/5000000/calls/c-95ac8d6e-1a31c52e-b38f-4198-93c1-51633ec68f8d',
  enqueuedTime: '2024-08-05T20:44:20.000Z',
  startTime: '2024-08-05T20:44:26.776Z',
  answerTime: '2024-08-05T20:44:32.272Z',
  endTime: '2024-08-05T20:44:37.543Z',
  cause: 'error',
  errorMessage: 'Something broke',
  errorId: '4642074b-7b58-478b-96e4-3a60955c6765',
  tag: 'my tag',
} as const satisfies OutgoingDisconnect

const keys = Object.keys(page) as (keyof typeof page)[]

describe('the Disconnect event', () => {
  test('has seventeen keys, and is read and written whole', () => {
    expect(keys).toHaveLength(17)
    expect(parseWebhook(JSON.stringify(page))).toEqual({
      ok: true,
      value: { type: 'disconnect', event: page, raw: page },
      warnings: [],
    })
    expect(serialiseWebhook(page)).toEqual({ ok: true, value: page, warnings: [] })
  })

  test('is read with the capitals of the page, too', () => {
    const capital = Object.fromEntries(keys.map((key) => [key.charAt(0).toUpperCase() + key.slice(1), page[key]]))
    expect(parseWebhook(capital)).toEqual({
      ok: true,
      value: { type: 'disconnect', event: page, raw: capital },
      warnings: [],
    })
    expect(codec.read(capital, { at: 0 })).toMatchObject({ cause: 'error', phase: 'answered', raw: { value: capital } })
    expect(codec.identify?.(capital).callId).toBe(page.callId)
  })

  test.each(keys.filter((key) => key !== 'eventType'))('%s is optional when it is read', (key) => {
    const { [key]: _left, ...rest } = page
    expect(parseWebhook(rest)).toMatchObject({ ok: true, value: { type: 'disconnect', event: rest } })
    expect(parseWebhook({ ...page, [key]: null })).toMatchObject({ ok: true, value: { event: rest } })
  })

  test.each(keys)('%s of a wrong type is a warning with its place, and keeps nothing back', (key) => {
    const parsed = parseWebhook({ ...page, [key]: { odd: true } })
    if (key === 'eventType') expect(parsed).toMatchObject({ ok: false, faults: [{ place: '$.eventType' }] })
    else {
      expect(parsed).toMatchObject({
        ok: true,
        value: { raw: { [key]: { odd: true } } },
        warnings: [{ code: 'bandwidth.wrong-type', place: `$.${key}` }],
      })
    }
  })

  test('what was added in 2026 is written only for 2026, and always read', () => {
    const { answerTime, ...unanswered } = page
    const added = { ...unanswered, privacy: false, sipCallId: 'abc@host', sipResponseCode: 486, cause: 'busy' } as const
    expect(parseWebhook(added)).toMatchObject({ ok: true, value: { event: added }, warnings: [] })
    expect(serialiseWebhook(added, '2026')).toMatchObject({ ok: true, value: added })
    expect(serialiseWebhook(added, '2023')).toMatchObject({ ok: true, value: { ...unanswered, cause: 'busy' } })
    const old = serialiseWebhook(added)
    expect(old.ok && Object.keys(old.value)).not.toContain('sipResponseCode')
  })
})

describe('what is written keeps the rules that apps rely on', () => {
  const { errorMessage, errorId, ...plain } = page

  test('absent keys are absent, not null', () => {
    const { tag, ...untagged } = plain
    const written = serialiseWebhook({ ...untagged, cause: 'hangup' })
    expect(written).toEqual({ ok: true, value: { ...untagged, cause: 'hangup' }, warnings: [] })
  })

  const wrong: readonly (readonly [string, object, string])[] = [
    ['a hangup with a message', { ...page, cause: 'hangup' }, '$.errorMessage'],
    ['a hangup with a code', { ...plain, cause: 'hangup', sipResponseCode: 200 }, '$.sipResponseCode'],
    ['a failure without a message', { ...plain, cause: 'busy' }, '$.errorMessage'],
    ['an incoming call that was enqueued', { ...page, direction: 'inbound' }, '$.enqueuedTime'],
    ['an answer before the start', { ...page, answerTime: '2024-08-05T20:44:26.775Z' }, '$.answerTime'],
    ['an end before the answer', { ...page, endTime: '2024-08-05T20:44:27.000Z' }, '$.endTime'],
    ['an event before the end', { ...page, eventTime: '2024-08-05T20:44:37.000Z' }, '$.eventTime'],
    ['a cause of its own', { ...page, cause: 'gone' }, '$.cause'],
    ['an account that is a number', { ...page, accountId: 5000000 }, '$.accountId'],
    ['a code that is text', { ...page, sipResponseCode: '486' }, '$.sipResponseCode'],
    ['a call id that is too short', { ...page, callId: 'c-1' }, '$.callId'],
    ['a time without milliseconds', { ...page, endTime: '2024-08-05T20:44:37Z' }, '$.endTime'],
    ['a time that is none', { ...page, endTime: '2024-13-05T20:44:37.543Z' }, '$.endTime'],
    ['a key of its own', { ...page, hangupSource: 'caller' }, '$.hangupSource'],
    ['no end', { ...page, endTime: undefined }, '$.endTime'],
  ]

  test.each(wrong)('%s is refused', (_what, event, place) => {
    const written = serialiseWebhook(event as OutgoingDisconnect)
    expect(written.ok ? [] : written.faults.map((fault) => fault.place)).toContain(place)
  })
})
