import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createObjects, type Objects } from '../../src/objects/objects.ts'

let top: string
let folder: string
let objects: Objects
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'onhook-objects-'))
  folder = join(top, 'bucket')
  mkdirSync(folder)
  writeFileSync(join(top, 'secret'), 'not for handlers')
  mkdirSync(join(top, 'outside'))
  objects = createObjects({ prompts: { kind: 'folder', folder } })
  onTestFinished(() => rmSync(top, { recursive: true }))
})

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (body: Uint8Array) => new TextDecoder().decode(body)

describe('a bucket that is a folder', () => {
  it('gives what was put, under keys of several steps', async () => {
    await objects.write('prompts', 'a/b/c d.wav', bytes('one'))
    await objects.write('prompts', 'a/b/c d.wav', bytes('two'))
    expect(text(await objects.read('prompts', 'a/b/c d.wav'))).toBe('two')
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c d.wav'])
  })

  it('says what is not there', async () => {
    await expect(objects.read('prompts', 'nothing')).rejects.toMatchObject({ code: 'objects.not-found' })
    mkdirSync(join(folder, 'sub'))
    await expect(objects.read('prompts', 'sub')).rejects.toMatchObject({ code: 'objects.not-found' })
    await expect(objects.read('other', 'x')).rejects.toMatchObject({ code: 'objects.no-bucket' })
    await expect(objects.write('other', 'x', bytes(''))).rejects.toMatchObject({ code: 'objects.no-bucket' })
  })

  it('leaves nothing half written', async () => {
    mkdirSync(join(folder, 'taken'))
    await expect(objects.write('prompts', 'taken', bytes('x'))).rejects.toMatchObject({
      code: expect.stringMatching(/^objects\./),
    })
    expect(readdirSync(folder)).toEqual(['taken'])
  })
})

describe('no key leads out of it', () => {
  const ways = ['../secret', 'a/../../secret', '/etc/passwd', '..', '', '.', 'a/', '..\\secret', 'a\0b', './x']
  it.each(ways)('%j', async (key) => {
    await expect(objects.read('prompts', key)).rejects.toMatchObject({ code: 'objects.denied' })
    await expect(objects.write('prompts', key, bytes('x'))).rejects.toMatchObject({ code: 'objects.denied' })
  })

  it('by a link to a file', async () => {
    symlinkSync(join(top, 'secret'), join(folder, 'link'))
    await expect(objects.read('prompts', 'link')).rejects.toMatchObject({ code: 'objects.denied' })
    // What is written replaces the link, and leaves alone what it led to.
    await objects.write('prompts', 'link', bytes('mine'))
    expect(readFileSync(join(top, 'secret'), 'utf8')).toBe('not for handlers')
    expect(text(await objects.read('prompts', 'link'))).toBe('mine')
  })

  it('by a link to a folder, also to one that is not there', async () => {
    symlinkSync(join(top, 'outside'), join(folder, 'out'))
    symlinkSync(join(top, 'nowhere'), join(folder, 'lost'))
    for (const key of ['out/x', 'out/sub/x', 'lost/x']) {
      await expect(objects.write('prompts', key, bytes('x'))).rejects.toThrow()
    }
    expect(readdirSync(join(top, 'outside'))).toEqual([])
    expect(existsSync(join(top, 'nowhere'))).toBe(false)
  })

  it('a link that stays inside is followed', async () => {
    writeFileSync(join(folder, 'real'), 'here')
    symlinkSync(join(folder, 'real'), join(folder, 'alias'))
    expect(text(await objects.read('prompts', 'alias'))).toBe('here')
  })

  it('whatever it is made of', async () => {
    const step = fc.constantFrom('..', '.', '', 'a', '/', '\\', 'secret', '%2e%2e', '~', '\0')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        await objects.write('prompts', steps.join('/'), bytes('x')).catch(() => {})
        const read = await objects.read('prompts', steps.join('/')).catch(() => undefined)
        if (read !== undefined) expect(text(read)).toBe('x')
        expect(readdirSync(top).sort()).toEqual(['bucket', 'outside', 'secret'])
        expect(readFileSync(join(top, 'secret'), 'utf8')).toBe('not for handlers')
      }),
      { numRuns: 100 },
    )
  })
})
