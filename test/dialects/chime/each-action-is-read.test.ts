import { describe, expect, test } from 'vitest'
import {
  type ActionType,
  actionTypes,
  type OutgoingAction,
  parseAction,
  serialiseAction,
} from '../../../src/dialects/chime/index.ts'

const source = { Type: 'S3', BucketName: 'bucket', Key: 'welcome.wav' }
const digits = {
  InputDigitsRegex: '^\\d{2}#$',
  MinNumberOfDigits: 3,
  MaxNumberOfDigits: 5,
  TerminatorDigits: ['#'],
  InBetweenDigitsDurationInMilliseconds: 5000,
  Repeat: 3,
  RepeatDurationInMilliseconds: 10000,
}

/** Each action as its page shows it: what is read is what is written. */
const samples: Record<ActionType, object> = {
  Hangup: { CallId: 'call-id-1', ParticipantTag: 'LEG-A', SipResponseCode: 480 },
  Pause: { CallId: 'call-id-1', ParticipantTag: 'LEG-A', DurationInMilliseconds: 3000 },
  PlayAudio: { CallId: 'call-id-1', AudioSource: source, PlaybackTerminators: ['1', '#'], Repeat: 2 },
  PlayAudioAndGetDigits: { CallId: 'call-id-1', AudioSource: source, FailureAudioSource: source, ...digits },
  Speak: {
    CallId: 'call-id-1',
    Text: 'Hello',
    Engine: 'neural',
    LanguageCode: 'en-US',
    TextType: 'text',
    VoiceId: 'Joanna',
  },
  SpeakAndGetDigits: {
    CallId: 'call-id-1',
    SpeechParameters: { Text: 'Press 1' },
    FailureSpeechParameters: { Text: '<speak>No</speak>', TextType: 'ssml' },
    ...digits,
  },
  ReceiveDigits: {
    CallId: 'call-id-1',
    InputDigitsRegex: '^\\d{2}#$',
    InBetweenDigitsDurationInMilliseconds: 1000,
    FlushDigitsDurationInMilliseconds: 10000,
  },
  RecordAudio: {
    CallId: 'call-id-1',
    RecordingDestination: { Type: 'S3', BucketName: 'bucket', Prefix: 'voicemail' },
    RecordingTerminators: ['#'],
    DurationInSeconds: 10,
    SilenceDurationInSeconds: 3,
    SilenceThreshold: 100,
  },
  SendDigits: { CallId: 'call-id-1', Digits: ',,*11,25', ToneDurationInMilliseconds: 100 },
  CallAndBridge: {
    CallTimeoutSeconds: 30,
    CallerIdNumber: '+15550100',
    RingbackTone: source,
    Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: '+15550101' }],
    SipHeaders: { 'x-test': '1' },
  },
  JoinChimeMeeting: { CallId: 'call-id-1', JoinToken: 'token', MeetingId: 'meeting-id' },
  ModifyChimeMeetingAttendees: {
    ParticipantTag: 'LEG-B',
    Operation: 'Mute',
    MeetingId: 'meeting-id',
    AttendeeList: ['a'],
  },
  StartCallRecording: { CallId: 'call-id-1', Track: 'BOTH', Destination: { Type: 'S3', Location: 'bucket/prefix' } },
  StopCallRecording: { CallId: 'call-id-1' },
  PauseCallRecording: { CallId: 'call-id-1' },
  ResumeCallRecording: { CallId: 'call-id-1' },
  StartBotConversation: {
    CallId: 'call-id-1',
    BotAliasArn: 'arn:aws:lex:us-east-1:123456789012:bot-alias/B/A',
    LocaleId: 'en_US',
    Configuration: {
      SessionState: { SessionAttributes: { k: 'v' }, DialogAction: { Type: 'ElicitIntent' } },
      WelcomeMessages: [{ Content: 'Hello', ContentType: 'PlainText' }],
    },
  },
  VoiceFocus: { CallId: 'call-id-1', Enable: true },
}

describe.each(actionTypes)('%s', (type) => {
  test('is read as its page shows it', () => {
    expect(parseAction({ Type: type, Parameters: samples[type] })).toEqual({
      ok: true,
      value: { Type: type, Parameters: samples[type] },
      warnings: [],
    })
  })

  test('is written with the same keys, and read back', () => {
    const written = serialiseAction({ Type: type, Parameters: samples[type] } as OutgoingAction)
    expect(written).toMatchObject({ ok: true })
    if (!written.ok) return
    expect(parseAction(JSON.stringify(written.value))).toMatchObject({ ok: true, value: { Parameters: samples[type] } })
  })

  test('does not mind Parameters that are missing, or says which are required', () => {
    const parsed = parseAction({ Type: type })
    if (!parsed.ok) for (const fault of parsed.faults) expect(fault).toMatchObject({ code: 'chime.missing' })
  })
})

describe('loose types that samples write', () => {
  const rows: readonly Readonly<{ type: ActionType; given: object; expected: object }>[] = [
    { type: 'Pause', given: { DurationInMilliseconds: '1000' }, expected: { DurationInMilliseconds: 1000 } },
    {
      type: 'CallAndBridge',
      given: { ...samples.CallAndBridge, CallTimeoutSeconds: '20' },
      expected: { ...samples.CallAndBridge, CallTimeoutSeconds: 20 },
    },
    { type: 'VoiceFocus', given: { Enable: 'True', CallId: '' }, expected: { Enable: true } },
    { type: 'Speak', given: { Text: 'Hi', CallId: '', ParticipantTag: '' }, expected: { Text: 'Hi' } },
    {
      type: 'PlayAudio',
      given: { AudioSource: { ...source, Extra: 1 }, Repeat: '2' },
      expected: { AudioSource: source, Repeat: 2 },
    },
    {
      type: 'PlayAudioAndGetDigits',
      given: { AudioSource: source, MinNumberOfDigits: '1' },
      expected: { AudioSource: source, MinNumberOfDigits: 1 },
    },
    { type: 'JoinChimeMeeting', given: { JoinToken: 't', AttendeeJoinToken: 'x' }, expected: { JoinToken: 't' } },
    {
      type: 'CallAndBridge',
      given: { ...samples.CallAndBridge, CustomSipHeaders: {} },
      expected: samples.CallAndBridge,
    },
    { type: 'SendDigits', given: { Digits: 5 }, expected: { Digits: '5' } },
  ]

  test.each(rows)('$type $given', ({ type, given, expected }) => {
    const parsed = parseAction({ Type: type, Parameters: given })
    expect(parsed).toMatchObject({ ok: true })
    if (parsed.ok) expect(parsed.value.Parameters).toEqual(expected)
  })
})

describe('a wrong parameter is a fault with its place', () => {
  test.each([
    ['Pause', {}, 'chime.missing', '$.Parameters.DurationInMilliseconds'],
    ['Pause', { DurationInMilliseconds: -1 }, 'chime.value', '$.Parameters.DurationInMilliseconds'],
    ['Pause', { DurationInMilliseconds: 'soon' }, 'chime.wrong-type', '$.Parameters.DurationInMilliseconds'],
    ['PlayAudio', { AudioSource: { Type: 'S3', Key: 'k' } }, 'chime.missing', '$.Parameters.AudioSource.BucketName'],
    ['SpeakAndGetDigits', { SpeechParameters: {} }, 'chime.missing', '$.Parameters.SpeechParameters.Text'],
    ['Speak', { Text: 'x'.repeat(1001) }, 'chime.value', '$.Parameters.Text'],
    ['SendDigits', { Digits: 'xyz' }, 'chime.value', '$.Parameters.Digits'],
    [
      'SendDigits',
      { Digits: '1', ToneDurationInMilliseconds: 10 },
      'chime.value',
      '$.Parameters.ToneDurationInMilliseconds',
    ],
    ['CallAndBridge', { CallerIdNumber: '+1', Endpoints: [] }, 'chime.value', '$.Parameters.Endpoints'],
    [
      'CallAndBridge',
      { ...samples.CallAndBridge, CallTimeoutSeconds: 121 },
      'chime.value',
      '$.Parameters.CallTimeoutSeconds',
    ],
    [
      'ModifyChimeMeetingAttendees',
      { Operation: 'Kick', MeetingId: 'm', AttendeeList: ['a'] },
      'chime.value',
      '$.Parameters.Operation',
    ],
    [
      'PlayAudio',
      { AudioSource: source, PlaybackTerminators: ['12'] },
      'chime.value',
      '$.Parameters.PlaybackTerminators[0]',
    ],
    [
      'RecordAudio',
      { RecordingDestination: { BucketName: 'b' }, SilenceThreshold: 0 },
      'chime.value',
      '$.Parameters.SilenceThreshold',
    ],
  ])('%s %j', (type, parameters, code, place) => {
    const parsed = parseAction({ Type: type, Parameters: parameters })
    expect(parsed.ok ? [] : parsed.faults).toContainEqual(expect.objectContaining({ code, place }))
  })
})

describe('an action that is none', () => {
  test.each([
    [{ Type: 'ModifyChimeMeetingAttendee' }, 'write ModifyChimeMeetingAttendees'],
    [{ Type: 'hangup' }, 'write Hangup'],
    [{ Type: 'Answer' }, undefined],
    [{ Type: 5 }, undefined],
    [{}, undefined],
    [{ Type: 'constructor' }, undefined],
  ])('%j', (action, remedy) => {
    const fault = { code: 'chime.unknown-action', place: '$.Type', ...(remedy === undefined ? {} : { remedy }) }
    expect(parseAction(action)).toMatchObject({ ok: false, faults: [fault] })
    expect(serialiseAction(action as never)).toMatchObject({ ok: false, faults: [fault] })
  })

  test.each([null, 'x', '[]', 5, []])('%j', (action) => {
    expect(parseAction(action)).toMatchObject({ ok: false })
  })
})
