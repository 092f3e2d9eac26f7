/** A handler that repeats nothing without end holds up nobody: its caller can leave, and other calls go on. */
import { expect, it } from 'vitest'
import { sampleRate, writeWav } from '../../src/media/index.ts'
import { folderBucket } from '../../src/objects/folder.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { action, answer, type Event } from './handler.ts'
import { desk, stage, until } from './stage.ts'

const source = (Key: string) => ({ Type: 'S3', BucketName: 'prompts', Key })
const ever = Number.MAX_SAFE_INTEGER
const digits = {
  InputDigitsRegex: '^\\d$',
  MinNumberOfDigits: 0,
  MaxNumberOfDigits: 1,
  Repeat: ever,
  RepeatDurationInMilliseconds: 0,
  InBetweenDigitsDurationInMilliseconds: 0,
}

const actions: readonly (readonly [what: string, type: string, parameters: object])[] = [
  ['an empty prompt', 'PlayAudio', { AudioSource: source('empty.wav'), Repeat: ever }],
  ['one sample', 'PlayAudio', { AudioSource: source('one.wav'), Repeat: ever }],
  ['a question of no length', 'PlayAudioAndGetDigits', { AudioSource: source('empty.wav'), ...digits }],
  [
    'a question that cannot be played',
    'PlayAudioAndGetDigits',
    { AudioSource: source('empty.wav'), FailureAudioSource: source('missing.wav'), ...digits },
  ],
  ['a question without words', 'SpeakAndGetDigits', { SpeechParameters: { Text: '' }, ...digits }],
  [
    'a question of marks alone',
    'SpeakAndGetDigits',
    { SpeechParameters: { Text: '<speak/>', TextType: 'ssml' }, ...digits },
  ],
  ['a tone of ringing that is empty', 'CallAndBridge', { RingbackTone: source('empty.wav'), CallTimeoutSeconds: 120 }],
]

it.each(actions)('%s', async (_, type, parameters) => {
  const folder = temporaryFolder()
  const bucket = folderBucket(folder)
  await bucket.write('empty.wav', writeWav(new Int16Array(0), sampleRate))
  await bucket.write('one.wav', writeWav(new Int16Array(1), sampleRate))
  const { phone, line, endpoint, records, server } = await stage({
    handler: (event: Event) => {
      const [{ To, From }] = event.CallDetails.Participants
      if (event.InvocationEventType !== 'NEW_INBOUND_CALL') return answer()
      if (To === '+15550199')
        return answer(
          action('SendDigits', { Digits: '42' }),
          action('Pause', { DurationInMilliseconds: 100 }),
          action('Hangup'),
        )
      const more =
        type === 'CallAndBridge' ? { CallerIdNumber: From, Endpoints: [{ BridgeEndpointType: 'PSTN', Uri: desk }] } : {}
      return answer(
        action('SendDigits', { Digits: '1', ToneDurationInMilliseconds: 50 }),
        action(type, { ...more, ...parameters }),
      )
    },
    chime: { buckets: { prompts: folder } },
  })
  await line(desk)
  const caller = await phone()
  const call = await caller.call('+15550100')
  await call.answered()
  await new Promise((resolve) => setTimeout(resolve, 700))
  const other = await caller.call('+15550199')
  expect(await other.ended(8_000)).toMatchObject({ by: 'them', how: 'BYE' })
  expect(other.digits).toBe('42')
  call.hangup()
  await call.ended()
  await until(async () => (await records()).length === 2)
  await until(() => endpoint.hangups().length === 2)
  await until(() => [...server.control.live()].length === 0)
})
