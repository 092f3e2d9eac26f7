/** Sound files, made and judged by sox. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A WAV file of 8 kHz with one tone in it. */
export async function tone(file: string, { seconds, hertz }: { seconds: number; hertz: number }): Promise<string> {
  await run('sox', [
    '-n',
    '-r',
    '8000',
    '-c',
    '1',
    '-b',
    '16',
    file,
    'synth',
    `${seconds}`,
    'sine',
    `${hertz}`,
    'vol',
    '0.3',
  ])
  return file
}

export type Heard = Readonly<{ seconds: number /** 0 to 1: root mean square. */; loudness: number; hertz: number }>

/** What is in a file, silence at either end left out. */
export async function hear(file: string): Promise<Heard> {
  const trimmed = ['silence', '1', '0.05', '1%', 'reverse', 'silence', '1', '0.05', '1%', 'reverse']
  const { stderr } = await run('sox', [file, '-n', ...trimmed, 'stat'])
  const value = (name: string) => Number(new RegExp(`^${name}[^:]*:\\s*([\\d.]+)`, 'm').exec(stderr)?.[1] ?? 0)
  return {
    seconds: value('Length \\(seconds\\)'),
    loudness: value('RMS\\s+amplitude'),
    hertz: value('Rough\\s+frequency'),
  }
}
