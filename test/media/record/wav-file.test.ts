import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { WavFile } from '../../../src/media/record/wav-file.ts'
import { until } from '../far-end.ts'

const folder = mkdtempSync(join(tmpdir(), 'onhook-wav-'))
afterAll(() => rmSync(folder, { recursive: true }))

const samples = (length: number, start = 0) => Int16Array.from({ length }, (_, index) => start + index)

/** What the header says, against what is there. */
function measured(path: string) {
  const bytes = readFileSync(path)
  return { said: bytes.readUInt32LE(40), riff: bytes.readUInt32LE(4), there: bytes.length - 44, bytes }
}

test('holds what was appended, in order, with a right header; the folders are made, the old file is gone', async () => {
  const path = join(folder, 'deep/er/one.wav')
  const file = new WavFile(path)
  file.append(samples(5000))
  file.append(samples(1, 5000))
  file.append(samples(4999, 5001))
  file.close()
  expect(await file.done).toBe(44 + 20_000)
  const { said, riff, there, bytes } = measured(path)
  expect([said, riff, there]).toEqual([20_000, 20_036, 20_000])
  for (let index = 0; index < 10_000; index++) expect(bytes.readInt16LE(44 + 2 * index)).toBe(index)

  writeFileSync(path, 'x'.repeat(100_000))
  const again = new WavFile(path)
  again.close()
  expect(await again.done).toBe(44)
  expect(measured(path)).toMatchObject({ said: 0, riff: 36, there: 0 })
})

test('negative and extreme samples are kept', async () => {
  const path = join(folder, 'extreme.wav')
  const file = new WavFile(path)
  file.append(Int16Array.of(-32_768, -1, 0, 1, 32_767))
  file.close()
  await file.done
  const { bytes } = measured(path)
  expect([0, 1, 2, 3, 4].map((index) => bytes.readInt16LE(44 + 2 * index))).toEqual([-32_768, -1, 0, 1, 32_767])
})

test('while it grows, the header never says more than is there, and never less than all but the last portion', async () => {
  const path = join(folder, 'growing.wav')
  const file = new WavFile(path)
  for (let portion = 1; portion <= 20; portion++) {
    file.append(samples(1600))
    file.append(samples(1600))
    await until(() => existsSync(path) && statSync(path).size >= 44 + portion * 6400 - 6400)
    const { said, there } = measured(path)
    expect(said).toBeLessThanOrEqual(there)
  }
  await until(() => measured(path).said === 20 * 6400)
  file.close()
  await file.done
})

test('nobody else on the machine may read it, nor look into folders that were made for it', async () => {
  const path = join(folder, 'private/own.wav')
  const file = new WavFile(path)
  file.close()
  await file.done
  expect([statSync(path).mode & 0o777, statSync(join(folder, 'private')).mode & 0o777]).toEqual([0o600, 0o700])
})

describe('a file that cannot be', () => {
  test.each([
    ['a path that is not absolute', 'one.wav', /absolute/],
    ['a folder in its place', folder, /EISDIR/],
    ['a file in the place of its folder', join(folder, 'blocker/one.wav'), /ENOTDIR|EEXIST/],
    ['a name that no file system takes', join(folder, 'x'.repeat(300)), /ENAMETOOLONG/],
    ['a name with a zero in it', join(folder, 'a\0b'), /null bytes/],
  ])('%s is told', async (_, path, why) => {
    writeFileSync(join(folder, 'blocker'), '')
    const file = new WavFile(path)
    file.append(samples(100))
    await expect(file.done).rejects.toThrow(why)
    file.append(samples(100))
    file.close()
  })

  // Only Linux has a device that is always full.
  test.runIf(existsSync('/dev/full'))('a full disk is told', async () => {
    const file = new WavFile('/dev/full')
    file.append(samples(10_000))
    await expect(file.done).rejects.toThrow(/ENOSPC/)
  })

  test('a disk that takes nothing for a minute of sound is told at once, and nothing more is kept', async () => {
    const file = new WavFile(join(folder, 'slow.wav'))
    // Nothing is written before the event loop turns.
    for (let second = 0; second < 61; second++) file.append(samples(8000))
    await expect(file.done).rejects.toThrow(/too slow/)
  })
})
