import type { Prompt } from '../../../switchboard/ports.ts'
import { collect, watchDigits } from '../../digits/index.ts'
import type { Outcome } from '../list.ts'
import { entryPattern } from '../pattern.ts'
import { promptOf, spoken, unplayable } from './sound.ts'
import { answer, cutOff, done, failed, invalid, type ParametersOf, type Perform, type Stage } from './stage.ts'

/** Milliseconds from a prompt to the first key, and between keys, where a handler names none. */
const defaultWait = 5_000

type Asked = Omit<ParametersOf<'PlayAudioAndGetDigits'>, 'AudioSource' | 'FailureAudioSource'>

export const playAndGetDigits: Perform<'PlayAudioAndGetDigits'> = (parameters, stage) => {
  const { AudioSource, FailureAudioSource } = parameters
  return getDigits(
    stage,
    parameters,
    promptOf(AudioSource),
    FailureAudioSource === undefined ? undefined : promptOf(FailureAudioSource),
  )
}

export const speakAndGetDigits: Perform<'SpeakAndGetDigits'> = (parameters, stage) => {
  const { SpeechParameters, FailureSpeechParameters } = parameters
  return getDigits(
    stage,
    parameters,
    spoken(SpeechParameters),
    FailureSpeechParameters === undefined ? undefined : spoken(FailureSpeechParameters),
  )
}

async function getDigits(
  stage: Stage,
  asked: Asked,
  prompt: Prompt,
  failurePrompt: Prompt | undefined,
): Promise<Outcome> {
  const { control, means, leg, signal } = stage
  const { MinNumberOfDigits: min = 0, MaxNumberOfDigits: max = 128, InputDigitsRegex } = asked
  if (min > max) return invalid('MinNumberOfDigits is larger than MaxNumberOfDigits')
  const pattern = InputDigitsRegex === undefined ? undefined : entryPattern(InputDigitsRegex)
  if (pattern === null) return invalid('InputDigitsRegex parameter value is invalid')
  await answer(stage)
  const firstDigit = asked.RepeatDurationInMilliseconds ?? defaultWait
  try {
    const entered = await collect(
      { control, clock: means.clock, leg: leg.id },
      {
        rules: {
          min,
          max,
          terminators: (asked.TerminatorDigits ?? ['#']).join(''),
          firstDigit,
          interDigit: asked.InBetweenDigitsDurationInMilliseconds ?? firstDigit,
          ...(pattern === undefined ? {} : { pattern }),
        },
        prompts: [{ prompt }],
        attempts: asked.Repeat ?? 1,
        failurePrompts: failurePrompt === undefined ? [] : [{ prompt: failurePrompt }],
        signal,
      },
    )
    if (entered.type === 'aborted') return cutOff(stage)
    const results = { ReceivedDigits: entered.digits }
    if (entered.fits) return { type: 'done', results }
    const late = entered.type === 'timed-out' && entered.digits === ''
    return {
      type: 'failed',
      error: 'InvalidDigitsReceived',
      message: late ? 'no digits were entered in time' : 'the digits do not fit',
      results,
    }
  } catch (error) {
    return signal.aborted
      ? cutOff(stage)
      : prompt.type === 'speech'
        ? failed('SystemException', String(error))
        : unplayable(error)
  }
}

/** Watches in the background; every further ReceiveDigits on that leg replaces it. */
export const receiveDigits: Perform<'ReceiveDigits'> = async (parameters, stage) => {
  const { InputDigitsRegex, InBetweenDigitsDurationInMilliseconds, FlushDigitsDurationInMilliseconds } = parameters
  const pattern = entryPattern(InputDigitsRegex)
  if (pattern === null) return invalid('InputDigitsRegex parameter value is invalid')
  if (FlushDigitsDurationInMilliseconds < InBetweenDigitsDurationInMilliseconds) {
    return invalid('FlushDigitsDurationInMilliseconds is shorter than InBetweenDigitsDurationInMilliseconds')
  }
  const { control, means, leg } = stage
  const rules = {
    pattern,
    interDigit: InBetweenDigitsDurationInMilliseconds,
    flush: FlushDigitsDurationInMilliseconds,
  }
  stage.watching(
    leg.id,
    watchDigits({ control, clock: means.clock, leg: leg.id }, rules, ({ digits }) => stage.received(digits)),
  )
  return { type: 'done', results: { ReceivedDigits: '' } }
}

export const sendDigits: Perform<'SendDigits'> = async ({ Digits, ToneDurationInMilliseconds }, stage) => {
  await answer(stage)
  // A comma is half a second, which the media engine spells `w`.
  const keys = Digits.toUpperCase().replaceAll(',', 'w')
  await stage.control.media(stage.leg.id).sendDigits(keys, { tone: ToneDurationInMilliseconds ?? 250 })
  return stage.signal.aborted ? cutOff(stage) : done
}
