/** Whatever a handler answers: no crash, an outcome that is told, and no call that outlives its caller. */
import { describe, expect, test } from 'vitest'
import { actionTypes } from '../../../src/dialects/chime/index.ts'
import { answer, type Event, hangup, World } from './world.ts'

const s3 = { Type: 'S3', BucketName: 'prompts', Key: 'a.wav' }
const digits = {
  InputDigitsRegex: '^\\d$',
  MinNumberOfDigits: 1,
  MaxNumberOfDigits: 1,
  TerminatorDigits: ['#'],
  InBetweenDigitsDurationInMilliseconds: 500,
  Repeat: 1,
  RepeatDurationInMilliseconds: 500,
}

/** Every parameter of every action, as it should be. */
const right: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Hangup: { CallId: 'leg-a', ParticipantTag: 'LEG-A', SipResponseCode: '0' },
  Pause: { CallId: 'leg-a', ParticipantTag: 'LEG-A', DurationInMilliseconds: 100 },
  PlayAudio: { CallId: 'leg-a', ParticipantTag: 'LEG-A', AudioSource: s3, PlaybackTerminators: ['1'], Repeat: 1 },
  PlayAudioAndGetDigits: {
    CallId: 'leg-a',
    ParticipantTag: 'LEG-A',
    AudioSource: s3,
    FailureAudioSource: s3,
    ...digits,
  },
  Speak: { CallId: 'leg-a', Text: 'x', Engine: 'neural', LanguageCode: 'en-US', TextType: 'text', VoiceId: 'Joanna' },
  SpeakAndGetDigits: {
    CallId: 'leg-a',
    SpeechParameters: { Text: 'x' },
    FailureSpeechParameters: { Text: 'y' },
    ...digits,
  },
  ReceiveDigits: {
    CallId: 'leg-a',
    InputDigitsRegex: '^1$',
    InBetweenDigitsDurationInMilliseconds: 500,
    FlushDigitsDurationInMilliseconds: 600,
  },
  RecordAudio: {
    CallId: 'leg-a',
    RecordingDestination: { Type: 'S3', BucketName: 'prompts', Prefix: 'p' },
    RecordingTerminators: ['#'],
    DurationInSeconds: 1,
    SilenceDurationInSeconds: 1,
    SilenceThreshold: 200,
  },
  SendDigits: { CallId: 'leg-a', Digits: '12', ToneDurationInMilliseconds: 100 },
  CallAndBridge: {
    CallId: 'leg-a',
    CallTimeoutSeconds: 5,
    CallerIdNumber: '+15550100',
    RingbackTone: s3,
    Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: '+14155550199' }],
    SipHeaders: { 'X-A': 'b' },
  },
  JoinChimeMeeting: { CallId: 'leg-a', JoinToken: 't', MeetingId: 'm' },
  ModifyChimeMeetingAttendees: { CallId: 'leg-a', Operation: 'Mute', MeetingId: 'm', AttendeeList: ['a'] },
  StartCallRecording: { CallId: 'leg-a', Track: 'BOTH', Destination: { Type: 'S3', Location: 'prompts/x' } },
  StopCallRecording: { CallId: 'leg-a' },
  PauseCallRecording: { CallId: 'leg-a' },
  ResumeCallRecording: { CallId: 'leg-a' },
  StartBotConversation: {
    CallId: 'leg-a',
    BotAliasArn: 'arn:bot',
    LocaleId: 'en_US',
    Configuration: { SessionState: { SessionAttributes: {} }, WelcomeMessages: [] },
  },
  VoiceFocus: { CallId: 'leg-a', Enable: true },
}

const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

const wrong: Readonly<Record<string, unknown>> = {
  null: null,
  'a number below zero': -1,
  'a fraction': 0.5,
  'a huge number': 1e308,
  'nothing said': '',
  'Arabic digits': '٣٠٠',
  'fullwidth digits': '４８６',
  'a number with words': '12 seconds',
  'a minus in a text': '-500',
  'a lone surrogate': '\ud800',
  'a NUL and line breaks': 'a\u0000\r\nX-Evil: 1\r\n\r\n',
  'a long text': 'x'.repeat(100_000),
  'an empty list': [],
  'a list in a list': [[['x']]],
  'an empty object': {},
  'what every object has': { constructor: 1, toString: null, hasOwnProperty: 'x' },
  true: true,
  'a deep list': deep(80),
}

test('every action has its parameters here', () => {
  expect(Object.keys(right).sort()).toEqual([...actionTypes].sort())
})

/** One action, until its caller leaves. */
async function played(action: unknown): Promise<World> {
  const world = await World.of((event: Event) =>
    event.InvocationEventType === 'NEW_INBOUND_CALL' ? answer(action) : answer(),
  )
  for (let n = 0; n < 4; n++) await world.pass(1_000)
  await world.leaves('A')
  for (let n = 0; n < 4; n++) await world.pass(30_000)
  return world
}

function expectOver(world: World, what: string): void {
  expect(world.faults, what).toEqual([])
  expect(world.records, what).toHaveLength(1)
  expect(world.record.ending.cause, what).not.toBe('error')
  expect(
    world.story.filter((line) => line.startsWith('HANGUP LEG-A')),
    what,
  ).toHaveLength(1)
  expect(world.switchboard.size, what).toBe(0)
  expect(world.clock.armed, what).toBe(0)
  expect(world.wire.join('\n'), what).not.toMatch(/Evil/)
  // The name of a room goes nowhere.
  const called = world.targets.filter(({ network }) => network !== 'room')
  expect(JSON.stringify(called), what).not.toMatch(/Evil/)
}

describe.each(Object.entries(right))('%s', (Type, parameters) => {
  test.each(Object.keys(parameters))('with a wrong %s runs, or is told as failed; its call ends once', async (key) => {
    for (const [what, value] of Object.entries(wrong)) {
      const world = await played({ Type, Parameters: { ...parameters, [key]: value } })
      expectOver(world, `${Type}.${key}: ${what}`)
      const told = world.story.slice(1).join(' ')
      // It ran, or it failed; INVALID_LAMBDA_RESPONSE is for answers, not for parameters.
      expect(told, `${Type}.${key}: ${what}`).not.toContain('INVALID_LAMBDA_RESPONSE')
    }
  })

  test('with parameters that are none', async () => {
    for (const [what, value] of Object.entries(wrong)) {
      expectOver(await played({ Type, Parameters: value }), `${Type}: ${what}`)
    }
    expectOver(await played({ Type }), `${Type} alone`)
  })

  test('on a leg that is gone fails, or does nothing', async () => {
    const world = await World.of((event: Event) => {
      if (event.InvocationEventType === 'NEW_INBOUND_CALL')
        return answer({ Type: 'CallAndBridge', Parameters: { ...right.CallAndBridge } })
      const gone = event.CallDetails.Participants[1]?.CallId
      return event.InvocationEventType === 'HANGUP' && event.ActionData.Parameters.ParticipantTag === 'LEG-B'
        ? answer({ Type, Parameters: { ...parameters, CallId: gone } })
        : answer()
    })
    await world.input('B', 'answered')
    await world.leaves('B')
    await world.pass(1_000)
    const { wire } = world
    expect(wire.at(-1)).toBe('A 200')
    expect(world.story.at(-1)).toBe(Type === 'Hangup' ? 'ACTION_SUCCESSFUL Hangup' : `ACTION_FAILED ${Type}`)
    await world.leaves('A')
    await world.pass(60_000)
    expectOver(world, Type)
  })
})

describe('an answer', () => {
  const whole: readonly (readonly [what: string, cause: string, value: unknown])[] = [
    ['actions that are a text', 'app-invalid', { SchemaVersion: '1.0', Actions: 'Hangup' }],
    ['actions that are an object', 'app-invalid', { SchemaVersion: '1.0', Actions: { Type: 'Hangup' } }],
    ['actions that are a number', 'app-invalid', { SchemaVersion: '1.0', Actions: 7 }],
    ['an action that is null', 'app-invalid', answer(null)],
    ['an action that is a list', 'app-invalid', answer([hangup()])],
    ['an action without a type', 'app-invalid', answer({})],
    ['an action whose type is an object', 'app-invalid', answer({ Type: { Type: 'Hangup' } })],
    ['an action called as every object’s property', 'app-invalid', answer({ Type: 'constructor', Parameters: {} })],
    ['a version that is a number', 'app-invalid', { SchemaVersion: 1, Actions: [hangup()] }],
    ['a version that is a list', 'app-invalid', { SchemaVersion: ['1.0'], Actions: [hangup()] }],
    ['attributes that are a text', 'app-invalid', { SchemaVersion: '1.0', TransactionAttributes: 'x' }],
    ['attributes that are a list', 'app-invalid', { SchemaVersion: '1.0', TransactionAttributes: [1] }],
    ['attributes 90 levels deep', 'no-answer', { SchemaVersion: '1.0', TransactionAttributes: { a: deep(90) } }],
    [
      'attributes 100,000 levels deep',
      'app-invalid',
      { SchemaVersion: '1.0', TransactionAttributes: { a: deep(100_000) } },
    ],
    ['actions 100,000 levels deep', 'app-invalid', { SchemaVersion: '1.0', Actions: deep(100_000) }],
    [
      'an action 100,000 levels deep',
      'app-invalid',
      answer({ Type: 'Pause', Parameters: { DurationInMilliseconds: deep(100_000) } }),
    ],
    [
      'an unknown parameter 100,000 levels deep',
      'app-invalid',
      answer({ Type: 'Pause', Parameters: { DurationInMilliseconds: 1, x: deep(100_000) } }),
    ],
    [
      'a megabyte of attributes',
      'app-invalid',
      { SchemaVersion: '1.0', TransactionAttributes: { a: 'x'.repeat(1 << 20) } },
    ],
    ['a megabyte beside the actions', 'hangup', { SchemaVersion: '1.0', Actions: [hangup()], x: 'x'.repeat(1 << 20) }],
    ['a megabyte of text to speak', 'app-failed', answer({ Type: 'Speak', Parameters: { Text: 'x'.repeat(1 << 20) } })],
    [
      'a megabyte of an unknown parameter',
      'app-failed',
      answer({ Type: 'Pause', Parameters: { DurationInMilliseconds: 1, x: 'x'.repeat(1 << 20) } }),
    ],
    ['a hundred thousand actions', 'app-invalid', answer(...Array(100_000).fill(hangup()))],
    [
      'attributes with the names of every object',
      'no-answer',
      { SchemaVersion: '1.0', TransactionAttributes: JSON.parse('{"__proto__":{"a":1},"constructor":2}') },
    ],
  ]
  test.each(whole)('%s: %s, once, and nothing breaks', async (what, cause, value) => {
    const world = await World.of({ limits: { invocations: 10 }, handler: () => value })
    for (let n = 0; n < 4; n++) await world.pass(1_000)
    for (let n = 0; n < 4; n++) await world.pass(30_000)
    expectOver(world, what)
    expect(world.record.ending.cause).toBe(cause)
    const told = world.events.filter((event) => event.InvocationEventType === 'INVALID_LAMBDA_RESPONSE')
    expect(told).toHaveLength(cause === 'app-invalid' ? 1 : 0)
    expect(JSON.stringify(told).length).toBeLessThan(2_000)
    if (cause === 'app-invalid') expect(world.warnings.map(({ code }) => code)).toContain('chime.response')
  })
})
