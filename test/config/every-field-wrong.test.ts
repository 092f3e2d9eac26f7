import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkConfig } from '../../src/config/load.ts'

const page = readFileSync(new URL('../../docs/config.md', import.meta.url), 'utf8')
const whole: unknown = JSON.parse(/## A whole example\s+```json\n([\s\S]*?)```/.exec(page)![1]!)
const environment = Object.fromEntries(
  [...page.matchAll(/Env": "(\w+)"/g)].map(([, name]) => [name!, `hidden-${name}-0123456789`]),
)

type Place = readonly (string | number)[]

function* places(value: unknown, at: Place = []): Generator<Place> {
  if (at.length > 0) yield at
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value))
    yield* places(inner, [...at, Array.isArray(value) ? Number(key) : key])
}

function spoilt(place: Place, wrong: unknown): unknown {
  const copy = structuredClone(whole)
  // biome-ignore lint/suspicious/noExplicitAny: a configuration of any shape
  const holder = place.slice(0, -1).reduce<any>((inner, key) => inner[key], copy)
  holder[place.at(-1)!] = wrong
  return copy
}

/** Of no use anywhere, whatever is expected. */
const wrongs = [null, -7, 1e99, [null], { a: 1 }, [[]], 'http://[\r\n', 'x'.repeat(100_000)]

/** Free text: any string will do. */
const free = /path$|username$|callerId$|authId$|accessKeyId$|function$/

test('the example of the page is right', () => {
  expect(checkConfig(whole, environment)).toMatchObject({ ok: true, warnings: [] })
})

test.each([...places(whole)].map((place) => [place.join('.'), place] as const))('%s', (name, place) => {
  for (const wrong of wrongs) {
    if (typeof wrong === 'string' && free.test(name)) continue
    const checked = checkConfig(spoilt(place, wrong), environment)
    if (checked.ok) throw new Error(`${name} may be ${JSON.stringify(wrong).slice(0, 40)}`)
    for (const { place: where, message } of checked.faults) {
      expect(where).toMatch(/^\$/)
      expect(message).not.toBe('')
    }
    expect(JSON.stringify(checked)).not.toContain('hidden-')
    expect(JSON.stringify(checked).length).toBeLessThan(20_000)
  }
})
