import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorsOf, pages, proseOf } from './pages.ts'
import { root, textOf } from './source.ts'

type Link = Readonly<{ target: string; file: string; anchor: string }>

/** Links to other files and places of the repository; addresses on the web are not looked at. */
function linksOf(page: string): readonly Link[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']): Link[] => {
    if (/^[a-z]+:/i.test(target)) return []
    const [path = '', anchor = ''] = target.split('#')
    return [{ target, file: path === '' ? page : join(dirname(page), path), anchor }]
  })
}

describe.each(pages)('%s', (page) => {
  it('links to what is there', () => {
    const dead = linksOf(page).filter(({ file, anchor }) => {
      if (!existsSync(join(root, file))) return true
      return anchor !== '' && !anchorsOf(file).has(anchor)
    })
    expect(dead.map(({ target }) => target)).toEqual([])
  })

  it('names files and folders that are there', () => {
    const named = [...textOf(page).matchAll(/`((?:src|test|tools|bench|examples|docs)\/[\w./-]*)`/g)].map(
      ([, path]) => path!,
    )
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

it('the check sees links and anchors', () => {
  expect(pages.flatMap(linksOf).filter(({ anchor }) => anchor !== '').length).toBeGreaterThan(10)
})
