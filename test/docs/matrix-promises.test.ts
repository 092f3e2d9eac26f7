import { describe, expect, it } from 'vitest'
import { textOf } from './source.ts'

const rows = textOf('docs/dialects/matrix-promises.md')
  .split('\n')
  .filter((line) => /^\| (?!Promise )/.test(line))

const claims = rows.flatMap((row) =>
  row
    .split(' | ')
    .at(-1)!
    .replace(/ \|$/, '')
    .split(' · ')
    .map((claim) => {
      const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(claim) ?? []
      return { file: `test/${file}.test.ts`, title }
    }),
)

describe('docs/dialects/matrix-promises.md', () => {
  it('names a test for each promise', () => {
    expect(rows).toHaveLength(40)
    expect(claims.filter(({ title }) => title === '')).toEqual([])
  })

  it.each(claims)('names one that stands: $file: $title', ({ file, title }) => {
    expect(textOf(file)).toContain(title)
  })
})
