import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { plivoProfile } from '../../../src/dialects/plivo/profile.ts'
import { compatSwitches } from '../../../src/dialects/vobiz/compat.ts'
import { vobizProfile } from '../../../src/dialects/vobiz/profile.ts'

const page = readFileSync(new URL('../../../docs/dialects/vobiz.md', import.meta.url), 'utf8')

it('the page lists every compatibility switch, its default first', () => {
  const listed = [...page.matchAll(/^\| `(\w+)` \| `([\w ]+)` \| `([\w ]+)` \|/gm)].map(([, ...row]) => row)
  expect(listed).toEqual(Object.entries(compatSwitches).map(([name, { values }]) => [name, ...values]))
})

it('the page names every element of both vendors', () => {
  for (const name of [...vobizProfile.response, ...plivoProfile.response]) expect(page).toContain(`\`${name}\``)
})

it('the page states the retry defaults', () => {
  const cell = (key: 'ct' | 'rt' | 'tt' | 'rc') =>
    new RegExp(
      `\\| \`${key}\` \\|.*\\| ${vobizProfile.policy.document[key]} · ${vobizProfile.policy.callback[key]} \\| ${plivoProfile.policy.callback[key]} \\|`,
    )
  for (const key of ['ct', 'rt', 'tt', 'rc'] as const) expect(page).toMatch(cell(key))
})
