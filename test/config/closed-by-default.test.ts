import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../src/config/load.ts'

const token = { name: 'ops', token: 'a-long-enough-token', scopes: ['admin'] }
const carrier = { name: 'carrier', server: 'sip.example', sources: ['203.0.113.0/24'] }

function codes(file: unknown, environment = {}): string[] {
  const checked = checkConfig(file, environment)
  return checked.ok ? [] : checked.faults.map(({ code, place }) => `${code} ${place}`)
}

describe('on an address that is not loopback', () => {
  it.each(['0.0.0.0', '::', '192.0.2.4', '10.0.0.1', 'onhook.example', '127.0.0.1.example'])(
    'there is no start without tokens: %s',
    (host) => {
      expect(codes({ http: { host } })).toEqual(['config.open $.http.tokens'])
      expect(codes({ http: { host, tokens: [token] } })).toEqual([])
      expect(codes({ http: { host } }, { ONHOOK_HTTP_TOKEN: 'from-the-environment' })).toEqual([])
    },
  )

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('and on loopback none is needed: %s', (host) => {
    expect(codes({ http: { host } })).toEqual([])
  })

  it('an empty variable is no token', () => {
    expect(codes({ http: { host: '0.0.0.0' } }, { ONHOOK_HTTP_TOKEN: '' })).toEqual(['config.open $.http.tokens'])
  })
})

describe('nobody reaches a trunk without a route that says so', () => {
  it('and no route lets strangers reach one', () => {
    const route = { to: '+1*', direct: { trunk: 'carrier' } }
    expect(codes({ trunks: [carrier], routes: [{ ...route, from: 'anyone' }] })).toEqual(['config.open $.routes[0]'])
    expect(codes({ trunks: [carrier], routes: [{ ...route, from: ['users', 'anyone'] }] })).toEqual([
      'config.open $.routes[0]',
    ])
    expect(codes({ trunks: [carrier], routes: [{ ...route, from: 'users' }] })).toEqual([])
    expect(codes({ trunks: [carrier], routes: [route] })).toEqual([])
  })

  it.each(['0.0.0.0/0', '::/0'])('and the whole internet is no trunk: %s', (source) => {
    expect(codes({ trunks: [{ name: 'a', sources: [source] }] })).toEqual(['config.open $.trunks[0].sources[0]'])
  })
})

describe('webhook targets in private ranges are refused unless allowed', () => {
  const routeTo = (answerUrl: string) => [{ to: '1', app: { platform: 'vobiz', answerUrl } }]
  it.each([
    'http://127.0.0.1:3000/',
    'http://localhost/a',
    'http://10.1.2.3/',
    'http://192.168.0.9/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]:3000/',
    'http://[fd00::1]/',
    'http://2130706433/',
    'http://0x7f.1/',
  ])('%s', (url) => {
    expect(codes({ routes: routeTo(url) })).toEqual(['config.open $.routes[0].app.answerUrl'])
  })

  it('and allowed by range', () => {
    expect(codes({ routes: routeTo('http://10.1.2.3/'), delivery: { allowPrivate: ['10.0.0.0/8'] } })).toEqual([])
    expect(codes({ routes: routeTo('http://localhost/'), delivery: { allowPrivate: ['127.0.0.1'] } })).toEqual([])
  })

  it('and a public name is asked about when it is called, not at start', () => {
    expect(codes({ routes: routeTo('https://app.example/') })).toEqual([])
  })
})

it('a wildcard address is no address to be answered at', () => {
  expect(codes({ sip: { listen: [{ host: '0.0.0.0' }] } })).toEqual(['config.missing $.sip.advertised'])
  expect(codes({ sip: { listen: [{ host: '0.0.0.0' }], advertised: '203.0.113.9' } })).toEqual([])
})

it('a SIP port that others reach, and that nobody may use, is pointed out', () => {
  const sip = { listen: [{ host: '192.0.2.1' }] }
  const warnings = (file: unknown) => checkConfig(file).warnings.map(({ place }) => place)
  expect(warnings({ sip, routes: [{ to: '*', refuse: 'busy' }] })).toEqual(['$.sip'])
  expect(warnings({ sip, trunks: [carrier], routes: [{ to: '*', refuse: 'busy' }] })).toEqual([])
})
