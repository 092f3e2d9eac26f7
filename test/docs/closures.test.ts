import { describe, expect, it } from 'vitest'
import { textOf } from './source.ts'

const usual = 'test/call/closures.test.ts'

/** Names of a file's tests and of their groups. */
function titlesOf(file: string): readonly string[] {
  return [...textOf(file).matchAll(/^\s*(?:test|it|describe)(?:\.\w+)*\(\s*'((?:\\.|[^'\\])*)'/gm)].map(
    ([, title]) => title!,
  )
}

type Claim = Readonly<{ file: string; title: string }>

/** The last cell of each row of the tables that end with a column of tests. */
function claims(): readonly Claim[] {
  const tables = textOf('docs/closures.md').match(/(?:^\|.*\|\n)+/gm) ?? []
  return tables
    .filter((table) => /\| Tests? \|\n/.test(table))
    .flatMap((table) => table.trimEnd().split('\n').slice(2))
    .map((row) => row.split(' | ').at(-1)!.replace(/ \|$/, ''))
    .map((cell) => {
      const [, file = usual, title = ''] = /^(?:`([^`]+)`(?:: )?)?(.*)$/.exec(cell)!
      return { file, title: title.replaceAll('…', '').trim() }
    })
}

describe('docs/closures.md', () => {
  it('names a test for each line', () => {
    expect(claims().length).toBeGreaterThan(15)
    expect(claims().filter(({ file, title }) => file === usual && title === '')).toEqual([])
  })

  it.each(claims())('names one that stands: $file: $title', ({ file, title }) => {
    expect(titlesOf(file).some((one) => one.includes(title))).toBe(true)
  })
})
