import type { Action, ActionType } from '../../../dialects/chime/index.ts'
import type { Outcome } from '../list.ts'
import { startBotConversation } from './bot.ts'
import { callAndBridge } from './bridge.ts'
import { pauseCallRecording, resumeCallRecording, startCallRecording, stopCallRecording } from './call-recording.ts'
import { playAndGetDigits, receiveDigits, sendDigits, speakAndGetDigits } from './digits.ts'
import { joinChimeMeeting, modifyAttendees } from './meeting.ts'
import { recordAudio } from './record.ts'
import { pause, playAudio, speak } from './sound.ts'
import { done, type Perform, type Stage } from './stage.ts'

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

export function perform(action: Exclude<Action, { Type: 'Hangup' }>, stage: Stage): Promise<Outcome> {
  const run = performances[action.Type] as (parameters: unknown, stage: Stage) => Promise<Outcome>
  return run(action.Parameters, stage)
}
