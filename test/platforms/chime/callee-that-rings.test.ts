/** Actions with sound need a leg that is connected. */
import { expect, test } from 'vitest'
import { answer, bridge, hangup, World } from './world.ts'

test.each([
  ['PlayAudio', { AudioSource: { Type: 'S3', BucketName: 'prompts', Key: 'a.wav' } }],
  ['Speak', { Text: 'hello' }],
  ['SpeakAndGetDigits', { SpeechParameters: { Text: 'hello' }, RepeatDurationInMilliseconds: 100 }],
  ['RecordAudio', { RecordingDestination: { Type: 'S3', BucketName: 'prompts' }, RecordingTerminators: ['#'] }],
  ['CallAndBridge', bridge().Parameters],
  ['JoinChimeMeeting', { JoinToken: 'token', MeetingId: 'room' }],
])('%s on a callee that rings fails at once, nothing is sent, and its answer is told', async (Type, Parameters) => {
  const world = await World.of({
    args: {},
    handler: (event) =>
      event.InvocationEventType === 'CALL_UPDATE_REQUESTED' ? answer({ Type, Parameters }, hangup()) : answer(),
  })
  await world.input('A', 'ringing')
  await world.update({})
  expect(world.events.at(-1)).toMatchObject({
    InvocationEventType: 'ACTION_FAILED',
    ActionData: { Type, ErrorType: 'InvalidActionParameter', ErrorMessage: expect.stringContaining('not answered') },
  })
  await world.input('A', 'answered')
  expect(world.story.at(-1)).toBe('CALL_ANSWERED')
  expect(world.wire).toEqual(['A INVITE'])
})
