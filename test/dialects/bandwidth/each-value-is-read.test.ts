import { describe, expect, test } from 'vitest'
import type { Cause } from '../../../src/call/causes.ts'
import type { Actor, Phase } from '../../../src/call/ending.ts'
import { codec, readTime, writeTime } from '../../../src/dialects/bandwidth/index.ts'

const read = (event: object | string, context = {}) => codec.read(event, { at: 7, ...context })

describe('a cause', () => {
  const rows: readonly (readonly [object, Cause, Actor, Phase])[] = [
    [{ cause: 'hangup', answerTime: '2024-08-05T20:44:32.272Z' }, 'hangup', 'unknown', 'answered'],
    [
      { cause: 'hangup', startTime: '2024-08-05T20:44:32.272Z', endTime: '2024-08-05T20:44:33Z' },
      'hangup',
      'unknown',
      'ringing',
    ],
    [{ cause: 'hangup' }, 'hangup', 'unknown', 'answered'],
    [{ cause: 'busy', errorMessage: 'Callee is busy' }, 'busy', 'callee', 'ringing'],
    [{ cause: 'timeout', errorMessage: 'Call was not answered' }, 'no-answer', 'timer', 'ringing'],
    [{ cause: 'cancel', direction: 'inbound' }, 'cancelled', 'caller', 'ringing'],
    [{ cause: 'cancel', direction: 'outbound' }, 'cancelled', 'api', 'ringing'],
    [{ cause: 'cancel' }, 'cancelled', 'unknown', 'ringing'],
    [{ cause: 'rejected' }, 'declined', 'callee', 'ringing'],
    [{ cause: 'callback-error' }, 'app-unreachable', 'platform', 'answered'],
    [{ cause: 'invalid-bxml' }, 'app-invalid', 'platform', 'answered'],
    [{ cause: 'application-error' }, 'app-failed', 'platform', 'answered'],
    [{ cause: 'account-limit' }, 'account-limit', 'platform', 'offered'],
    [{ cause: 'node-capacity-exceeded' }, 'congestion', 'platform', 'offered'],
    [{ cause: 'error', answerTime: '2024-08-05T20:44:32.272Z' }, 'error', 'unknown', 'answered'],
    [{ cause: 'unknown' }, 'unknown', 'unknown', 'answered'],
    [{ cause: 'verification-failed' }, 'unknown', 'unknown', 'answered'],
    [{ cause: 'constructor' }, 'unknown', 'unknown', 'answered'],
    [{ cause: 5 }, 'unknown', 'unknown', 'answered'],
  ]

  test.each(rows)('%j', (event, cause, actor, phase) => {
    expect(read({ eventType: 'disconnect', ...event })).toMatchObject({ cause, actor, phase })
  })

  test('context fills what the event leaves open, and does not overrule what it says', () => {
    expect(read({ eventType: 'disconnect', cause: 'hangup' }, { phase: 'early' }).phase).toBe('early')
    const answered = { eventType: 'disconnect', cause: 'hangup', answerTime: '2024-08-05T20:44:32.272Z' }
    expect(read(answered, { phase: 'ringing' }).phase).toBe('answered')
    expect(read({ cause: 'cancel' }, { direction: 'in' }).actor).toBe('caller')
    expect(read({ cause: 'cancel' }, { direction: 'out' }).actor).toBe('api')
  })
})

describe('a SIP code beside it tells apart what one word covers', () => {
  test.each([
    ['busy', 486, 'busy', 'callee'],
    ['busy', 600, 'busy', 'callee'],
    ['rejected', 603, 'declined', 'callee'],
    ['rejected', 403, 'blocked', 'network'],
    ['rejected', 404, 'not-found', 'network'],
    ['rejected', 484, 'not-found', 'network'],
    ['rejected', 604, 'not-found', 'network'],
    ['rejected', 607, 'unwanted', 'callee'],
    ['rejected', 608, 'blocked', 'network'],
    ['rejected', 486, 'declined', 'callee'],
    ['timeout', 408, 'no-answer', 'network'],
    ['timeout', 480, 'unavailable', 'network'],
    ['error', 503, 'network-failed', 'unknown'],
    ['error', 488, 'incompatible', 'unknown'],
    ['unknown', 481, 'peer-gone', 'unknown'],
  ] as const)('%s with %i', (cause, sipResponseCode, expected, actor) => {
    const ending = read({ eventType: 'disconnect', cause, sipResponseCode })
    expect(ending).toMatchObject({ cause: expected, actor, codes: { sip: sipResponseCode, platform: cause } })
    expect(read(`eventType=disconnect&cause=${cause}&sipResponseCode=${sipResponseCode}`).cause, 'by GET').toBe(
      expected,
    )
    const phase = 'ringing'
    expect(codec.write(ending, { phase })).toMatchObject(
      expected === 'declined' && sipResponseCode === 486 ? { cause } : { cause, sipResponseCode },
    )
  })

  test('and so does an account limit that is in the message alone', () => {
    const event = {
      eventType: 'transferComplete',
      cause: 'rejected',
      errorMessage: 'Account call creation rate limit exceeded',
    }
    expect(read(event).cause).toBe('account-limit')
  })
})

describe('live payloads', () => {
  const answered = {
    eventType: 'disconnect',
    callId: 'c-95ac8d6e-1a31c52e-b38f-4198-93c1-51633ec68f8d',
    from: '+15550100',
    to: '+15550101',
    privacy: false,
    direction: 'outbound',
    applicationId: 'a',
    accountId: '50',
    enqueuedTime: '2024-08-05T20:44:26.776Z',
    startTime: '2024-08-05T20:44:26.776Z',
    eventTime: '2024-08-05T20:44:37.543Z',
    callUrl: 'u',
    answerTime: '2024-08-05T20:44:32.272Z',
    endTime: '2024-08-05T20:44:37.543Z',
    cause: 'hangup',
  }

  test('an answered outgoing call', () => {
    expect(read(JSON.stringify(answered))).toEqual({
      cause: 'hangup',
      actor: 'unknown',
      phase: 'answered',
      at: Date.parse('2024-08-05T20:44:37.543Z'),
      codes: { platform: 'hangup' },
      raw: { dialect: 'bandwidth', value: JSON.stringify(answered) },
    })
  })

  test('one that was not answered', () => {
    const { answerTime, ...event } = { ...answered, cause: 'timeout', errorMessage: 'Call was not answered' }
    expect(read(event)).toMatchObject({
      cause: 'no-answer',
      actor: 'timer',
      phase: 'ringing',
      detail: 'Call was not answered',
    })
  })

  test('a busy one of the documents', () => {
    const event = { ...answered, answerTime: null, cause: 'busy', errorMessage: 'Callee is busy', errorId: 'e' }
    expect(read(event)).toMatchObject({ cause: 'busy', actor: 'callee', phase: 'ringing', detail: 'Callee is busy' })
  })
})

describe('other values that end calls', () => {
  test.each([
    [{ eventType: 'transferDisconnect', cause: 'cancel', direction: 'outbound' }, 'cancelled', 'unknown'],
    [{ eventType: 'transferComplete', cause: 'timeout' }, 'no-answer', 'timer'],
    [
      { eventType: 'bridgeComplete', cause: 'busy', errorMessage: 'Call c-1 is already bridged with another call' },
      'busy',
      'callee',
    ],
    [{ state: 'disconnected', disconnectCause: 'busy' }, 'busy', 'callee'],
    [{ hangUpSource: 'CALLED_PARTY', callResult: 'COMPLETE', sipResponseCode: 200 }, 'hangup', 'callee'],
    [{ hangUpSource: 'CALLING_PARTY', callResult: 'INCOMPLETE', sipResponseCode: 487 }, 'cancelled', 'caller'],
    [{ hangUpSource: 'BANDWIDTH_INTERNAL', callResult: 'INCOMPLETE', sipResponseCode: -1 }, 'unknown', 'platform'],
    [{ hangUpSource: 'NEW', callResult: 'INCOMPLETE', sipResponseCode: 486 }, 'busy', 'unknown'],
    ['busy', 'busy', 'callee'],
    ['?eventType=disconnect&cause=timeout', 'no-answer', 'timer'],
    ['https://example.com/d?eventType=disconnect&cause=busy&from=%2B15550100', 'busy', 'callee'],
  ] satisfies (readonly [object | string, Cause, Actor])[])('%j', (event, cause, actor) => {
    expect(read(event)).toMatchObject({ cause, actor })
  })

  test.each([
    ['NORMAL_CLEARING', 'hangup'],
    ['ORIGINATOR_CANCEL', 'cancelled'],
    ['USER_BUSY', 'busy'],
    ['CALL_REJECTED', 'declined'],
    ['UNALLOCATED_NUMBER', 'not-found'],
    ['NO_ANSWER', 'no-answer'],
    ['NORMAL_TEMPORARY_FAILURE', 'network-failed'],
    ['SOMETHING', 'unknown'],
  ] as const)('the first API: %s', (cause, expected) => {
    const event = { eventType: 'hangup', callId: 'c-1', callUri: 'u', cause, time: '2014-06-06T12:00:00Z' }
    expect(read(event)).toMatchObject({ cause: expected, at: Date.parse('2014-06-06T12:00:00Z') })
  })

  test("the first API's timeout", () => {
    expect(read({ eventType: 'timeout', callId: 'c-1' }).cause).toBe('no-answer')
  })

  test.each(['answer', 'gather', 'mediaStreamStopped', 'conferenceMemberExit'])('%s ends no call', (eventType) => {
    const ending = read({ eventType, cause: 'closed' })
    expect(ending).toMatchObject({ cause: 'unknown', actor: 'unknown', detail: `${eventType} ends no call` })
  })
})

describe('times', () => {
  test.each([
    ['2024-08-05T20:44:26.776Z', 1722890666776],
    ['2024-08-05T20:44:26.821024168Z', 1722890666821],
    ['2022-06-17T22:20Z', 1655504400000],
    ['2022-06-17T22:20:00.500', 1655504400500],
    ['2019-09-13-16:48:27.198Z', 1568393307198],
    ['2022-06-17T22:20:00+02:00', 1655497200000],
    ['2022-06-17T22:20:00.5-0500', 1655522400500],
    ['yesterday', undefined],
    ['2022-13-17T22:20Z', undefined],
    ['', undefined],
    [1655504400000, undefined],
    [null, undefined],
  ])('%j', (value, at) => {
    expect(readTime(value)).toBe(at)
  })

  test('what is written is canonical, and inside the years that four digits can say', () => {
    expect(writeTime(1722890666776)).toBe('2024-08-05T20:44:26.776Z')
    for (const at of [0, -1e18, 1e18, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(writeTime(at)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    }
  })
})
