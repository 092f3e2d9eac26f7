/** What no bucket takes stays for the next start; what one takes is brought once. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { beginScratch, bringLeft, leftIn } from '../../../src/platforms/chime/actions/scratch.ts'

test('each recording goes to its bucket; one whose bucket refuses, or without a readable note, stays', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'onhook-scratch-'))
  onTestFinished(() => rm(scratch, { recursive: true }))
  const taken = await beginScratch({ scratch }, 'good', 'a/b.wav')
  const refused = await beginScratch({ scratch }, 'full', 'c.wav')
  await beginScratch({ scratch }, 'good', 'never-begun.wav')
  await writeFile(taken.file, 'sound')
  await writeFile(refused.file, 'sound')
  await writeFile(join(scratch, 'torn.wav'), 'sound')
  await writeFile(join(scratch, 'torn.json'), '{"buck')
  const written: string[] = []
  const objects = {
    has: () => true,
    read: async () => new Uint8Array(),
    write: async (bucket: string, key: string, body: Uint8Array) => {
      if (bucket === 'full') throw new Error('no space')
      written.push(`${bucket}/${key} ${new TextDecoder().decode(body)}`)
    },
  }
  const brought = await bringLeft(await leftIn(scratch), objects)
  expect(brought.delivered).toEqual(['good/a/b.wav'])
  expect([...brought.kept].sort()).toEqual([refused.file, join(scratch, 'torn.wav')].sort())
  await bringLeft(await leftIn(scratch), objects)
  expect(written).toEqual(['good/a/b.wav sound'])
  expect((await readdir(scratch)).filter((name) => name.endsWith('.wav'))).toHaveLength(2)
  expect(await leftIn(join(scratch, 'not-there'))).toEqual([])
})
