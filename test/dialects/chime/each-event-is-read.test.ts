import { describe, expect, test } from 'vitest'
import {
  codec,
  eventTypes,
  type OutgoingEvent,
  parseInvocation,
  serialiseInvocation,
} from '../../../src/dialects/chime/index.ts'

const legA = {
  CallId: 'a3f1a5b0-0000-4000-8000-000000000001',
  ParticipantTag: 'LEG-A',
  To: '+15550100',
  From: '+15550101',
  Direction: 'Inbound',
  StartTimeInMilliseconds: '1645498023381',
} as const
const legB = {
  CallId: 'a3f1a5b0-0000-4000-8000-000000000002',
  ParticipantTag: 'LEG-B',
  To: '+15550102',
  From: '+15550101',
  Direction: 'Outbound',
  StartTimeInMilliseconds: '1645498033381',
} as const
const details = {
  TransactionId: 'a3f1a5b0-0000-4000-8000-0000000000ff',
  AwsAccountId: '123456789012',
  AwsRegion: 'us-east-1',
  SipRuleId: 'a3f1a5b0-0000-4000-8000-0000000000aa',
  SipMediaApplicationId: 'a3f1a5b0-0000-4000-8000-0000000000bb',
}
const call = (...Participants: object[]) => ({ ...details, Participants })
const head = { SchemaVersion: '1.0', Sequence: 2 }
const parameters = { CallId: legA.CallId, ParticipantTag: 'LEG-A' }

/** One payload per type, as functions receive them. */
const samples: Record<(typeof eventTypes)[number], object> = {
  NEW_INBOUND_CALL: { ...head, Sequence: 1, InvocationEventType: 'NEW_INBOUND_CALL', CallDetails: call(legA) },
  NEW_OUTBOUND_CALL: {
    ...head,
    InvocationEventType: 'NEW_OUTBOUND_CALL',
    ActionData: { Type: 'CallCreateRequest', Parameters: { Arguments: { reason: 'reminder' } } },
    CallDetails: call(legA),
  },
  RINGING: { ...head, InvocationEventType: 'RINGING', CallDetails: call(legA) },
  CALL_ANSWERED: { ...head, InvocationEventType: 'CALL_ANSWERED', CallDetails: call({ ...legA, Status: 'Connected' }) },
  ACTION_SUCCESSFUL: {
    ...head,
    InvocationEventType: 'ACTION_SUCCESSFUL',
    ActionData: { Type: 'PlayAudioAndGetDigits', Parameters: { ...parameters, Repeat: 3 }, ReceivedDigits: '12' },
    CallDetails: call({ ...legA, Status: 'Connected' }),
  },
  ACTION_FAILED: {
    ...head,
    InvocationEventType: 'ACTION_FAILED',
    ActionData: {
      Type: 'PlayAudio',
      Parameters: parameters,
      ErrorType: 'InvalidAudioSource',
      ErrorMessage: 'Audio Source parameter value is invalid.',
    },
    CallDetails: call({ ...legA, Status: 'Connected' }),
  },
  ACTION_INTERRUPTED: {
    ...head,
    InvocationEventType: 'ACTION_INTERRUPTED',
    ActionData: { Type: 'Speak', Parameters: { ...parameters, Text: 'Hello' } },
    CallDetails: call({ ...legA, Status: 'Connected' }),
  },
  HANGUP: {
    ...head,
    InvocationEventType: 'HANGUP',
    ActionData: { Type: 'Hangup', Parameters: { SipResponseCode: 0, ...parameters } },
    CallDetails: call({ ...legA, Status: 'Disconnected' }),
  },
  CALL_UPDATE_REQUESTED: {
    ...head,
    InvocationEventType: 'CALL_UPDATE_REQUESTED',
    ActionData: { Type: 'CallUpdateRequest', Parameters: { Arguments: { leave: 'now' } } },
    CallDetails: call({ ...legA, Status: 'Connected' }),
  },
  DIGITS_RECEIVED: {
    ...head,
    InvocationEventType: 'DIGITS_RECEIVED',
    ActionData: {
      Type: 'ReceiveDigits',
      ReceivedDigits: '11#',
      Parameters: { ...parameters, InputDigitsRegex: '^\\d{2}#$' },
    },
    CallDetails: call({ ...legA, Status: 'Connected' }),
  },
  INVALID_LAMBDA_RESPONSE: {
    ...head,
    InvocationEventType: 'INVALID_LAMBDA_RESPONSE',
    CallDetails: call(legA),
    ErrorType: 'TransactionAttributesInvalidMapSize',
    ErrorMessage: 'Transaction Attributes has too many mappings.',
  },
}

describe.each(eventTypes)('%s', (type) => {
  test('is read without a word of doubt, from text and from an object', () => {
    const sample = samples[type]
    const expected = { ok: true, value: { ...sample, raw: sample }, warnings: [] }
    expect(parseInvocation(sample)).toEqual(expected)
    expect(parseInvocation(JSON.stringify(sample))).toEqual(expected)
  })

  test('is written back byte for byte', () => {
    const written = serialiseInvocation(samples[type] as OutgoingEvent)
    expect(written).toMatchObject({ ok: true })
    if (written.ok) expect(JSON.stringify(written.value)).toBe(JSON.stringify(samples[type]))
  })

  test('ends a leg only if it says so', () => {
    const { cause } = codec.read(samples[type], { at: 0 })
    expect(cause).toBe(type === 'HANGUP' ? 'hangup' : 'unknown')
  })
})

describe('what the guide misprints is read all the same', () => {
  test('the key InvocationEvent, the type NEW_INCOMING_CALL, SipApplicationId', () => {
    const { SipMediaApplicationId, ...rest } = details
    const event = {
      ...head,
      InvocationEvent: 'NEW_INCOMING_CALL',
      CallDetails: { ...rest, SipApplicationId: SipMediaApplicationId, Participants: [legA] },
    }
    expect(parseInvocation(event)).toMatchObject({
      ok: true,
      value: { InvocationEventType: 'NEW_INBOUND_CALL', CallDetails: { SipMediaApplicationId } },
      warnings: [],
    })
  })

  test('the error of INVALID_LAMBDA_RESPONSE inside ActionData', () => {
    const event = {
      ...head,
      InvocationEventType: 'INVALID_LAMBDA_RESPONSE',
      ActionData: { ErrorType: 'X', ErrorMessage: 'y' },
      CallDetails: call(legA),
    }
    expect(parseInvocation(event)).toMatchObject({ ok: true, value: { ErrorType: 'X', ErrorMessage: 'y' } })
  })

  test('a time of ten digits, with a warning that names its place', () => {
    const event = {
      ...samples.RINGING,
      CallDetails: call({ ...legA, StartTimeInMilliseconds: '1645498023' }),
    }
    expect(parseInvocation(event)).toMatchObject({
      ok: true,
      warnings: [{ code: 'chime.value', place: '$.CallDetails.Participants[0].StartTimeInMilliseconds' }],
    })
  })
})

describe('faults name their place', () => {
  test.each([
    ['{', 'chime.json', '$'],
    ['null', 'chime.wrong-type', '$'],
    [[], 'chime.wrong-type', '$'],
    [{}, 'chime.not-an-event', '$.InvocationEventType'],
    [{ InvocationEventType: 'VoiceError' }, 'chime.not-an-event', '$.InvocationEventType'],
    [{ InvocationEventType: 'RINGING' }, 'chime.missing', '$.CallDetails'],
    [
      { InvocationEventType: 'RINGING', CallDetails: { Participants: [] } },
      'chime.missing',
      '$.CallDetails.TransactionId',
    ],
    [
      { InvocationEventType: 'RINGING', CallDetails: { TransactionId: 't', Participants: [{ CallId: 'c' }] } },
      'chime.missing',
      '$.CallDetails.Participants[0].ParticipantTag',
    ],
  ])('%j', (input, code, place) => {
    const parsed = parseInvocation(input)
    expect(parsed.ok).toBe(false)
    if (!parsed.ok) expect(parsed.faults).toContainEqual(expect.objectContaining({ code, place }))
  })

  test('a HANGUP without Status is not written: handlers index it unguarded', () => {
    const event = { ...samples.HANGUP, CallDetails: call(legA) } as unknown as OutgoingEvent
    expect(serialiseInvocation(event)).toMatchObject({
      ok: false,
      faults: [{ code: 'chime.missing', place: '$.CallDetails.Participants[0].Status' }],
    })
  })

  test('a Sequence of 0, a number for a time and an unknown key are not written', () => {
    const event = {
      ...samples.RINGING,
      Sequence: 0,
      Extra: 1,
      CallDetails: call({ ...legA, StartTimeInMilliseconds: 1645498023381 }),
    } as unknown as OutgoingEvent
    const written = serialiseInvocation(event)
    expect(written.ok ? [] : written.faults.map(({ place }) => place)).toEqual([
      '$.Sequence',
      '$.CallDetails.Participants[0].StartTimeInMilliseconds',
      '$.Extra',
    ])
  })
})

describe('who hung up', () => {
  const hangup = (code: unknown, leg: object, ...participants: object[]) => ({
    ...head,
    InvocationEventType: 'HANGUP',
    ActionData: { Type: 'Hangup', Parameters: { SipResponseCode: code, ...leg } },
    CallDetails: call(...participants),
  })
  const a = { ...legA, Status: 'Connected' }
  const gone = { ...legA, Status: 'Disconnected' }
  const placed = { ...gone, Direction: 'Outbound' }
  const b = { ...legB, Status: 'Connected' }
  const bGone = { ...legB, Status: 'Disconnected' }
  const onA = { CallId: legA.CallId, ParticipantTag: 'LEG-A' }
  const onB = { CallId: legB.CallId, ParticipantTag: 'LEG-B' }

  test.each([
    // A 0 does not say whether the party left or the application let it go.
    [0, onA, [gone], 'hangup', 'unknown', 'answered', 'LEG-A, which called, ended'],
    [0, onA, [gone, b], 'hangup', 'unknown', 'answered', 'LEG-A, which called, ended; LEG-B is still connected'],
    [0, onB, [a, bGone], 'hangup', 'unknown', 'answered', 'LEG-B ended; LEG-A is still connected'],
    [0, onB, [gone, bGone], 'hangup', 'unknown', 'answered', 'LEG-B ended'],
    // On a leg that was placed, a code is the far end's.
    [486, onA, [placed], 'busy', 'callee', 'ringing', 'LEG-A ended'],
    [480, onA, [placed], 'no-answer', 'network', 'ringing', 'LEG-A ended'],
    [486, onB, [a, bGone], 'busy', 'callee', 'ringing', 'LEG-B ended; LEG-A is still connected'],
    [603, onA, [placed], 'declined', 'callee', 'ringing', 'LEG-A ended'],
    [404, onA, [placed], 'not-found', 'network', 'ringing', 'LEG-A ended'],
    ['486', { ParticipantTag: 'LEG-A' }, [placed], 'busy', 'callee', 'ringing', 'LEG-A ended'],
    // On one that came in, only the application can have said it.
    [486, onA, [gone], 'busy', 'app', 'ringing', 'LEG-A, which called, ended'],
    [480, onA, [gone], 'no-answer', 'app', 'ringing', 'LEG-A, which called, ended'],
  ])('%j on %j among %#', (code, leg, participants, cause, actor, phase, detail) => {
    expect(codec.read(hangup(code, leg, ...participants), { at: 0 })).toMatchObject({ cause, actor, phase, detail })
  })

  test('the sample without SipResponseCode, and the one whose ActionData is of another action', () => {
    const bare = { ...samples.HANGUP, ActionData: { Type: 'Hangup', Parameters: parameters } }
    expect(codec.read(bare, { at: 0 }).cause).toBe('hangup')
    const odd = {
      ...samples.HANGUP,
      ActionData: { Type: 'ReceiveDigits', ReceivedDigits: '', Parameters: { CallId: legB.CallId } },
    }
    expect(codec.read(odd, { at: 0 }).cause).toBe('hangup')
    expect(parseInvocation(odd)).toMatchObject({ ok: true })
  })

  test('a hangup by action that is reported, and a bridge that nobody answered', () => {
    const success = {
      ...samples.ACTION_SUCCESSFUL,
      ActionData: { Type: 'Hangup', Parameters: { SipResponseCode: '0', ...onB } },
    }
    expect(codec.read(success, { at: 0 })).toMatchObject({ cause: 'hangup', actor: 'app' })
    const failed = {
      ...samples.ACTION_FAILED,
      ActionData: { Type: 'CallAndBridge', Parameters: {}, ErrorType: 'CallNotAnswered', ErrorMessage: 'x' },
    }
    expect(codec.read(failed, { at: 0 })).toMatchObject({ cause: 'no-answer', phase: 'ringing' })
  })

  test('a response is read by its first Hangup', () => {
    const response = {
      SchemaVersion: '1.0',
      Actions: [{ Type: 'Pause' }, { Type: 'Hangup', Parameters: { SipResponseCode: 486 } }],
    }
    expect(codec.read(JSON.stringify(response), { at: 0 })).toMatchObject({ cause: 'busy', actor: 'app' })
  })

  test('identifiers are found', () => {
    expect(codec.identify?.(samples.HANGUP)).toEqual({ ...onA, TransactionId: details.TransactionId })
  })
})
