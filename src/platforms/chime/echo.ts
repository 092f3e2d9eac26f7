import type { ActionType, JsonObject, ParticipantTag, ResponseAction } from '../../dialects/chime/index.ts'

/** What AWS fills in where a handler left it out, and shows in the event of the action. */
const defaults: { readonly [T in ActionType]?: (given: JsonObject) => JsonObject } = {
  Hangup: () => ({ SipResponseCode: '0' }),
  PlayAudio: () => ({ Repeat: 1 }),
  PlayAudioAndGetDigits: ofDigits,
  SpeakAndGetDigits: ofDigits,
  Speak: () => ({ Engine: 'standard', LanguageCode: 'en-US', TextType: 'text', VoiceId: 'Joanna' }),
  CallAndBridge: () => ({ CallTimeoutSeconds: 30 }),
  SendDigits: () => ({ ToneDurationInMilliseconds: 250 }),
}

function ofDigits(given: JsonObject): JsonObject {
  const wait = given.RepeatDurationInMilliseconds
  return {
    MinNumberOfDigits: 0,
    MaxNumberOfDigits: 128,
    TerminatorDigits: ['#'],
    Repeat: 1,
    ...(wait === undefined ? {} : { InBetweenDigitsDurationInMilliseconds: wait }),
  }
}

/** `ActionData.Parameters`: the handler's own, with the defaults that held, and the leg that it was about. */
export function echoed(one: ResponseAction, type: ActionType, leg?: { id: string; tag?: ParticipantTag }): JsonObject {
  const given = one.raw.Parameters
  const own: Record<string, unknown> = {}
  if (typeof given === 'object' && given !== null) {
    for (const [key, value] of Object.entries(given)) if (value !== '' && value !== null) own[key] = value
  }
  return {
    ...(defaults[type]?.(own) ?? {}),
    ...own,
    ...(leg === undefined ? {} : { CallId: leg.id }),
    ...(leg?.tag === undefined ? {} : { ParticipantTag: leg.tag }),
  }
}
