import type { LegId } from '../../../call/leg.ts'
import type { Recording, RecordOptions } from '../../../switchboard/ports.ts'
import { keyOf } from './record.ts'
import { beginScratch, drop, keep, store } from './scratch.ts'
import { answer, cutOff, done, failed, invalid, type Perform, type Stage } from './stage.ts'

const tracks: Readonly<Record<string, RecordOptions['track']>> = { BOTH: 'both', INCOMING: 'in', OUTGOING: 'out' }

/** The recordings of a transaction's legs: each leg at most one, delivered when it is stopped or its leg ends. */
export class CallRecordings {
  readonly #running = new Map<LegId, Recording>()
  readonly #delivering = new Set<Promise<void>>()

  has(leg: LegId): boolean {
    return this.#running.has(leg)
  }

  of(leg: LegId): Recording | undefined {
    return this.#running.get(leg)
  }

  begin(leg: LegId, recording: Recording, deliver: () => Promise<void>): void {
    this.#running.set(leg, recording)
    const delivered = recording.done.then(deliver, () => {}).finally(() => this.#delivering.delete(delivered))
    this.#delivering.add(delivered)
  }

  /** Resolves when everything that was recorded is where it belongs. */
  async delivered(): Promise<void> {
    await Promise.all(this.#delivering)
  }
}

export const startCallRecording: Perform<'StartCallRecording'> = async ({ Track, Destination }, stage) => {
  const { control, means, leg, recordings, signal } = stage
  const [bucket = '', ...prefix] = Destination.Location.replace(/^s3:\/\//, '').split('/')
  if (!means.objects.has(bucket)) {
    const message = `no bucket "${bucket}" is configured`
    return { ...failed('NoAccessToDestination', message), results: { Error: `NoAccessToDestination: ${message}` } }
  }
  const track = tracks[Track]
  if (track === undefined) return invalid('Track is BOTH, INCOMING or OUTGOING')
  if (recordings.has(leg.id)) return invalid('the call leg is or was being recorded')
  await answer(stage)
  const key = keyOf(prefix.join('/'), control.id, leg.id, means.clock.now())
  const scratch = await beginScratch(means, bucket, key)
  const { file } = scratch
  if (signal.aborted) {
    await drop(file)
    return cutOff(stage)
  }
  const recording = control.media(leg.id).record({ track, file })
  recordings.begin(leg.id, recording, () =>
    store(means.objects, scratch).catch((error: unknown) => keep(stage, scratch, error)),
  )
  recording.done.catch((error: unknown) => keep(stage, scratch, error))
  return {
    type: 'done',
    results: { CallRecordingDestination: { Type: 'S3', Location: `${bucket}/${key}` } },
  }
}

export const stopCallRecording: Perform<'StopCallRecording'> = change((recording) => void recording.stop())
export const pauseCallRecording: Perform<'PauseCallRecording'> = change((recording) => recording.pause())
export const resumeCallRecording: Perform<'ResumeCallRecording'> = change((recording) => recording.resume())

function change(verb: (recording: Recording) => void) {
  return async (_: unknown, { recordings, leg }: Stage) => {
    const recording = recordings.of(leg.id)
    if (recording === undefined) return invalid('the call leg is not being recorded')
    verb(recording)
    return done
  }
}
