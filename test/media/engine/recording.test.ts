import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { tonePower } from '../../../src/media/audio/goertzel.ts'
import { readWav } from '../../../src/media/audio/wav.ts'
import { agreement, mediaForTest, pair, share, sleepFor, until } from '../far-end.ts'

const folder = mkdtempSync(join(tmpdir(), 'onhook-recording-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newFile = () => join(folder, `${++files}.wav`)

function soundOf(file: string): Int16Array {
  const { rate, pieces } = readWav(readFileSync(file))
  expect(rate).toBe(8000)
  return Int16Array.from([...pieces].flatMap((piece) => [...piece].map((sample) => sample * 32_768)))
}
const tone = (frequency: number, milliseconds: number) => ({ type: 'tone', frequency, milliseconds }) as const

describe('tracks', () => {
  test.each([
    ['in', 500, 1300],
    ['out', 1300, 500],
  ] as const)('%s has one side', async (track, there, not) => {
    const [near, far] = await pair(mediaForTest())
    const file = newFile()
    const recording = near.record({ track, file })
    await Promise.all([far.play(tone(500, 600)), near.play(tone(1300, 600))])
    const recorded = await recording.stop()
    expect(recorded).toMatchObject({ reason: 'stopped', file })
    expect(recorded.milliseconds).toBeGreaterThanOrEqual(550)
    const sound = soundOf(file)
    expect(recorded.bytes).toBe(44 + sound.length * 2)
    expect(recorded.milliseconds).toBe(Math.round(sound.length / 8))
    expect(share(sound, there)).toBeGreaterThan(0.7)
    expect(share(sound, not)).toBeLessThan(0.05)
  })

  test('both has both, and a connected session is heard in it as well', async () => {
    const media = mediaForTest()
    const near = await media.session()
    const other = await media.session()
    const caller = await media.session()
    const callee = await media.session()
    for (const [one, its] of [
      [near, caller],
      [other, callee],
    ] as const) {
      one.setRemote(agreement(its.localPort))
      its.setRemote(agreement(one.localPort))
    }
    near.connect(other)
    const file = newFile()
    const recording = near.record({ track: 'both', file })
    await Promise.all([caller.play(tone(500, 600)), callee.play(tone(1300, 600))])
    await recording.stop()
    const sound = soundOf(file)
    expect(share(sound, 500)).toBeGreaterThan(0.3)
    expect(share(sound, 1300)).toBeGreaterThan(0.3)
  })

  test('a muted far end is silence', async () => {
    const [near, far] = await pair(mediaForTest())
    near.mute(true)
    const file = newFile()
    const recording = near.record({ track: 'in', file })
    await far.play(tone(500, 300))
    await recording.stop()
    expect(Math.max(...soundOf(file).map(Math.abs))).toBeLessThan(10)
  })
})

test('several at once, each with its own pauses and its own end', async () => {
  const [near, far] = await pair(mediaForTest())
  const [whole, paused, short] = [newFile(), newFile(), newFile()]
  const recordings = [
    near.record({ track: 'in', file: whole }),
    near.record({ track: 'in', file: paused }),
    near.record({ track: 'in', file: short, limit: 200 }),
  ] as const
  recordings[1].pause()
  await far.play(tone(500, 400))
  recordings[1].resume()
  await far.play(tone(900, 400))
  expect(await recordings[2].done).toEqual({ reason: 'limit', file: short, milliseconds: 200, bytes: 44 + 3200 })
  const [first, second] = await Promise.all([recordings[0].stop(), recordings[1].stop()])
  expect(first.milliseconds).toBeGreaterThan(second.milliseconds + 300)
  expect(tonePower(soundOf(whole), 500)).toBeGreaterThan(0.001)
  // What was on its way when it went on is the end of what was said before.
  expect(share(soundOf(paused).slice(800), 900)).toBeGreaterThan(0.7)
  expect(await recordings[0].stop()).toBe(await recordings[0].done)
})

test('it ends when the far end falls silent', async () => {
  const [near, far] = await pair(mediaForTest())
  const recording = near.record({ track: 'both', file: newFile(), silence: { milliseconds: 500, threshold: 200 } })
  await far.play(tone(500, 300))
  const { reason, milliseconds } = await recording.done
  expect(reason).toBe('silence')
  expect(milliseconds).toBeGreaterThanOrEqual(750)
})

describe('the end of the session', () => {
  test('is the end of its recordings: whole files, closed', async () => {
    const [near, far] = await pair(mediaForTest())
    const recordings = [newFile(), newFile()].map((file) => near.record({ track: 'in', file }))
    await far.play(tone(500, 300))
    near.close()
    for (const { done } of recordings) {
      const { reason, file, bytes } = await done
      expect(reason).toBe('ended')
      expect(readFileSync(file)).toHaveLength(bytes)
      expect(share(soundOf(file), 500)).toBeGreaterThan(0.7)
    }
    await near.closed
    const after = newFile()
    expect(await near.record({ track: 'in', file: after }).done).toMatchObject({ reason: 'ended', bytes: 0 })
    expect(existsSync(after)).toBe(false)
  })

  test('is the same when the engine is closed', async () => {
    const media = mediaForTest({})
    const session = await media.session()
    const recording = session.record({ track: 'both', file: newFile() })
    await sleepFor(100)
    await media.close()
    const { reason, file, bytes } = await recording.done
    expect(reason).toBe('ended')
    expect(readFileSync(file)).toHaveLength(bytes)
  })
})

describe('a file that cannot be written', () => {
  test.runIf(existsSync('/dev/full'))('fails the recording, and nothing else: a full disk', async () => {
    const [near, far] = await pair(mediaForTest())
    const recording = near.record({ track: 'in', file: '/dev/full' })
    expect(await far.play(tone(500, 100))).toBe('finished')
    await expect(recording.done).rejects.toMatchObject({ code: 'media.record-failed', message: /ENOSPC/ })
    expect(await far.play(tone(500, 100))).toBe('finished')
    await expect(recording.stop()).rejects.toMatchObject({ code: 'media.record-failed' })
  })

  test('fails the recording: a path that is not absolute', async () => {
    const [near] = await pair(mediaForTest())
    await expect(near.record({ track: 'in', file: 'here.wav' }).done).rejects.toMatchObject({
      code: 'media.record-failed',
    })
  })

  test('fails the second of two recordings in one file; later the file is free again', async () => {
    const [near] = await pair(mediaForTest())
    const file = newFile()
    const first = near.record({ track: 'in', file })
    const second = near.record({ track: 'in', file: `${folder}/./${files}.wav` })
    await expect(second.done).rejects.toMatchObject({ code: 'media.record-failed' })
    await first.stop()
    const third = near.record({ track: 'in', file })
    expect(await third.stop()).toMatchObject({ reason: 'stopped' })
  })

  test('nobody who asks: no unhandled rejection', async () => {
    const [near] = await pair(mediaForTest())
    const unhandled: unknown[] = []
    const hear = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', hear)
    near.record({ track: 'in', file: 'here.wav' })
    await near.stats()
    await sleepFor(50)
    process.off('unhandledRejection', hear)
    expect(unhandled).toEqual([])
  })
})

const program = `
  const { createMedia } = await import(process.argv[1])
  const media = createMedia({ address: '127.0.0.1' })
  const session = await media.session()
  const peer = await media.session()
  const agreed = (port) => ({ codec: 'PCMU', payloadType: 0, dtmfPayloadType: 101, address: '127.0.0.1', port,
    rtcpAddress: '127.0.0.1', rtcpPort: port + 1, direction: 'sendrecv', ptime: 20 })
  session.setRemote(agreed(peer.localPort))
  peer.setRemote(agreed(session.localPort))
  peer.play({ type: 'tone', frequency: 500, milliseconds: 60000 })
  session.record({ track: 'in', file: process.argv[2] })
  const begun = performance.now()
  await session.stats()
  setInterval(() => process.stdout.write(Math.round(performance.now() - begun) + '\\n'), 50)
`

test('after kill -9 the file is readable, and at most its last second is missing', async () => {
  const index = new URL('../../../src/media/index.ts', import.meta.url).href
  const file = newFile()
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '--eval', program, index, file])
  onTestFinished(() => void child.kill('SIGKILL'))
  let lived = 0
  child.stdout!.on('data', (text: Buffer) => {
    lived = Number(text.toString().trim().split('\n').at(-1))
  })
  await until(() => lived > 2500, 20_000)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const bytes = readFileSync(file)
  expect(bytes.readUInt32LE(40)).toBeLessThanOrEqual(bytes.length - 44)
  const said = bytes.readUInt32LE(40) / 16
  expect(said).toBeGreaterThanOrEqual(lived - 1000)
  expect(share(soundOf(file).subarray(800), 500)).toBeGreaterThan(0.7)
})
