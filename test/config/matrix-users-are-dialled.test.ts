import { expect, test } from 'vitest'
import { createDialer } from '../../src/config/dialer.ts'
import { checkConfig, defineConfig } from '../../src/config/load.ts'

const matrix = {
  homeserver: 'http://127.0.0.1:8008',
  serverName: 'example.org',
  asToken: 'as-token-as-token',
  hsToken: 'hs-token-hs-token',
}
const trunks = [{ name: 'carrier', server: 'a.example' }]

test('apps and the API reach the Matrix users that a rule names, and no others', () => {
  const outbound = [{ to: '@*:example.org' }, { to: '*', trunk: 'carrier' }]
  const dialer = createDialer(defineConfig({ matrix, trunks, outbound }, {}))
  expect(dialer.target({ to: '@bob:example.org', from: '100' })).toEqual({
    ok: true,
    target: { network: 'matrix', to: '@bob:example.org', from: '100' },
  })
  // A rule for every number is none for people.
  expect(dialer.target({ to: '@bob:elsewhere.org' })).toMatchObject({ ok: false, code: 'dial.no-rule' })
  expect(dialer.target({ to: '@bob' })).toMatchObject({ ok: false, code: 'dial.bad-address' })
})

test('without a homeserver there is nobody to call', () => {
  expect(checkConfig({ outbound: [{ to: '@*:example.org' }] }, {})).toMatchObject({
    ok: false,
    faults: [{ code: 'config.missing', place: '$.outbound[0]' }],
  })
})
