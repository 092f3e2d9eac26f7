import { expect, it } from 'vitest'
import { checkConfig } from '../../src/config/load.ts'

const matrix = { serverName: 'example.org', asToken: 'long-enough-token-1', hsToken: 'long-enough-token-2' }

it.each([
  ['$.matrix.homeserver', (url: string) => ({ matrix: { ...matrix, homeserver: url } })],
  ['$.matrix.url', (url: string) => ({ matrix: { ...matrix, homeserver: 'http://127.0.0.1:8008', url } })],
  ['$.functions.menu.url', (url: string) => ({ functions: { menu: { url } } })],
])('%s: a user and a password that would not be sent are a fault, and not printed', (place, file) => {
  for (const wrong of ['http://me:hush@127.0.0.1:8010/', 'http://hush@127.0.0.1:8010/', 'http://:hush@127.0.0.1/']) {
    const checked = checkConfig(file(wrong), {})
    expect(checked.ok ? [] : checked.faults).toEqual([
      expect.objectContaining({ place, message: expect.stringContaining('without user and password') }),
    ])
    expect(JSON.stringify(checked)).not.toContain('hush')
  }
  expect(checkConfig(file('http://127.0.0.1:8010/'), {})).toMatchObject({ ok: true })
})

it('an address that is none is one fault', () => {
  const checked = checkConfig({ functions: { menu: { url: '127.0.0.1' } } }, {})
  expect(checked.ok ? [] : checked.faults.map(({ message }) => message)).toEqual(['expected an http or https URL'])
})
