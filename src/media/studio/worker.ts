/** The thread that turns prompts into clips: decoding and speech take their time, and must not take the senders'. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { Clip } from '../engine/clip.ts'
import { MediaError } from '../error.ts'
import { hum } from '../speech/placeholder.ts'
import { programs } from '../speech/programs.ts'
import { speak } from '../speech/speak.ts'
import { speakerFor } from '../speech/voices.ts'
import { ClipCache } from './cache.ts'
import { decodeAudio, makeClip } from './decode.ts'
import type { StudioReply, StudioRequest, StudioSettings } from './messages.ts'

const settings = workerData as StudioSettings
const port = parentPort!
const reply = (message: StudioReply): void => port.postMessage(message)
const cache = new ClipCache(settings.cacheBytes)

type Speech = StudioRequest & { type: 'speech' }

/** Jobs under way, and what stops them. */
const running = new Map<number, AbortController>()
/** Speech programs run side by side up to this many; the rest waits its turn. */
const mostPrograms = Math.max(2, availableParallelism())
let programsRunning = 0
const queue: (() => void)[] = []

async function turn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (programsRunning >= mostPrograms) await new Promise<void>((resolve) => queue.push(resolve))
  else programsRunning++
  try {
    signal.throwIfAborted()
    return await work()
  } finally {
    // The turn is handed on without being given back.
    const next = queue.shift()
    if (next === undefined) programsRunning--
    else next()
  }
}

async function makeAudio({ bytes }: StudioRequest & { type: 'audio' }, signal: AbortSignal): Promise<Clip> {
  const name = `audio ${createHash('sha256').update(bytes).digest('base64')}`
  const known = cache.get(name)
  if (known !== undefined) return known
  const clip = await decodeAudio(bytes, signal)
  cache.set(name, clip)
  return clip
}

async function makeSpeech(request: Speech, signal: AbortSignal): Promise<Clip> {
  const text = request.text.slice(0, settings.longestText)
  const speaker = speakerFor(request.voice ?? undefined, request.language ?? undefined)
  const name = `speech ${request.program?.path} ${speaker.gender} ${speaker.language} ${text}`
  const known = cache.get(name)
  if (known !== undefined) return known
  const clip = text.trim() === '' ? makeClip([], 0) : await utter(request, text, signal)
  cache.set(name, clip)
  return clip
}

async function utter({ program: found, voice, language }: Speech, text: string, signal: AbortSignal): Promise<Clip> {
  const program = programs.find(({ name }) => name === found?.name)
  if (found === null || program === undefined) {
    const samples = hum(text)
    return makeClip([samples], samples.length)
  }
  const speaker = speakerFor(voice ?? undefined, language ?? undefined)
  const { path } = found
  const wav = await turn(signal, () => speak({ program, path, speaker, text, timeout: settings.speechTimeout, signal }))
  try {
    return await decodeAudio(wav, signal)
  } catch (error) {
    throw new MediaError('media.speech-failed', `${found.name} made no sound`, { cause: error })
  }
}

async function work(request: StudioRequest & { job: number; type: 'audio' | 'speech' }): Promise<void> {
  const { job } = request
  const abort = new AbortController()
  running.set(job, abort)
  try {
    const clip =
      request.type === 'audio' ? await makeAudio(request, abort.signal) : await makeSpeech(request, abort.signal)
    if (!abort.signal.aborted) reply({ type: 'clip', job, clip })
  } catch (error) {
    const code = error instanceof MediaError ? error.code : 'media.unsupported'
    if (!abort.signal.aborted) reply({ type: 'failed', job, code, message: (error as Error).message })
  } finally {
    running.delete(job)
  }
}

port.on('message', (request: StudioRequest) => {
  switch (request.type) {
    case 'audio':
    case 'speech':
      return void work(request)
    case 'drop':
      return running.get(request.job)?.abort()
    case 'shutdown':
      for (const abort of running.values()) abort.abort()
      return port.close()
    default:
      return request satisfies never
  }
})
