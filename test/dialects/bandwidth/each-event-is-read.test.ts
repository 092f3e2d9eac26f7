import { describe, expect, test } from 'vitest'
import {
  type OutgoingWebhook,
  parseWebhook,
  serialiseWebhook,
  type WebhookType,
  webhookQuery,
  webhookReplies,
  webhookTypes,
} from '../../../src/dialects/bandwidth/index.ts'

const head = { eventTime: '2026-06-10T10:00:09.500Z' }
const callId = 'c-95ac8d6e-1a31c52e-b38f-4198-93c1-51633ec68f8d'
const call = {
  ...head,
  accountId: '5000000',
  applicationId: '7fc9698a-b04a-468b-9e8f-91238c0d0086',
  from: '+15550100',
  to: '+15550101',
  direction: 'outbound',
  callId,
  callUrl: `https://voice.bandwidth.com/api/v2/accounts/5000000/calls/${callId}`,
  enqueuedTime: '2026-06-10T10:00:00.000Z',
  startTime: '2026-06-10T10:00:01.000Z',
  answerTime: '2026-06-10T10:00:05.000Z',
  tag: 'tag',
}
const leg = { parentCallId: callId, transferCallerId: '+15550102', transferTo: '+15550103' }
const recording = {
  recordingId: 'r-1',
  mediaUrl: 'https://voice.bandwidth.com/media',
  endTime: '2026-06-10T10:00:09.000Z',
  duration: 'PT4.9891287S',
  channels: 1,
  fileFormat: 'wav',
}
const room = { ...head, conferenceId: 'conf-1', name: 'room', tag: 'tag' }
const detected = { value: 'human', duration: 'PT1.5S' }
const stream = { id: 's-1', name: 'stream', destination: 'wss://example.com', tracks: [{ name: 'inbound' }] }
const live = { id: 't-1', name: 'live', status: 'available', url: 'https://example.com' }

const samples: Record<WebhookType, object> = {
  initiate: {
    ...call,
    direction: 'inbound',
    enqueuedTime: undefined,
    answerTime: undefined,
    diversion: { origTo: '+15550199', reason: 'no-answer' },
    stirShaken: { verstat: 'TN-Verification-Passed', attestationIndicator: 'A' },
    uui: 'abc;encoding=base64',
  },
  answer: { ...call, machineDetectionResult: detected },
  redirect: { ...call, ...leg },
  gather: { ...call, ...leg, digits: '', terminatingDigit: '' },
  recordComplete: { ...call, ...leg, ...recording },
  transferAnswer: { ...call, ...leg },
  transferComplete: {
    ...call,
    transferCallerId: '+15550102',
    transferTo: '+15550103',
    cause: 'busy',
    errorMessage: 'Callee is busy',
  },
  transferDisconnect: { ...call, ...leg, endTime: '2026-06-10T10:00:09.000Z', cause: 'hangup' },
  bridgeComplete: {
    ...call,
    cause: 'busy',
    errorMessage: `Call ${callId} is already bridged with another call`,
    errorId: 'e',
  },
  bridgeTargetComplete: call,
  referComplete: { ...call, referCallStatus: 'failure', referSipResponseCode: 405 },
  conferenceCreated: room,
  conferenceRedirect: room,
  conferenceMemberJoin: { ...room, from: '+15550100', to: '+15550101', callId },
  conferenceMemberExit: { ...room, from: '+15550100', to: '+15550101', callId },
  conferenceCompleted: room,
  conferenceRecordingAvailable: {
    ...room,
    accountId: '5000000',
    ...recording,
    startTime: call.startTime,
    status: 'complete',
  },
  machineDetectionComplete: { ...call, machineDetectionResult: { value: 'answering-machine', duration: 'PT4S' } },
  dtmf: { ...call, ...leg, digit: '5' },
  recordingAvailable: { ...call, ...leg, ...recording, status: 'partial' },
  transcriptionAvailable: {
    ...call,
    ...recording,
    transcription: {
      id: 't',
      url: 'https://example.com',
      status: 'available',
      completedTime: '2026-06-10T10:00:09.400Z',
    },
  },
  mediaStreamStarted: { ...call, mediaStream: stream },
  mediaStreamRejected: {
    ...call,
    mediaStream: stream,
    cause: 'duplicate',
    errorMessage: 'x',
    originalMediaStream: stream,
  },
  mediaStreamStopped: { ...call, mediaStream: stream, cause: 'closed' },
  realTimeTranscriptionStarted: { ...call, realTimeTranscription: live },
  realTimeTranscriptionRejected: { ...call, transcription: live, cause: 'duplicate' },
  realTimeTranscriptionStopped: { ...call, realTimeTranscription: live, cause: 'closed' },
  realTimeTranscriptionAvailable: { ...call, realTimeTranscription: live },
  disconnect: { ...call, endTime: '2026-06-10T10:00:09.000Z', cause: 'hangup' },
}
const sampleOf = (type: WebhookType) =>
  JSON.parse(JSON.stringify({ eventType: type, ...samples[type] })) as OutgoingWebhook

describe.each(webhookTypes)('%s', (type) => {
  const sample = sampleOf(type)

  test('is read without a word of doubt', () => {
    const expected = { ok: true, value: { type, event: sample, raw: sample }, warnings: [] }
    expect(parseWebhook(sample)).toEqual(expected)
    expect(parseWebhook(JSON.stringify(sample))).toEqual(expected)
  })

  test('is written as it was read', () => {
    expect(serialiseWebhook(sample, '2026')).toEqual({ ok: true, value: sample, warnings: [] })
  })

  test('is read from the query of a GET', () => {
    const parsed = parseWebhook(webhookQuery(sample as never))
    expect(parsed).toMatchObject({ ok: true, value: { type, event: { eventType: type } } })
  })
})

test('only synchronous events take a document', () => {
  const none = webhookTypes.filter((type) => webhookReplies[type] === 'none')
  expect(none).toEqual([
    'transferDisconnect',
    'conferenceCompleted',
    'conferenceRecordingAvailable',
    'machineDetectionComplete',
    'dtmf',
    'recordingAvailable',
    'transcriptionAvailable',
    'mediaStreamStarted',
    'mediaStreamRejected',
    'mediaStreamStopped',
    'realTimeTranscriptionStarted',
    'realTimeTranscriptionRejected',
    'realTimeTranscriptionStopped',
    'realTimeTranscriptionAvailable',
    'disconnect',
  ])
})

describe('what documents and captures spell differently is read', () => {
  test('recordingComplete, completeTime', () => {
    expect(parseWebhook({ ...sampleOf('recordComplete'), eventType: 'recordingComplete' })).toMatchObject({
      value: { type: 'recordComplete', event: { eventType: 'recordComplete' } },
    })
    const transcription = { id: 't', status: 'available', completeTime: '2026-06-10T10:00:09.400Z' }
    expect(parseWebhook({ ...sampleOf('transcriptionAvailable'), transcription })).toMatchObject({
      value: { event: { transcription: { completedTime: '2026-06-10T10:00:09.400Z' } } },
    })
  })

  test('events and keys that are not known', () => {
    const event = { eventType: 'somethingNew', callId, more: 1 }
    expect(parseWebhook(event)).toMatchObject({
      ok: true,
      value: { type: 'other', event, raw: event },
      warnings: [{ code: 'bandwidth.value', place: '$.eventType' }],
    })
    expect(parseWebhook({ ...sampleOf('dtmf'), more: 1 })).toMatchObject({
      ok: true,
      value: { raw: { more: 1 } },
      warnings: [],
    })
  })

  test('numbers where text belongs, and text where numbers belong', () => {
    const parsed = parseWebhook({ ...sampleOf('disconnect'), accountId: 5000000, sipResponseCode: '486' })
    expect(parsed).toMatchObject({ value: { event: { accountId: '5000000', sipResponseCode: 486 } }, warnings: [] })
  })
})

describe('faults name their place', () => {
  test.each([
    ['{', 'bandwidth.json', '$'],
    ['[]', 'bandwidth.wrong-type', '$'],
    ['null', 'bandwidth.wrong-type', '$'],
    [{}, 'bandwidth.missing', '$.eventType'],
    [{ eventType: 5 }, 'bandwidth.missing', '$.eventType'],
  ])('%j', (input, code, place) => {
    expect(parseWebhook(input)).toMatchObject({ ok: false, faults: [{ code, place }] })
  })

  test('an event without its keys is not written', () => {
    const written = serialiseWebhook({ eventType: 'dtmf' } as OutgoingWebhook)
    expect(written.ok ? [] : written.faults.map(({ place }) => place)).toContain('$.digit')
    expect(serialiseWebhook({ eventType: 'nothing' } as never)).toMatchObject({
      ok: false,
      faults: [{ place: '$.eventType' }],
    })
    expect(serialiseWebhook({ eventType: 'recordingComplete' } as never)).toMatchObject({ ok: false })
  })
})
