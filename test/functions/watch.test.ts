/** In development, a changed file runs at the next event, and a mended one starts. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith, functionsOf } from './workbench.ts'

describe('a function that is watched', () => {
  it('runs a new text of its file', async () => {
    const folder = folderWith({ 'index.mjs': 'export const handler = () => 1' })
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.mjs') } }, { watch: true })
    expect(await invoke('it', {})).toMatchObject({ value: 1 })
    writeFileSync(join(folder, 'index.mjs'), 'export const handler = () => 2')
    await expect.poll(() => invoke('it', {}), { timeout: 10_000 }).toMatchObject({ value: 2 })
  })

  it('runs a new text of what it imports', async () => {
    const folder = folderWith({
      'index.cjs': 'const { n } = require("./n.json"); exports.handler = () => n',
      'n.json': '{"n":1}',
    })
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.cjs') } }, { watch: true })
    expect(await invoke('it', {})).toMatchObject({ value: 1 })
    writeFileSync(join(folder, 'n.json'), '{"n":2}')
    await expect.poll(() => invoke('it', {}), { timeout: 10_000 }).toMatchObject({ value: 2 })
  })

  it('starts when what was wrong with it is mended', async () => {
    const folder = folderWith({ 'index.mjs': 'export const handler = (' })
    const { invoke } = functionsOf({ it: { file: join(folder, 'index.mjs') } }, { watch: true })
    expect(await invoke('it', {})).toMatchObject({ ok: false, error: 'unreachable' })
    writeFileSync(join(folder, 'index.mjs'), 'export const handler = () => "mended"')
    await expect.poll(() => invoke('it', {}), { timeout: 10_000 }).toMatchObject({ value: 'mended' })
  })

  it('runs a new text of a Python file', async () => {
    const folder = folderWith({ 'app.py': 'def handler(event, context): return 1' })
    const { invoke } = functionsOf({ it: { file: join(folder, 'app.py') } }, { watch: true })
    expect(await invoke('it', {})).toMatchObject({ value: 1 })
    writeFileSync(join(folder, 'app.py'), 'def handler(event, context): return 22')
    await expect.poll(() => invoke('it', {}), { timeout: 10_000 }).toMatchObject({ value: 22 })
  })
})
