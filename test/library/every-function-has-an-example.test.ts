import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as matrix from '../../src/dialects/matrix/index.ts'
import * as whatsapp from '../../src/dialects/whatsapp/index.ts'
import * as onhook from '../../src/index.ts'

const source = resolve(import.meta.dirname, '../../src')

const texts = (folder: string) =>
  readdirSync(resolve(source, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(resolve(source, folder, name), 'utf8'))
    .join('\n')

// The examples themselves are run by documented-examples-hold.
describe.each([
  ['onhook', onhook, ['.', 'dialects', 'call']],
  ['onhook/dialects/matrix', matrix, ['dialects/matrix']],
  ['onhook/dialects/whatsapp', whatsapp, ['dialects/whatsapp']],
] as const)('%s', (_, face, folders) => {
  const text = folders.map(texts).join('\n')
  const functions = Object.entries(face).filter(([name, value]) => typeof value === 'function' || name === 'codec')

  test.each(functions.map(([name]) => name))('%s is documented, with an example', (name) => {
    const [before = ''] = text.split(new RegExp(`\\nexport (?:function|const) ${name}\\b`))
    const doc = before.slice(before.lastIndexOf('/**'))
    expect(doc).toMatch(/\*\/$/)
    expect(doc).toContain('@example')
  })
})
