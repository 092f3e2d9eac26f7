import { describe, expect, test } from 'vitest'
import {
  callConflict,
  callNotFound,
  describeFaults,
  parseBody,
  type RestErrorName,
  readRestError,
  restError,
  restErrors,
  serialiseBody,
} from '../../../src/dialects/bandwidth/index.ts'

const create = { from: '+15550100', to: '+15550101', applicationId: 'a', answerUrl: 'https://example.com/answer' }
const whole = {
  ...create,
  privacy: false,
  displayName: 'Name',
  uui: 'abc;encoding=hex',
  answerMethod: 'POST',
  answerFallbackUrl: 'https://example.com/f',
  answerFallbackMethod: 'GET',
  username: 'u',
  password: 'p',
  fallbackUsername: 'fu',
  fallbackPassword: 'fp',
  disconnectUrl: 'https://example.com/d',
  disconnectMethod: 'POST',
  callTimeout: 12.5,
  callbackTimeout: 15,
  machineDetection: { mode: 'async', detectionTimeout: 15, delayResult: false, callbackUrl: 'https://example.com/m' },
  priority: 1,
  tag: 'tag',
} as const

describe('createCall', () => {
  test('is read and written whole', () => {
    expect(parseBody('create-call', JSON.stringify(whole))).toMatchObject({ ok: true, value: whole })
    expect(serialiseBody('create-call', whole)).toMatchObject({ ok: true, value: whole })
    expect(
      parseBody('create-call', { ...create, to: 'sip:a@example.com', callTimeout: '30', tag: null, more: 1 }),
    ).toMatchObject({
      ok: true,
      value: { to: 'sip:a@example.com', callTimeout: 30 },
    })
  })

  test.each([
    [{}, 'Missing at least one required field. Required fields are [from, to, answerUrl, applicationId]'],
    [
      { ...create, from: undefined },
      'Missing at least one required field. Required fields are [from, to, answerUrl, applicationId]',
    ],
    [{ ...create, to: '555' }, 'Invalid to: must be an E164 telephone number'],
    [{ ...create, answerUrl: 'ftp://x' }, 'Invalid answerUrl: only http and https are allowed'],
    [{ ...create, answerUrl: '/relative' }, 'Invalid answerUrl: only http and https are allowed'],
    [{ ...create, callTimeout: 301 }, 'Invalid callTimeout: must be within the range [1, 300]'],
    [{ ...create, priority: 0 }, 'Invalid priority: must be within the range [1, 5]'],
    ['{', 'Request body is not valid JSON'],
  ])('%j is refused: %s', (body, description) => {
    const parsed = parseBody('create-call', body)
    expect(parsed.ok ? '' : describeFaults(parsed.faults)).toBe(description)
  })

  test.each([
    [{ ...create, tag: 'x'.repeat(4097) }, '$.tag'],
    [{ ...create, displayName: 'x'.repeat(257) }, '$.displayName'],
    [{ ...create, answerMethod: 'PUT' }, '$.answerMethod'],
    [{ ...create, machineDetection: { callbackUrl: 'x' } }, '$.machineDetection.callbackUrl'],
    [[], '$'],
    [null, '$'],
  ])('case %# names its place', (body, place) => {
    const parsed = parseBody('create-call', body)
    expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.place)).toContain(place)
    expect(parsed.ok ? '' : describeFaults(parsed.faults)).not.toBe('')
  })
})

describe('updateCall', () => {
  test.each([
    [{ state: 'completed' }, true],
    [{ state: 'active', redirectUrl: 'https://example.com/r' }, true],
    [{ redirectUrl: '/relative' }, true],
    [{}, false],
    [{ state: 'active' }, false],
    [{ redirectUrl: '' }, false],
    [{ state: 'completed', redirectUrl: '/r' }, false],
    [{ state: 'completed', redirectMethod: 'GET' }, false],
    [{ state: 'completed', tag: 't' }, false],
    [{ state: 'complete' }, false],
    ['"completed"', false],
  ])('%j', (body, ok) => {
    expect(parseBody('update-call', body).ok).toBe(ok)
  })
})

describe('the other bodies', () => {
  const time = '2026-06-10T10:00:00.000Z'
  const state = {
    applicationId: 'a',
    accountId: '5',
    callId: 'c-1',
    to: '+1',
    from: '+2',
    direction: 'inbound',
    state: 'disconnected',
    stirShaken: {},
    startTime: time,
    answerTime: time,
    endTime: time,
    disconnectCause: 'hangup',
    lastUpdate: time,
  } as const
  const reply = {
    applicationId: 'a',
    accountId: '5',
    callId: 'c-1',
    to: '+1',
    from: '+2',
    callUrl: 'u',
    answerMethod: 'POST',
    answerUrl: 'u',
    disconnectMethod: 'POST',
  } as const

  test('are read and written', () => {
    expect(serialiseBody('call-state', state)).toMatchObject({ ok: true, value: state })
    expect(parseBody('call-state', state)).toMatchObject({ ok: true, value: state })
    expect(serialiseBody('create-call-reply', reply)).toMatchObject({ ok: true, value: reply })
    expect(serialiseBody('statistics', { currentCallQueueSize: 0, maxCallQueueSize: 900 })).toMatchObject({ ok: true })
    expect(parseBody('statistics', { currentCallQueueSize: '0', maxCallQueueSize: '900' })).toMatchObject({
      value: { currentCallQueueSize: 0, maxCallQueueSize: 900 },
    })
    expect(parseBody('update-recording', { state: 'paused' }).ok).toBe(true)
    expect(parseBody('update-recording', { state: 'stopped' }).ok).toBe(false)
    expect(parseBody('update-conference', { status: 'completed' }).ok).toBe(true)
    expect(parseBody('update-member', { mute: true, hold: false, callIdsToCoach: ['c-1'] }).ok).toBe(true)
    expect(parseBody('error', { type: 'validation', description: 'x', id: null }).ok).toBe(true)
  })

  test('a state of its own, a time of its own and a key of its own are refused out', () => {
    const written = serialiseBody('call-state', { ...state, state: 'gone', endTime: 'now', more: 1 } as never)
    expect(written.ok ? [] : written.faults.map(({ place }) => place)).toEqual(['$.state', '$.endTime', '$.more'])
  })
})

describe.each(Object.keys(restErrors) as RestErrorName[])('the error %s', (name) => {
  test('has its status and type, and is known again', () => {
    const { status, body } = restError(name)
    expect(body).toEqual({ type: restErrors[name].type, description: restErrors[name].description, id: null })
    expect(readRestError(status, body)).toBe(name)
    expect(parseBody('error', body).ok).toBe(true)
  })
})

test('the sentences about one call', () => {
  expect(restError('not-found', callNotFound('c-1')).body.description).toBe('Call [c-1] not found')
  expect(restError('conflict', callConflict('c-1')).body.description).toBe(
    'Call [c-1] cannot be modified in its current state',
  )
  expect(readRestError(409, { description: callConflict('c-1') })).toBe('conflict')
  expect(readRestError(418)).toBeNull()
})
