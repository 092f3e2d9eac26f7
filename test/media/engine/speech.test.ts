import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loudness, toneShare } from '../../../src/media/audio/goertzel.ts'
import { writeWav } from '../../../src/media/audio/wav.ts'
import type { MediaWarning } from '../../../src/media/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { agreement, FarEnd, mediaForTest, pair, until } from '../far-end.ts'

/** A speech program that says 200 ms of 700 Hz, and leaves a mark for every time it is run. */
function program(lines = ''): { find(name: string): string | null; runs(): number } {
  const folder = temporaryFolder()
  const tone = Int16Array.from({ length: 1600 }, (_, n) => 8000 * Math.sin((2 * Math.PI * 700 * n) / 8000))
  writeFileSync(join(folder, 'tone.wav'), writeWav(tone, 8000))
  const path = join(folder, 'espeak')
  writeFileSync(path, `#!/bin/sh\ncat > /dev/null\nprintf x > "${folder}/run-$$"\n${lines}\ncat "${folder}/tone.wav"\n`)
  chmodSync(path, 0o755)
  return {
    find: (name) => (name === 'espeak' ? path : null),
    runs: () => readdirSync(folder).filter((name) => name.startsWith('run-')).length,
  }
}

test('speech is heard, and made once for the same words', async () => {
  const speech = program()
  const media = mediaForTest({ speech })
  const session = await media.session()
  const far = await FarEnd.open()
  session.setRemote(agreement(far.port))
  expect(await session.play({ type: 'speech', text: 'hello' })).toBe('finished')
  expect(toneShare(await far.soundOf(200), 700)).toBeGreaterThan(0.95)
  expect(await session.play({ type: 'speech', text: 'hello', voice: 'WOMAN' })).toBe('finished')
  expect(speech.runs()).toBe(1)
  await session.play({ type: 'speech', text: 'hello', voice: 'MAN' })
  await session.play({ type: 'speech', text: 'good bye' })
  expect(speech.runs()).toBe(3)
})

test('the same words asked for at the same moment are made once', async () => {
  const speech = program('sleep 0.2')
  const [a, b] = await pair(mediaForTest({ speech }))
  const prompt = { type: 'speech', text: 'hello' } as const
  expect(await Promise.all([a.play(prompt), b.play(prompt)])).toEqual(['finished', 'finished'])
  expect(speech.runs()).toBe(1)
})

test('stopping while it is being made settles at once, and a waiting other one is still served', async () => {
  const speech = program('sleep 0.5')
  const [a, b] = await pair(mediaForTest({ speech }))
  const prompt = { type: 'speech', text: 'hello' } as const
  const first = a.play(prompt)
  const second = b.play(prompt)
  await until(() => speech.runs() === 1)
  a.stop()
  expect(await first).toBe('stopped')
  expect(await second).toBe('finished')
})

test('words said to nobody any more can be said again', async () => {
  const speech = program('sleep 0.3')
  const [a] = await pair(mediaForTest({ speech }))
  const prompt = { type: 'speech', text: 'hello' } as const
  const first = a.play(prompt)
  await until(() => speech.runs() === 1)
  a.stop()
  expect(await first).toBe('stopped')
  expect(await a.play(prompt)).toBe('finished')
  expect(speech.runs()).toBe(2)
})

test('nothing to say is said at once', async () => {
  const speech = program()
  const [a] = await pair(mediaForTest({ speech }))
  expect(await a.play({ type: 'speech', text: '  ' })).toBe('finished')
  expect(speech.runs()).toBe(0)
})

test('a program that fails is media.speech-failed', async () => {
  const [a] = await pair(mediaForTest({ speech: program('exit 4') }))
  await expect(a.play({ type: 'speech', text: 'x' })).rejects.toMatchObject({ code: 'media.speech-failed' })
})

test('a program that writes no sound is media.speech-failed', async () => {
  const [a] = await pair(mediaForTest({ speech: program('echo text; exit 0') }))
  await expect(a.play({ type: 'speech', text: 'x' })).rejects.toMatchObject({ code: 'media.speech-failed' })
})

describe('without any program', () => {
  test('tones of the estimated length stand for speech, and one warning says so', async () => {
    const warnings: MediaWarning[] = []
    const media = mediaForTest({ speech: { find: () => null }, warn: (warning) => warnings.push(warning) })
    const session = await media.session()
    const far = await FarEnd.open()
    session.setRemote(agreement(far.port))
    expect(await session.play({ type: 'speech', text: 'helloworld' })).toBe('finished')
    expect((await far.soundOf(650)).length / 8).toBe(660)
    expect(loudness(far.sound())).toBeGreaterThan(1000)
    expect(await session.play({ type: 'speech', text: 'again' })).toBe('finished')
    expect(warnings.map(({ code }) => code)).toEqual(['media.no-speech-program'])
  })
})
