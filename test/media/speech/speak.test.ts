import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findOnPath, type Program, programs } from '../../../src/media/speech/programs.ts'
import { speak } from '../../../src/media/speech/speak.ts'
import { speakerFor } from '../../../src/media/speech/voices.ts'
import { decodeAudio } from '../../../src/media/studio/decode.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const espeak = programs.find(({ name }) => name === 'espeak-ng')!
const flite = programs.find(({ name }) => name === 'flite')!

/** A stand-in for a speech program: a few lines run by this Node. `input` is what it is given. */
function standIn(lines: string): string {
  const folder = temporaryFolder()
  const path = join(folder, 'program')
  writeFileSync(path, `#!${process.execPath}\n(async () => {${lines}\n})()`)
  chmodSync(path, 0o755)
  return path
}
const readAll = 'let input = ""; for await (const chunk of process.stdin) input += chunk;'

const say = (path: string, text: string, more: { program?: Program; timeout?: number; signal?: AbortSignal } = {}) =>
  speak({
    program: espeak,
    path,
    speaker: speakerFor('MAN', 'en-US'),
    text,
    timeout: 5000,
    signal: new AbortController().signal,
    ...more,
  })

test('the text goes in by standard input, whole and unharmed; sound comes out', async () => {
  const path = standIn(`${readAll} process.stdout.write(JSON.stringify([process.argv.slice(2), input]))`)
  const text = 'Grüße, "you" & $(me) `ls`; -v \n\u0000\u0007end'
  expect(JSON.parse(Buffer.from(await say(path, text)).toString())).toEqual([
    ['-v', 'en-us+m3', '-b', '1', '--stdin', '--stdout'],
    'Grüße, "you" & $(me) `ls`; -v \n  end',
  ])
})

test("the program's own commands in a text are defused", async () => {
  const path = standIn(`${readAll} process.stdout.write(input)`)
  expect(Buffer.from(await say(path, 'a [[h@l0U]] b')).toString()).toBe('a [ [h@l0U]] b')
})

test('a program that writes a file is read, and the file is gone afterwards', async () => {
  const path = standIn(`${readAll} const fs = await import("node:fs"); const file = process.argv.at(-1);
    fs.writeFileSync(file, file + " " + input)`)
  const [file, words] = Buffer.from(await say(path, 'hello', { program: flite }))
    .toString()
    .split(' ')
  expect(words).toBe('hello')
  expect(existsSync(file!)).toBe(false)
})

describe('what goes wrong is media.speech-failed', () => {
  const failures: Record<string, [string, RegExp, Program?]> = {
    'it fails': ['process.stderr.write("no such voice"); process.exitCode = 3', /left with 3: no such voice/],
    'it never ends': ['setInterval(() => {}, 1000)', /killed after 300 ms/],
    'it never ends and holds on to life': [
      'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)',
      /killed after 300 ms/,
    ],
    'it crashes': ['process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)', /died of SIGSEGV/],
    'it leaves before it is told anything': ['process.exit(1)', /left with 1/],
    'it writes no file': ['', /wrote nothing/, flite],
  }

  test.each(Object.entries(failures))('%s', async (_, [lines, message, program = espeak]) => {
    const text = 'hello '.repeat(50_000)
    const timeout = message.source.includes('killed') ? 300 : 10_000
    await expect(say(standIn(lines), text, { program, timeout })).rejects.toMatchObject({
      code: 'media.speech-failed',
      message: expect.stringMatching(message),
    })
  })

  test('it is not there', async () => {
    await expect(say('/nowhere/espeak-ng', 'x')).rejects.toMatchObject({ code: 'media.speech-failed' })
  })

  test('it never stops talking', async () => {
    const path = standIn(
      'const more = () => { while (process.stdout.write(Buffer.alloc(1 << 20))); process.stdout.once("drain", more) }; more()',
    )
    await expect(say(path, 'x', { timeout: 15_000 })).rejects.toMatchObject({
      message: expect.stringMatching(/too much/),
    })
  })
})

test('a signal kills it', async () => {
  const mark = join(temporaryFolder(), 'pid')
  const path = standIn(
    `(await import("node:fs")).writeFileSync(${JSON.stringify(mark)}, String(process.pid)); setInterval(() => {}, 1000)`,
  )
  const abort = new AbortController()
  const saying = say(path, 'x', { signal: abort.signal })
  saying.catch(() => {})
  await expect.poll(() => existsSync(mark) && readFileSync(mark, 'utf8') !== '').toBe(true)
  abort.abort()
  await expect(saying).rejects.toMatchObject({ code: 'media.speech-failed' })
  const pid = Number(readFileSync(mark, 'utf8'))
  await expect.poll(() => isAlive(pid)).toBe(false)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.each(programs)('$name, where it is installed', (program) => {
  const path = findOnPath(program.name)
  test.skipIf(path === null)('speaks', async () => {
    const wav = await say(path!, 'Hello, this is a test.', { program, timeout: 15_000 })
    const clip = await decodeAudio(wav)
    expect(clip.PCMU.length / 8000).toBeGreaterThan(0.5)
    expect(clip.PCMU.length / 8000).toBeLessThan(5)
  })
})
