/** Nothing is lost: a recording whose bucket refuses it is kept, and tried again until the bucket takes it. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { KeptRecordings } from '../../../src/platforms/chime/actions/kept.ts'
import { beginScratch, store } from '../../../src/platforms/chime/actions/scratch.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

async function workbench() {
  const scratch = await mkdtemp(join(tmpdir(), 'onhook-scratch-'))
  onTestFinished(() => rm(scratch, { recursive: true }))
  const clock = new VirtualClock(0)
  const tried: number[] = []
  const written: string[] = []
  const bucket = { refuses: true }
  const objects = {
    has: () => true,
    read: async () => new Uint8Array(),
    write: async (name: string, key: string, body: Uint8Array) => {
      tried.push(clock.now())
      if (bucket.refuses) throw new Error('no space')
      written.push(`${name}/${key} ${new TextDecoder().decode(body)}`)
    },
  }
  const told: string[][] = []
  const kept = new KeptRecordings(clock, objects, ({ delivered }) => void told.push([...delivered]))
  const pass = async (milliseconds: number) => {
    await clock.pass(milliseconds)
    // The disk is real.
    const before = told.length
    for (let turn = 0; turn < 50 && told.length === before; turn++) await new Promise((wait) => setTimeout(wait, 2))
  }
  const one = await beginScratch({ scratch }, 'bucket', 'a.wav')
  await writeFile(one.file, 'sound')
  return { scratch, clock, tried, written, bucket, objects, told, kept, pass, one }
}

test('after 10 s, a minute, and every ten minutes; once it is taken nothing is left, and nothing is tried', async () => {
  const { objects, one, kept, pass, tried, bucket, written, told, scratch, clock } = await workbench()
  await expect(store(objects, one)).rejects.toThrow('no space')
  kept.add(one.file)
  await pass(10_000)
  await pass(60_000)
  await pass(600_000)
  bucket.refuses = false
  await pass(600_000)
  expect(tried).toEqual([0, 10_000, 70_000, 670_000, 1_270_000])
  expect(written).toEqual(['bucket/a.wav sound'])
  expect(told).toEqual([[], [], [], ['bucket/a.wav']])
  expect(await readdir(scratch)).toEqual([])
  expect(clock.armed).toBe(0)
})

test('a process that closes tries no more, and what is kept stays', async () => {
  const { one, kept, clock, scratch, tried } = await workbench()
  kept.add(one.file)
  await kept.close()
  expect(clock.armed).toBe(0)
  await clock.pass(1_000_000)
  expect(tried).toEqual([])
  expect((await readdir(scratch)).length).toBe(2)
})
