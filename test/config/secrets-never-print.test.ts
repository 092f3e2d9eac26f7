import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { checkConfig } from '../../src/config/load.ts'
import { Secret } from '../../src/config/secret.ts'

const secrets = [
  'token-number-one',
  'token-number-two',
  'password-of-alice',
  'password-of-trunk',
  'auth-token-value',
  'token-of-the-service',
  'token-of-the-homeserver',
]
const file = {
  http: {
    tokens: [
      { name: 'one', token: secrets[0], scopes: ['read'] },
      { name: 'two', tokenEnv: 'TWO', scopes: ['end'] },
    ],
  },
  sip: { users: [{ name: 'alice', password: secrets[2] }] },
  trunks: [{ name: 'carrier', server: 'sip.example', credentials: { username: 'u', password: secrets[3] } }],
  accounts: [{ platform: 'vobiz', authId: 'MA_1', authToken: secrets[4] }],
  matrix: { homeserver: 'http://127.0.0.1:8008', serverName: 'example.org', asToken: secrets[5], hsToken: secrets[6] },
}
const environment = { TWO: secrets[1] }

it('a secret says [secret] however it is printed, and itself when asked', () => {
  const secret = new Secret('value-1')
  expect(
    [`${secret}`, JSON.stringify({ secret }), inspect({ secret }, { showHidden: true, depth: 9 })].join(),
  ).not.toContain('value-1')
  expect(secret.reveal()).toBe('value-1')
})

it('no secret of a configuration is printed with it', () => {
  const checked = checkConfig(file, environment)
  expect(checked.ok).toBe(true)
  const printed = JSON.stringify(checked) + inspect(checked, { depth: 20, showHidden: true })
  for (const secret of secrets) expect(printed).not.toContain(secret)
})

it('and each is there for who needs it', () => {
  const checked = checkConfig(file, environment)
  if (!checked.ok) throw new Error('expected a good configuration')
  const { http, sip, trunks, accounts, matrix } = checked.config
  expect([
    ...http.tokens.map(({ token }) => token.reveal()),
    sip.users[0]?.password.reveal(),
    trunks[0]?.credentials?.password.reveal(),
    accounts[0]?.authToken.reveal(),
    matrix?.asToken.reveal(),
    matrix?.hsToken.reveal(),
  ]).toEqual(secrets)
})

it('no fault quotes a secret', () => {
  const wrong = {
    http: {
      tokens: [
        { name: 'a', token: 'SECRETX', scopes: ['read'] },
        { name: 'b', token: ['SECRETX'], scopes: [] },
      ],
    },
    sip: { users: [{ name: 'alice', password: 'SECRETX' }] },
    accounts: [{ platform: 'vobiz', authId: 'MA_1', authToken: 'SECRETX', authTokenEnv: 'X' }],
  }
  const checked = checkConfig(wrong, { ONHOOK_HTTP_TOKENS: '', ONHOOK_ACCOUNTS: '[{"authToken":"SECRETX"' })
  expect(checked.ok).toBe(false)
  expect(JSON.stringify(checked)).not.toContain('SECRETX')
})

it('a secret whose variable is not set, or empty, is a fault', () => {
  const faults = (environment: Record<string, string>) => {
    const checked = checkConfig({ accounts: [{ platform: 'vobiz', authId: 'MA', authTokenEnv: 'T' }] }, environment)
    return checked.ok ? [] : checked.faults.map(({ code, place, message }) => [code, place, message])
  }
  const missing = [['config.variable', '$.accounts[0].authTokenEnv', 'the variable T is not set']]
  expect(faults({})).toEqual(missing)
  expect(faults({ T: '' })).toEqual(missing)
  expect(faults({ T: 'short' })).toHaveLength(1)
  // What every object has is no variable.
  const named = (authTokenEnv: string) =>
    checkConfig({ accounts: [{ platform: 'vobiz', authId: 'MA', authTokenEnv }] }, { T: 'long-enough' }).ok
  expect(['constructor', '__proto__', 'T'].map(named)).toEqual([false, false, true])
  expect(faults({ T: 'long-enough' })).toEqual([])
})
