import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config/load.ts'

/** Long enough, and no value of an HTTP header as it stands: what fetch, undici and proxies refuse or change. */
const wrong = [
  ['beyond Latin-1', 'long-enough-token-€'],
  ['beyond ASCII', 'long-enough-tokén-1'],
  ['a blank inside', 'long enough token 1'],
  ['the line break of a file', 'long-enough-token-1\n'],
  ['a header of its own', 'long-enough-token\r\nX-Admin: 1'],
] as const

function faults(file: unknown, environment: Record<string, string> = {}) {
  const checked = checkConfig(file, environment)
  return { all: checked.ok ? [] : checked.faults, printed: JSON.stringify(checked) }
}

const matrix = (keys: object) => ({
  matrix: { homeserver: 'http://127.0.0.1:8008', serverName: 'example.org', ...keys },
})
const good = 'long-enough-token-1'

describe.each(wrong)('a token with %s is a fault where it stands, and not printed', (_, token) => {
  it.each([
    ['$.http.tokens[0].token', { http: { tokens: [{ name: 'a', token, scopes: ['read'] }] } }, {}],
    ['$.http.tokens[0].tokenEnv', { http: { tokens: [{ name: 'a', tokenEnv: 'T', scopes: ['read'] }] } }, { T: token }],
    ['$.http.tokens[0].token', {}, { ONHOOK_HTTP_TOKEN: token }],
    ['$.matrix.asToken', matrix({ asToken: token, hsToken: good }), {}],
    ['$.matrix.hsTokenEnv', matrix({ asToken: good, hsTokenEnv: 'T' }), { T: token }],
  ])('%s', (place, file, environment) => {
    const { all, printed } = faults(file, environment)
    expect(all.map((one) => one.place)).toEqual([place])
    expect(all[0]!.message).toContain('printable ASCII characters without blanks')
    for (const variable of Object.keys(environment)) expect(all[0]!.message).toContain(variable)
    expect(printed).not.toContain(token.slice(0, 8))
  })
})

it('any printable ASCII may be in one', () => {
  const every = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join('')
  expect(faults({ http: { tokens: [{ name: 'a', token: every, scopes: ['read'] }] } }).all).toEqual([])
})
