import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { causeNames } from '../../src/call/causes.ts'
import { dialectNames } from '../../src/call/ending.ts'
import { dialectTitles } from '../../src/dialects/words.ts'
import { causesPage } from '../../tools/generate-causes.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/causes.md'), 'utf8')

test('docs/causes.md is what the catalogue and the codecs say (node tools/generate-causes.ts)', () => {
  expect(page).toBe(causesPage())
})

test('it has every cause, and every pair of dialects', () => {
  for (const cause of causeNames) expect(page).toContain(`| \`${cause}\` |`)
  for (const from of dialectNames) {
    const section = page.split(`\n### From ${dialectTitles[from]}\n`)[1]?.split('\n### ')[0] ?? ''
    for (const to of dialectNames.filter((name) => name !== from)) expect(section).toContain(`| ${dialectTitles[to]} |`)
  }
})

test('it begins with one line a dialect, and each line has every cause counted', () => {
  const summary = page.split('\n## In short\n')[1]?.split('\n## ')[0] ?? ''
  const rows = summary.split('\n').filter((line) => line.startsWith('| '))
  const counted = rows.slice(2).map((row) => row.split(' | ').slice(1, 4).map(Number))
  expect(counted.length).toBeGreaterThanOrEqual(dialectNames.length)
  for (const numbers of counted) expect(numbers.reduce((sum, one) => sum + one, 0)).toBe(causeNames.length)
})
