import type { LegId } from '../../../call/leg.ts'
import { pressed } from '../../digits/index.ts'
import { beginScratch, drop, keep, store } from './scratch.ts'
import { messageOf } from './sound.ts'
import { answer, cutOff, failed, invalid, type Perform } from './stage.ts'

/** `prefix/2026/11/26/TRANSACTION_LEG_MOMENT.wav`: sorted by day, and found by either id. */
export function keyOf(prefix: string, call: string, leg: LegId, at: number): string {
  const day = new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')
  const name = `${day}/${call}_${leg}_${Math.floor(at)}.wav`
  return prefix === '' ? name : `${prefix.replace(/\/+$/, '')}/${name}`
}

export const recordAudio: Perform<'RecordAudio'> = async (parameters, stage) => {
  const { RecordingDestination, RecordingTerminators = [], DurationInSeconds } = parameters
  const { SilenceDurationInSeconds, SilenceThreshold = 200 } = parameters
  const { BucketName, Prefix = '' } = RecordingDestination
  const { control, means, leg, signal } = stage
  if (!means.objects.has(BucketName)) return invalid(`no bucket "${BucketName}" is configured`)
  await answer(stage)
  const key = keyOf(Prefix, control.id, leg.id, means.clock.now())
  const scratch = await beginScratch(means, BucketName, key)
  const { file } = scratch
  if (signal.aborted) {
    await drop(file)
    return cutOff(stage)
  }
  const recording = control.media(leg.id).record({
    track: 'in',
    file,
    ...(DurationInSeconds === undefined ? {} : { limit: DurationInSeconds * 1000 }),
    ...(SilenceDurationInSeconds === undefined
      ? {}
      : { silence: { milliseconds: SilenceDurationInSeconds * 1000, threshold: SilenceThreshold } }),
  })
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  let terminator: string | null = null
  void pressed({ control, leg: leg.id }, RecordingTerminators.join(''), either).then((key) => {
    terminator = key
    if (!over.signal.aborted) void recording.stop()
  })
  try {
    await recording.done
  } catch (error) {
    keep(stage, scratch, error)
    return failed('SystemException', messageOf(error))
  } finally {
    over.abort()
  }
  try {
    await store(means.objects, scratch)
  } catch (error) {
    keep(stage, scratch, error)
    return invalid(`the recording could not be stored: ${messageOf(error)}`)
  }
  const results = {
    RecordingDestination: { Type: 'S3', BucketName, Key: key },
    ...(terminator === null ? {} : { RecordingTerminatorUsed: terminator }),
  }
  if (!signal.aborted) return { type: 'done', results }
  const outcome = cutOff(stage)
  // What was said until the caller left is there, and the handler is told where.
  return outcome.type === 'failed' ? { type: 'done', results } : outcome
}
