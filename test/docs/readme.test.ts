import { describe, expect, it } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { version } from '../../src/version.ts'
import { blocksOf, pages } from './pages.ts'
import { textOf } from './source.ts'

const { scripts, version: packaged } = JSON.parse(textOf('package.json')) as {
  scripts: Record<string, string>
  version: string
}

const lines = pages
  .flatMap((page) => blocksOf(page))
  .filter(({ language }) => language === 'sh' || language === 'console')
  .flatMap(({ page, text }) => text.split('\n').map((line) => ({ page, line })))

/** What npm does by itself. */
const npm = ['ci', 'install', 'pack']

describe('the commands that the pages show', () => {
  it('are commands of onhook', () => {
    const used = lines.flatMap(({ page, line }) =>
      [...line.matchAll(/\bonhook (?:-- )?([a-z][a-z-]*)/g)].map(([, name]) => ({ page, name: name! })),
    )
    expect(used.length).toBeGreaterThan(10)
    expect(used.filter(({ name }) => name !== 'help' && !Object.hasOwn(commands, name))).toEqual([])
  })

  it('are scripts of the package', () => {
    const used = lines.flatMap(({ page, line }) =>
      [...line.matchAll(/\bnpm (?:run (?:-s )?)?([a-z][a-z:-]*)/g)].map(([, name]) => ({ page, name: name! })),
    )
    expect(used.length).toBeGreaterThan(10)
    expect(used.filter(({ name }) => !npm.includes(name) && !Object.hasOwn(scripts, name))).toEqual([])
  })

  it('begin with the whole set-up', () => {
    const readme = textOf('README.md')
    expect(['npm ci && npm run demo', 'npm ci && npm test'].filter((line) => !readme.includes(line))).toEqual([])
  })
})

it('the version is that of the package', () => {
  expect(version).toBe(packaged)
})
