import type { Prompt } from '../../../switchboard/ports.ts'
import { pressed } from '../../digits/index.ts'
import { sleep } from '../../sleep.ts'
import type { Outcome } from '../list.ts'
import { answer, cutOff, done, failed, type ParametersOf, type Perform, type Stage } from './stage.ts'

type Source = ParametersOf<'PlayAudio'>['AudioSource']
type Speech = ParametersOf<'SpeakAndGetDigits'>['SpeechParameters']

/** A prompt in a bucket, under the address that the media engine asks the object store by. */
export function promptOf({ BucketName, Key }: Source): Prompt {
  return { type: 'audio', url: objectUrl(BucketName, Key) }
}

export function objectUrl(bucket: string, key: string): string {
  return `object://${encodeURIComponent(bucket)}/${key.split('/').map(encodeURIComponent).join('/')}`
}

export function spoken({ Text, TextType, VoiceId, LanguageCode }: Speech): Prompt {
  return {
    type: 'speech',
    text: TextType === 'ssml' ? withoutMarkup(Text) : Text,
    ...(VoiceId === undefined ? {} : { voice: VoiceId }),
    ...(LanguageCode === undefined ? {} : { language: LanguageCode }),
  }
}

/** SSML's words: local programs do not know its marks. */
function withoutMarkup(ssml: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return ssml
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim()
}

export const pause: Perform<'Pause'> = async ({ DurationInMilliseconds }, stage) => {
  await sleep(stage.means.clock, DurationInMilliseconds, stage.signal)
  return stage.signal.aborted ? cutOff(stage) : done
}

export const playAudio: Perform<'PlayAudio'> = async ({ AudioSource, PlaybackTerminators, Repeat }, stage) => {
  await answer(stage)
  return hear(stage, promptOf(AudioSource), { loop: Repeat ?? 1, stopKeys: PlaybackTerminators?.join('') ?? '' })
}

export const speak: Perform<'Speak'> = async (parameters, stage) => {
  await answer(stage)
  return hear(stage, spoken(parameters), { loop: 1, stopKeys: '' })
}

async function hear(stage: Stage, prompt: Prompt, how: { loop: number; stopKeys: string }): Promise<Outcome> {
  const { control, leg, signal } = stage
  const stopped = new AbortController()
  const both = AbortSignal.any([signal, stopped.signal])
  if (how.stopKeys !== '') {
    void pressed({ control, leg: leg.id }, how.stopKeys, both).then((key) => key !== null && stopped.abort())
  }
  try {
    await control.media(leg.id).play(prompt, { loop: how.loop, signal: both })
  } catch (error) {
    if (signal.aborted) return cutOff(stage)
    return prompt.type === 'speech' ? unspoken(error) : unplayable(error)
  } finally {
    stopped.abort()
  }
  return signal.aborted ? cutOff(stage) : done
}

function unspoken(error: unknown): Outcome {
  return failed('SystemException', `the text could not be spoken: ${messageOf(error)}`)
}

export function unplayable(error: unknown): Outcome {
  return failed('InvalidAudioSource', `Audio Source parameter value is invalid: ${messageOf(error)}`)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
