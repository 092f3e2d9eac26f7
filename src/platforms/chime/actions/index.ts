import type { Action, ActionType } from '../../../dialects/chime/index.ts'
import type { Outcome } from '../list.ts'
import { startBotConversation } from './bot.ts'
import { callAndBridge } from './bridge.ts'
import { pauseCallRecording, resumeCallRecording, startCallRecording, stopCallRecording } from './call-recording.ts'
import { playAndGetDigits, receiveDigits, sendDigits, speakAndGetDigits } from './digits.ts'
import { joinChimeMeeting, modifyAttendees } from './meeting.ts'
import { recordAudio } from './record.ts'
import { pause, playAudio, speak } from './sound.ts'
import { done, invalid, type Perform, type Stage } from './stage.ts'

/** AWS cleans up the caller's sound; we pass it on as it is, and say so. */
const voiceFocus: Perform<'VoiceFocus'> = async ({ Enable }, { warn }) => {
  if (Enable) warn('chime.voice-focus', 'VoiceFocus is accepted, and the sound stays as it is')
  return done
}

/** Every action but `Hangup`, which ends legs and belongs to the transaction. */
const performances: { readonly [T in Exclude<ActionType, 'Hangup'>]: Perform<T> } = {
  Pause: pause,
  PlayAudio: playAudio,
  PlayAudioAndGetDigits: playAndGetDigits,
  Speak: speak,
  SpeakAndGetDigits: speakAndGetDigits,
  ReceiveDigits: receiveDigits,
  RecordAudio: recordAudio,
  SendDigits: sendDigits,
  CallAndBridge: callAndBridge,
  JoinChimeMeeting: joinChimeMeeting,
  ModifyChimeMeetingAttendees: modifyAttendees,
  StartCallRecording: startCallRecording,
  StopCallRecording: stopCallRecording,
  PauseCallRecording: pauseCallRecording,
  ResumeCallRecording: resumeCallRecording,
  StartBotConversation: startBotConversation,
  VoiceFocus: voiceFocus,
}

/** What may run on a callee that rings. Everything else needs somebody who hears, and nobody can answer for a callee. */
const beforeAnswer: ReadonlySet<ActionType> = new Set(['Pause', 'ReceiveDigits', 'VoiceFocus'])

export async function perform(action: Exclude<Action, { Type: 'Hangup' }>, stage: Stage): Promise<Outcome> {
  const { direction, state } = stage.leg
  if (direction === 'out' && state.name !== 'answered' && !beforeAnswer.has(action.Type)) {
    return invalid('the call leg is not connected: it has not answered yet')
  }
  const run = performances[action.Type] as (parameters: unknown, stage: Stage) => Promise<Outcome>
  return run(action.Parameters, stage)
}
