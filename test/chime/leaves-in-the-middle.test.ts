/**
 * A party that hangs up while an action runs (checklist 17): within 200 ms of its BYE the function is told of the action, with the leg
 * disconnected, and then of the HANGUP. Real time is what is promised, so real time is measured; a machine that has other things to do gets
 * several tries.
 */
import { expect, it } from 'vitest'
import { sampleRate, writeWav } from '../../src/media/index.ts'
import { folderBucket } from '../../src/objects/folder.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { action, answer, type Event } from './handler.ts'
import { desk, stage, until } from './stage.ts'

/** Milliseconds. */
const promised = 200
const tries = 5

const prompt = { Type: 'S3', BucketName: 'prompts', Key: 'long.wav' }
const digits = { InputDigitsRegex: '^\\d$', MaxNumberOfDigits: 1, RepeatDurationInMilliseconds: 30_000 }
const words = { Text: 'This is a long sentence which nobody will hear until its end, as they leave before. '.repeat(5) }

/** Each with what is told of it. */
const actions: readonly (readonly [type: string, parameters: (event: Event) => object, told: string])[] = [
  ['Pause', () => ({ DurationInMilliseconds: 30_000 }), 'ACTION_FAILED'],
  ['PlayAudio', () => ({ AudioSource: prompt }), 'ACTION_FAILED'],
  ['PlayAudioAndGetDigits', () => ({ AudioSource: prompt, ...digits }), 'ACTION_FAILED'],
  ['Speak', () => words, 'ACTION_FAILED'],
  ['SpeakAndGetDigits', () => ({ SpeechParameters: words, ...digits }), 'ACTION_FAILED'],
  [
    'RecordAudio',
    () => ({ RecordingDestination: { Type: 'S3', BucketName: 'prompts' }, RecordingTerminators: ['#'] }),
    'ACTION_SUCCESSFUL',
  ],
  ['SendDigits', () => ({ Digits: '1'.repeat(50), ToneDurationInMilliseconds: 500 }), 'ACTION_FAILED'],
  ['StartBotConversation', () => ({ BotAliasArn: 'arn:bot' }), 'ACTION_FAILED'],
  [
    'CallAndBridge',
    (event) => ({
      CallerIdNumber: event.CallDetails.Participants[0].From,
      Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: desk }],
    }),
    'ACTION_FAILED',
  ],
]

it.each(actions)('during %s', async (type, parameters, told) => {
  const folder = temporaryFolder()
  const tone = Int16Array.from({ length: sampleRate * 30 }, (_, at) => 8000 * Math.sin(at / 3))
  await folderBucket(folder).write('long.wav', writeWav(tone, sampleRate))
  const arrived: [moment: number, event: Event][] = []
  const { phone, line, server } = await stage({
    // A key answers the caller, and takes next to no time.
    handler(event) {
      arrived.push([performance.now(), event])
      return event.InvocationEventType === 'NEW_INBOUND_CALL'
        ? answer(action('SendDigits', { Digits: '1', ToneDurationInMilliseconds: 50 }), action(type, parameters(event)))
        : answer()
    },
    chime: {
      buckets: { prompts: folder },
      bots: { 'arn:bot': { intents: [{ name: 'Sales', keys: '1', say: words.Text }], fallback: words.Text } },
    },
  })
  await line(desk)
  const caller = await phone()
  const took: number[] = []
  while (took.length < tries && !took.some((milliseconds) => milliseconds < promised)) {
    arrived.length = 0
    const call = await caller.call('+15550100')
    await call.answered()
    // The action before has been told of: this one runs.
    await until(() => arrived.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(call.state.name).toBe('answered')
    const left = performance.now()
    call.hangup()
    await until(() => arrived.length === 4)
    await until(() => [...server.control.live()].length === 0)
    expect(arrived.map(([, event]) => event.InvocationEventType)).toEqual([
      'NEW_INBOUND_CALL',
      'ACTION_SUCCESSFUL',
      told,
      'HANGUP',
    ])
    const [[moment, event], [, last]] = arrived.slice(2) as [[number, Event], [number, Event]]
    expect(event.ActionData.Type).toBe(type)
    expect(event.CallDetails.Participants[0].Status).toBe('Disconnected')
    expect(last.ActionData.Parameters).toMatchObject({ SipResponseCode: 0, ParticipantTag: 'LEG-A' })
    took.push(moment - left)
  }
  expect(Math.min(...took)).toBeLessThan(promised)
})
