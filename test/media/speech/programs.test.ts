import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { findOnPath, findProgram, programs } from '../../../src/media/speech/programs.ts'

test('the best program that is there is taken', () => {
  const there = (...names: string[]) => findProgram((name) => (names.includes(name) ? `/bin/${name}` : null))
  expect(there('flite', 'espeak', 'espeak-ng')).toEqual({ name: 'espeak-ng', path: '/bin/espeak-ng' })
  expect(there('flite', 'espeak')).toEqual({ name: 'espeak', path: '/bin/espeak' })
  expect(there('flite')).toEqual({ name: 'flite', path: '/bin/flite' })
  expect(there()).toBeNull()
})

test('every program is asked for once at most', () => {
  const asked: string[] = []
  findProgram((name) => {
    asked.push(name)
    return null
  })
  expect(asked).toEqual(programs.map(({ name }) => name))
})

test('only an executable on PATH is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'onhook-path-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
    vi.unstubAllEnvs()
  })
  writeFileSync(join(folder, 'espeak-ng'), '')
  vi.stubEnv('PATH', `:/nowhere:${folder}`)
  expect(findOnPath('espeak-ng')).toBeNull()
  chmodSync(join(folder, 'espeak-ng'), 0o755)
  expect(findOnPath('espeak-ng')).toBe(join(folder, 'espeak-ng'))
})
