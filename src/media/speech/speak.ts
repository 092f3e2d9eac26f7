import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MediaError } from '../error.ts'
import type { Program } from './programs.ts'
import type { Speaker } from './voices.ts'

export type Utterance = Readonly<{
  program: Program
  path: string
  speaker: Speaker
  text: string
  /** Milliseconds. */
  timeout: number
  /** Kills the program. */
  signal: AbortSignal
}>

/** Bytes of sound that one utterance may be: more than ten minutes at 22,050 Hz. */
const longestSound = 32 * 1024 * 1024
/** Characters of the program's complaint that are passed on. */
const longestComplaint = 200

/**
 * Runs the program once; the file, if there is one, is gone afterwards.
 * @returns WAV
 * @throws MediaError `media.speech-failed`
 */
export async function speak(utterance: Utterance): Promise<Uint8Array> {
  if (utterance.program.output === 'stdout') return run(utterance, '')
  const folder = await mkdtemp(join(tmpdir(), 'onhook-speech-'))
  try {
    const file = join(folder, 'speech.wav')
    await run(utterance, file)
    return await readFile(file).catch((error: Error) => {
      throw new MediaError('media.speech-failed', `${utterance.program.name} wrote nothing`, { cause: error })
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run({ program, path, speaker, text, timeout, signal }: Utterance, file: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // A NUL would end an argument, and other controls are nothing to say.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    const plain = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ')
    const words = program.defuse === undefined ? plain : program.defuse(plain)
    const child = spawn(path, program.arguments(speaker, file, words), {
      shell: false,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout,
      killSignal: 'SIGKILL',
      signal,
      windowsHide: true,
    })
    const chunks: Buffer[] = []
    let length = 0
    let complaint = ''
    const failed = (why: string, cause?: Error): void =>
      reject(new MediaError('media.speech-failed', `${program.name} ${why}`, cause === undefined ? {} : { cause }))
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > longestSound) {
        child.kill('SIGKILL')
        failed('said too much')
      } else chunks.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(0, longestComplaint)
    })
    // A program that leaves without reading is told by its exit code.
    child.stdin.on('error', () => {})
    child.on('error', (error) => failed(signal.aborted ? 'was stopped' : `could not be run: ${error.message}`, error))
    child.on('close', (code, killed) => {
      if (code === 0) resolve(Buffer.concat(chunks, length))
      else if (killed === 'SIGKILL') failed(`was killed after ${timeout} ms`)
      else if (killed !== null) failed(`died of ${killed}`)
      else failed(`left with ${code}: ${complaint.trim()}`)
    })
    child.stdin.end(program.input === 'stdin' ? words : '')
  })
}
