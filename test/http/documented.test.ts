import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createFaces } from './faces.ts'

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8')
const faces = createFaces()

describe('docs/api.md', () => {
  it('tells of each route that is served, and of no other', () => {
    const served = faces.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
    const told = [...page.matchAll(/^\| `((?:GET|POST) \/[^`]*)` \|/gm)].map(([, route]) => route)
    expect(new Set(told)).toEqual(new Set(served))
  })

  it('tells of each metric of ours', async () => {
    const names = (await faces.metrics.registry.getMetricsAsJSON())
      .map(({ name }) => name)
      .filter((name) => name.startsWith('onhook_'))
    expect(names.length).toBeGreaterThan(10)
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  it('shows an error as it is', async () => {
    const shown = JSON.parse(/```json\n(\{\n {2}"type".*?)```/s.exec(page)?.[1] ?? '')
    expect((await faces.ask('/api/calls?limit=0')).body).toEqual(shown)
  })
})
