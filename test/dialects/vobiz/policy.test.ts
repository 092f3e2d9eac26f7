import { describe, expect, it } from 'vitest'
import { plivoProfile } from '../../../src/dialects/plivo/profile.ts'
import { readPolicy } from '../../../src/dialects/vobiz/policy.ts'
import { vobizProfile } from '../../../src/dialects/vobiz/profile.ts'

const defaults = plivoProfile.policy.callback

describe('the callback policy in a URL’s fragment', () => {
  it('is taken out of the URL', () => {
    expect(readPolicy('https://x/a?q=1#ct=2000&rt=3000&rc=2&rp=ct,rt', defaults)).toEqual({
      url: 'https://x/a?q=1',
      policy: { ct: 2000, rt: 3000, tt: 55_000, rc: 2, rp: ['ct', 'rt'] },
      warnings: [],
    })
  })

  const edges: readonly [
    key: 'ct' | 'rt' | 'tt' | 'rc',
    fine: readonly number[],
    wrong: readonly (number | string)[],
  ][] = [
    ['ct', [100, 10_000], [99, 10_001, 'x', '', '1e3', '-5']],
    ['rt', [100, 40_000], [99, 40_001]],
    ['tt', [100, 55_000], [99, 55_001]],
    ['rc', [0, 5], [6, '1.5']],
  ]
  it.each(edges)('%s keeps to its range', (key, fine, wrong) => {
    for (const value of fine) {
      const read = readPolicy(`https://x/#${key}=${value}`, defaults)
      expect(read.policy[key]).toBe(value)
      expect(read.warnings).toEqual([])
    }
    for (const value of wrong) {
      const read = readPolicy(`https://x/#${key}=${value}`, defaults)
      expect(read.policy[key]).toBe(defaults[key])
      expect(read.warnings).toMatchObject([{ code: 'vobiz.policy', place: `#${key}` }])
    }
  })

  it('knows what to retry', () => {
    expect(readPolicy('u#rp=all', defaults).policy.rp).toEqual(['ct', 'rt', '4xx', '5xx'])
    expect(readPolicy('u#rp=5xx', defaults).policy.rp).toEqual(['5xx'])
    expect(readPolicy('u#rp=never', defaults)).toMatchObject({
      policy: { rp: defaults.rp },
      warnings: [{ place: '#rp' }],
    })
  })

  it('warns of keys that it does not know, but not of an edge region', () => {
    expect(readPolicy('u#er=us&zz=1', defaults).warnings).toMatchObject([{ place: '#zz' }])
  })

  it('drops an ordinary fragment without a word', () => {
    expect(readPolicy('u#top', defaults)).toEqual({ url: 'u', policy: defaults, warnings: [] })
    expect(readPolicy('u', defaults).url).toBe('u')
  })

  it('has each vendor’s defaults', () => {
    expect(plivoProfile.policy.callback).toEqual({ ct: 2000, rt: 40_000, tt: 55_000, rc: 1, rp: ['ct', 'rt'] })
    expect(vobizProfile.policy.callback).toMatchObject({ rt: 3000, rc: 3 })
    expect(vobizProfile.policy.document).toMatchObject({ rt: 10_000, tt: 60_000 })
  })
})
