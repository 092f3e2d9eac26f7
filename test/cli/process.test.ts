import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url))
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onhook-bin-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function started(file: string, ...args: string[]) {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const [code] = await once(child, 'close')
  return { code, out, err }
}

it('runs as a program, and through the link that npm makes', async () => {
  const link = join(folder, 'onhook')
  symlinkSync(bin, link)
  for (const file of [main, bin, link]) {
    expect(await started(file, 'version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^onhook \d+\.\d+\.\d+/),
    })
  }
})

it('says which Node it needs, and reads nothing that an older one cannot', async () => {
  const older = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})`
  expect(await started('--import', older, bin, 'version')).toEqual({
    code: 1,
    out: '',
    err: 'onhook: it needs Node 24 or later, and this is 20.20.2; see https://nodejs.org\n',
  })
  expect(readFileSync(bin, 'utf8')).not.toMatch(/^import /m)
})

it('gives its exit code to the shell', async () => {
  expect(await started(main, 'nonsense')).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('there is no command'),
  })
  expect(await started(main, 'calls', '--url', 'http://127.0.0.1:9')).toMatchObject({ code: 1, out: '' })
})

it('a reader that leaves early is no failure', async () => {
  const child = spawn(process.execPath, [main, 'check-config', '--schema'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  let err = ''
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const [code] = await once(child, 'close')
  expect([code, err]).toEqual([0, ''])
})
